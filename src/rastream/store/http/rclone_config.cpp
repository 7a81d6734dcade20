// SPDX-License-Identifier: Apache-2.0
// The remotes of rclone, so that who uses it need not write them down twice.
#include <map>
#include <string_view>

#include "rastream/base/error.h"
#include "rastream/base/trimmed.h"
#include "rastream/store/http/address_zone.h"
#include "rastream/store/http/credentials.h"
#include "rastream/store/http/private_file.h"

namespace rastream {
namespace {

struct Remote {
  std::string name;
  std::map<std::string, std::string> values;
  std::string get(const char* key) const {
    const auto it = values.find(key);
    return it == values.end() ? "" : it->second;
  }
};

std::vector<Remote> parse_remotes(std::string_view text, const std::filesystem::path& path) {
  std::vector<Remote> remotes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.starts_with("RCLONE_ENCRYPT_V"))
      throw Error(Errc::unsupported, "'{}': an encrypted rclone configuration is not read",
                  path.native());
    const std::size_t equals = line.find('=');
    if (line.starts_with('[') && line.ends_with(']')) {
      remotes.push_back({std::string(line.substr(1, line.size() - 2)), {}});
    } else if (equals == std::string::npos || remotes.empty()) {
      throw Error(Errc::data_loss, "'{}': expected [remote] and key = value", path.native());
    } else {
      remotes.back().values[std::string(trimmed(line.substr(0, equals)))] =
          trimmed(line.substr(equals + 1));
    }
  }
  return remotes;
}

Credential unusable(const std::string& source, std::string_view why) {
  Credential c;
  c.kind = Credential::Kind::unusable;
  c.source = fmt::format("{}: {}: write a token_file entry into credentials.json", source, why);
  return c;
}

Credential webdav_credential(const Remote& remote, const std::string& source) {
  if (!remote.get("bearer_token_command").empty())
    return unusable(source, "bearer_token_command is not run");
  if (remote.get("bearer_token").empty())
    return unusable(source, "rclone keeps passwords obscured, and these are not read");
  const Url url = parse_url(remote.get("url"));
  if (url.scheme == "http" && !is_loopback_host(url.host))
    return unusable(source, "a token is not sent over plain http");
  Credential c;
  c.secret = Secret(remote.get("bearer_token"));
  c.source = source;
  return c;
}

void add_webdav(const Remote& remote, const std::string& source, Credentials& credentials) {
  const bool has_credential = !remote.get("bearer_token").empty() || !remote.get("pass").empty() ||
                              !remote.get("bearer_token_command").empty();
  if (!has_credential || remote.get("url").empty()) return;
  credentials.add(remote.get("url"), webdav_credential(remote, source));
}

void add_s3(const Remote& remote, const std::string& source, Credentials& credentials) {
  if (remote.get("access_key_id").empty() || remote.get("secret_access_key").empty()) return;
  Credential c;
  c.kind = Credential::Kind::s3;
  c.s3 = {remote.get("access_key_id"), Secret(remote.get("secret_access_key")),
          Secret(remote.get("session_token")), remote.get("region")};
  c.source = source;
  std::string endpoint = remote.get("endpoint");
  if (!endpoint.empty() && endpoint.find("://") == endpoint.npos) endpoint = "https://" + endpoint;
  credentials.add(endpoint.empty() ? "s3://" : endpoint, std::move(c));
}

}  // namespace

void add_rclone_config(const std::filesystem::path& path, Credentials& credentials) {
  for (const Remote& remote : parse_remotes(read_private_file(path), path)) {
    const std::string source = fmt::format("remote '{}' of '{}'", remote.name, path.native());
    if (remote.get("type") == "webdav") add_webdav(remote, source, credentials);
    if (remote.get("type") == "s3") add_s3(remote, source, credentials);
  }
}

}  // namespace rastream
