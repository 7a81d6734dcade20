// SPDX-License-Identifier: Apache-2.0
// What a user may show to which server, and where it is kept: files and environment, never a
// command line.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rastream/store/http/secret.h"
#include "rastream/store/http/url.h"

namespace rastream {

/// Keys of an S3 service: what signs a request.
struct S3Keys {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token = {};
  std::string region = {};  ///< "" : the caller's choice
};

/// What is sent to one server.
struct Credential {
  enum class Kind {
    basic,
    bearer,
    headers,
    s3,
    unusable,  ///< known, but not to be had: `source` says why
  };
  Kind kind = Kind::bearer;
  std::string username = {};                                 ///< basic
  Secret secret = {};                                        ///< basic: password; bearer: token
  std::vector<std::pair<std::string, Secret>> headers = {};  ///< headers
  S3Keys s3 = {};                                            ///< s3
  /// URLs of sites, as prefixes, that send their users here to log in, by redirects and cookies.
  std::vector<std::string> sites = {};
  std::string source = {};  ///< for errors: "token file '/home/x/token'", without a secret

  /// The header fields that it adds to a request; none of s3, which signs. Throws unsupported for
  /// an unusable one.
  std::vector<std::pair<std::string, Secret>> fields() const;
};

/// Credentials by URL prefix. Immutable after it was filled; then safe from many threads.
class Credentials {
 public:
  /// `prefix` is an origin with a path ("https://host:2880/pnfs/project/"); it matches URLs of the
  /// same scheme, host and port whose path is that one or lies below it. "s3://" matches every
  /// bucket. Throws invalid_argument when `prefix` or a site is no URL, or is plain http to another
  /// machine, which would show the secret.
  void add(const std::string& prefix, Credential credential);
  /// The one with the longest matching path; of equal ones the first that was added.
  const Credential* find(const Url& url) const;
  /// The same of kind s3 alone; `url` may be "s3://bucket/key" or the https URL of the endpoint.
  const Credential* find_s3(const Url& url) const;
  /// The one for `url` that has `site` among its sites.
  const Credential* find_login(const Url& url, const Url& site) const;
  /// Whether any has.
  bool has_login(const Url& site) const;
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    Url prefix;
    Credential credential;
    std::vector<Url> sites = {};
    bool is_login_of(const Url& site) const;
  };
  template <typename Accept>
  const Credential* best(const Url& url, Accept&& accepts) const;
  std::vector<Entry> entries_;
};

/// The value of an environment variable; nothing when there is none. Replaced in tests.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

/// All that is configured, the first that matches wins:
/// 1. $RASTREAM_CREDENTIALS, else $XDG_CONFIG_HOME/rastream/credentials.json, else
///    ~/.config/rastream/credentials.json (see docs/stores.md);
/// 2. $RASTREAM_TOKEN_FILE, a token for the URLs below $RASTREAM_TOKEN_URL;
/// 3. $AWS_ACCESS_KEY_ID, $AWS_SECRET_ACCESS_KEY, $AWS_SESSION_TOKEN, $AWS_REGION for s3://;
/// 4. $NETRC, else ~/.netrc: login and password by host, for https alone.
/// Throws permission_denied for a file that others than its owner can read, and data_loss for one
/// that is not what it should be; neither shows what is in it.
Credentials load_credentials(const Environment& environment = process_environment());

/// Adds what the JSON file `path` says: {"credentials": [ENTRY, ...]}, where an ENTRY has a "url"
/// and
/// * "token_file" or "token_env": a bearer token or macaroon in a file or an environment variable;
/// * "username" and one of "password", "password_file", "password_env";
/// * "headers": {name: value, ...};
/// * "access_key_id", "secret_access_key" and, if need be, "session_token", "region" (S3);
///   each but the last also "sites": [URL, ...], which send their users there to log in;
/// or, without "url", is {"rclone": FILE} or {"netrc": FILE}. "~/" is $HOME, a relative file name
/// counts from the folder of `path`. Other members, such as those that turn the checks of
/// certificates off, are refused: invalid_argument.
void add_credentials_file(const std::filesystem::path& path, const Environment& environment,
                          Credentials& credentials);
/// Adds the machines of the netrc file `path`.
void add_netrc(const std::filesystem::path& path, Credentials& credentials);
/// Adds the remotes of type webdav (bearer_token) and s3 of the rclone configuration `path`. A
/// remote with a password, which rclone keeps obscured, or bearer_token_command is unusable: it
/// fails when it is needed. Throws unsupported for an encrypted file.
void add_rclone_config(const std::filesystem::path& path, Credentials& credentials);
/// The token in the file `path`, without blanks around it. Throws permission_denied when others can
/// read it, data_loss when it is empty or of more than one line.
Secret read_token_file(const std::filesystem::path& path);

}  // namespace rastream
