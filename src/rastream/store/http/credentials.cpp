// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/credentials.h"

#include <cstdlib>

#include "rastream/base/base64.h"
#include "rastream/base/error.h"
#include "rastream/store/http/address_zone.h"

namespace rastream {
namespace {

/// True when `path` is `prefix` or lies below it: "/a" covers "/a" and "/a/b", not "/ab".
bool covers(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return false;
  return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

/// A server may take "/a/../b" and "/a/%2e%2e/b" for "/b", which is not below "/a".
bool is_plain_path(std::string_view path) {
  const auto decoded = percent_decode(path);
  if (!decoded) return false;
  return (*decoded + "/").find("/../") == std::string::npos &&
         (*decoded + "/").find("/./") == std::string::npos;
}

bool is_same_place(const Url& prefix, const Url& url) {
  if (prefix.host.empty()) return url.scheme == prefix.scheme;
  return prefix.origin() == url.origin();
}

std::string basic_field(const Credential& credential) {
  const std::string text = credential.username + ":" + credential.secret.reveal();
  return "Basic " + base64_encode(std::as_bytes(std::span(text)));
}

}  // namespace

std::vector<std::pair<std::string, Secret>> Credential::fields() const {
  switch (kind) {
    case Kind::basic: return {{"Authorization", Secret(basic_field(*this))}};
    case Kind::bearer: return {{"Authorization", Secret("Bearer " + secret.reveal())}};
    case Kind::headers: return headers;
    case Kind::s3: return {};
    case Kind::unusable: break;
  }
  throw Error(Errc::unsupported, "credential: {}", source);
}

void Credentials::add(const std::string& prefix, Credential credential) {
  if (prefix == "s3://") {
    entries_.push_back({Url{"s3", "", "", 0, "/"}, std::move(credential)});
    return;
  }
  Url url = parse_url(prefix);
  if (!url.userinfo.empty() || url.query || url.fragment)
    throw Error(Errc::invalid_argument,
                "credential for '{}': expected a URL of scheme, host, port and path alone",
                printable_url(prefix));
  const bool is_shown =
      credential.kind != Credential::Kind::s3 && credential.kind != Credential::Kind::unusable;
  if (url.scheme == "http" && is_shown && !is_loopback_host(url.host))
    throw Error(Errc::invalid_argument,
                "credential for '{}': it would be sent over plain http: expected https",
                printable_url(prefix));
  entries_.push_back({std::move(url), std::move(credential)});
}

const Credential* Credentials::best(const Url& url, bool is_s3) const {
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if ((entry.credential.kind == Credential::Kind::s3) != is_s3 ||
        !is_same_place(entry.prefix, url) || !covers(entry.prefix.path, url.path))
      continue;
    if (entry.prefix.path != "/" && !is_plain_path(url.path)) continue;
    if (!found || entry.prefix.path.size() > found->prefix.path.size()) found = &entry;
  }
  return found ? &found->credential : nullptr;
}

const Credential* Credentials::find(const Url& url) const { return best(url, false); }
const Credential* Credentials::find_s3(const Url& url) const { return best(url, true); }

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

}  // namespace rastream
