// SPDX-License-Identifier: Apache-2.0
// Where credentials are kept: our own JSON file, token files and the environment.
#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/base/json.h"
#include "rastream/base/trimmed.h"
#include "rastream/store/http/credentials.h"
#include "rastream/store/http/private_file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// One entry of the file, with what is needed to understand it.
class Entry {
 public:
  Entry(const Json& json, const fs::path& file, std::size_t index, const Environment& environment)
      : json_(json),
        file_(file),
        what_(fmt::format("'{}', credential {}", file.native(), index)),
        environment_(environment) {
    if (!json.is_object()) refuse("expected an object");
  }

  void add_to(Credentials& credentials) const {
    check_members();
    if (has("sites") && (has("rclone") || has("netrc")))
      refuse("expected 'sites' with a 'url' of its own");
    if (has("rclone")) return add_rclone_config(path("rclone"), credentials);
    if (has("netrc")) return add_netrc(path("netrc"), credentials);
    const std::string url = text("url");
    try {
      credentials.add(url, credential());
    } catch (Error& e) {
      throw e.add_context(what_);
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Errc::invalid_argument, "{}: {}", what_, why);
  }

  bool has(const char* key) const { return json_.contains(key); }

  void check_members() const {
    constexpr std::array<std::string_view, 17> kKnown = {
        "url",           "token_file",   "token_env", "username",      "password",
        "password_file", "password_env", "headers",   "access_key_id", "secret_access_key",
        "session_token", "region",       "rclone",    "netrc",         "comment",
        "name",          "sites"};
    for (const auto& member : json_.items()) {
      if (std::find(kKnown.begin(), kKnown.end(), member.key()) == kKnown.end())
        refuse(fmt::format("member '{}' is not known (certificates are always checked)",
                           member.key()));
    }
  }

  /// Not by json_member, whose error might show the value.
  std::string text(const char* key) const {
    if (!has(key) || !json_[key].is_string()) refuse(fmt::format("expected '{}' with a text", key));
    return json_[key].get<std::string>();
  }

  fs::path path(const char* key) const {
    const std::string name = text(key);
    if (name.starts_with("~/")) return fs::path(environment_("HOME").value_or("")) / name.substr(2);
    return file_.parent_path() / name;
  }

  Secret from_environment(const char* key) const {
    const std::string name = text(key);
    const auto value = environment_(name);
    if (!value || value->empty())
      refuse(fmt::format("the environment variable '{}' is not set", name));
    return Secret(*value);
  }

  Credential credential() const {
    Credential c;
    c.source = what_;
    if (has("token_file") || has("token_env")) {
      c.secret =
          has("token_file") ? read_token_file(path("token_file")) : from_environment("token_env");
    } else if (has("username")) {
      c.kind = Credential::Kind::basic;
      c.username = text("username");
      c.secret = password();
    } else if (has("headers")) {
      c.kind = Credential::Kind::headers;
      c.headers = headers();
    } else if (has("access_key_id")) {
      c.kind = Credential::Kind::s3;
      c.s3 = s3_keys();
    } else {
      refuse("expected token_file, token_env, username, headers or access_key_id");
    }
    if (has("sites")) c.sites = sites(c.kind);
    return c;
  }

  Secret password() const {
    if (has("password_file")) return read_token_file(path("password_file"));
    if (has("password_env")) return from_environment("password_env");
    return Secret(text("password"));
  }

  std::vector<std::pair<std::string, Secret>> headers() const {
    const Json& members = json_["headers"];
    if (!members.is_object()) refuse("expected 'headers' with an object");
    std::vector<std::pair<std::string, Secret>> out;
    for (const auto& member : members.items()) {
      if (!member.value().is_string())
        refuse(fmt::format("header '{}': expected a text", member.key()));
      out.emplace_back(member.key(), Secret(member.value().get<std::string>()));
    }
    return out;
  }

  std::vector<std::string> sites(Credential::Kind kind) const {
    const Json& list = json_["sites"];
    const bool are_texts =
        list.is_array() &&
        std::all_of(list.begin(), list.end(), [](const Json& site) { return site.is_string(); });
    if (!are_texts || kind == Credential::Kind::s3)
      refuse("expected 'sites' with a list of URLs, and not of S3");
    return list.get<std::vector<std::string>>();
  }

  S3Keys s3_keys() const {
    S3Keys keys{text("access_key_id"), Secret(text("secret_access_key"))};
    if (has("session_token")) keys.session_token = Secret(text("session_token"));
    if (has("region")) keys.region = text("region");
    return keys;
  }

  const Json& json_;
  const fs::path& file_;
  std::string what_;
  const Environment& environment_;
};

/// The parser's own message shows a piece of the text, which may be a secret.
Json parse_secret_json(const std::string& text, const fs::path& path) {
  try {
    return parse_json(text, path.native());
  } catch (const Error&) {
    throw Error(Errc::data_loss, "'{}': not JSON", path.native());
  }
}

void add_from_environment(const Environment& environment, Credentials& credentials) {
  const auto token_file = environment("RASTREAM_TOKEN_FILE");
  const auto token_url = environment("RASTREAM_TOKEN_URL");
  if (token_file && token_url) {
    Credential c;
    c.secret = read_token_file(*token_file);
    c.source = fmt::format("token file '{}'", *token_file);
    credentials.add(*token_url, std::move(c));
  }
  const auto id = environment("AWS_ACCESS_KEY_ID");
  const auto key = environment("AWS_SECRET_ACCESS_KEY");
  if (!id || !key) return;
  Credential c;
  c.kind = Credential::Kind::s3;
  c.source = "environment";
  c.s3 = {*id, Secret(*key), Secret(environment("AWS_SESSION_TOKEN").value_or("")),
          environment("AWS_REGION").value_or("")};
  credentials.add("s3://", std::move(c));
}

}  // namespace

Secret read_token_file(const fs::path& path) {
  const std::string text = read_private_file(path);
  const std::string_view token = trimmed(text);
  if (token.empty()) throw Error(Errc::data_loss, "token file '{}': empty", path.native());
  if (std::any_of(token.begin(), token.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f;
      }))
    throw Error(Errc::data_loss, "token file '{}': expected one line of text", path.native());
  return Secret(std::string(token));
}

void add_credentials_file(const fs::path& path, const Environment& environment,
                          Credentials& credentials) {
  const Json json = parse_secret_json(read_private_file(path), path);
  if (!json.is_object() || !json.contains("credentials") || !json["credentials"].is_array())
    throw Error(Errc::data_loss, "'{}': expected {{\"credentials\": [...]}}", path.native());
  std::size_t index = 0;
  for (const Json& entry : json["credentials"])
    Entry(entry, path, index++, environment).add_to(credentials);
}

Credentials load_credentials(const Environment& environment) {
  Credentials credentials;
  const std::string home = environment("HOME").value_or("");
  const auto file = environment("RASTREAM_CREDENTIALS");
  const fs::path own = file ? fs::path(*file)
                            : fs::path(environment("XDG_CONFIG_HOME").value_or(home + "/.config")) /
                                  "rastream" / "credentials.json";
  if (file || fs::exists(own)) add_credentials_file(own, environment, credentials);
  add_from_environment(environment, credentials);
  const auto netrc = environment("NETRC");
  const fs::path machines = netrc ? fs::path(*netrc) : fs::path(home) / ".netrc";
  if (netrc || (!home.empty() && fs::exists(machines))) add_netrc(machines, credentials);
  return credentials;
}

}  // namespace rastream
