// SPDX-License-Identifier: Apache-2.0
// Requests to servers: credentials, redirects, retries and address rules in one call. Everything in
// rastream that speaks HTTP goes through here.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "rastream/store/http/credentials.h"
#include "rastream/store/http/dead_hosts.h"
#include "rastream/store/http/http_message.h"
#include "rastream/store/http/retry.h"

namespace rastream {

struct HttpOptions {
  HttpTimeouts timeouts = {};
  RetryPolicy retry = {};
  DeadHostPolicy dead_hosts = {};
  int max_redirects = 10;
  /// More requests to one origin at a time wait for their turn.
  int connections_per_origin = 8;
  /// Open connections that are kept for later, of all origins.
  int idle_connections = 32;
  std::int64_t max_header_bytes = 64 << 10;  ///< of a response, all its fields together
  std::string user_agent = "rastream/0.1";
  /// Certificates to trust instead of the system's: a file and a folder (as grid sites use).
  /// Defaults: $RASTREAM_CA_FILE, $RASTREAM_CA_PATH.
  std::filesystem::path ca_file = {};
  std::filesystem::path ca_path = {};
  std::shared_ptr<const Credentials> credentials = {};  ///< none when null
  RetryClock clock = RetryClock::real();
};

/// Safe to call from many threads; each call does its work in the caller's thread, over connections
/// that are kept and shared (HTTP/1.1).
///
/// * The answer is returned, 4xx and 5xx too (check_success() makes an Error of one), but for the
///   statuses that may pass (is_transient_status): these are tried again, and at last thrown.
/// * Redirects are followed (limit, loops and https to http refused: data_loss). 303, and 301 and
///   302 of a POST, become GET; all others keep method and body. On the way to another origin
///   (scheme, host, port) credentials and all headers but a few harmless ones stay behind. A site
///   that a credential names (Credential::sites) may send its users to log in with it, and knows
///   them by cookies afterwards, which stay in memory and go to the origin that set them.
/// * A host that took no connection in many attempts in a row (DeadHostPolicy) is not asked for a
///   while: unavailable at once. Then one request tries. One that was sent to such a host by
///   another origin (a pool of dCache) is tried again where it began.
/// * Throws unavailable (no connection, timeout, reset, stopped), data_loss (body broken off or too
///   long, wrong range, nonsense), permission_denied (certificate; an address that the rules
///   forbid), unsupported (range not served), invalid_argument (URL).
/// * No error, and nothing else that is printed, shows a query, a credential or a header's value.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpResponse send(const HttpRequest& request);

  /// GET of a whole body that fits into memory; throws unless the status is 2xx.
  HttpResponse get(const std::string& url);

  const HttpOptions& options() const { return options_; }

 private:
  class Impl;
  HttpOptions options_;
  std::unique_ptr<Impl> impl_;
};

/// The client of this process, with load_credentials(); made at its first use.
std::shared_ptr<HttpClient> default_http_client();

}  // namespace rastream
