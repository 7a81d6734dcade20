// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/http_client.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "rastream/store/http/curl_pool.h"
#include "rastream/store/http/session_cookies.h"

namespace rastream {
namespace {

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view n) { return equals_ignoring_case(n, name); });
}

/// What may go to an origin that the caller did not name: nothing that could be a secret.
bool is_harmless(std::string_view name) {
  return is_any_of(name, {"Accept", "Accept-Encoding", "Accept-Language", "Range", "If-Range",
                          "If-Match", "If-None-Match", "If-Modified-Since", "Content-Type",
                          "Content-MD5", "Content-Digest", "Repr-Digest", "Digest", "Want-Digest",
                          "Want-Repr-Digest", "Depth", "Overwrite", "Expect"});
}

bool is_idempotent(const HttpRequest& request) {
  return request.is_idempotent.value_or(
      is_any_of(request.method, {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND"}));
}

bool is_redirect(const HttpResponse& response) {
  const int s = response.status;
  return (s == 301 || s == 302 || s == 303 || s == 307 || s == 308) &&
         response.headers.find("Location");
}

Url parse_http_url(const std::string& text) {
  Url url = parse_url(text);
  if (url.scheme != "http" && url.scheme != "https")
    throw Error(Errc::invalid_argument, "'{}': expected http:// or https://", printable_url(text));
  if (!url.userinfo.empty())
    throw Error(Errc::invalid_argument,
                "'{}': a URL with a user name or password in it is not taken: put them into the "
                "credentials file",
                printable_url(text));
  url.fragment.reset();
  return url;
}

std::string range_text(ByteRange range) {
  if (range.begin < 0 || (range.end >= 0 && range.end <= range.begin))
    throw Error(Errc::invalid_argument, "range of bytes [{}, {}): expected at least one byte",
                range.begin, range.end);
  return fmt::format("bytes={}-{}", range.begin,
                     range.end < 0 ? "" : std::to_string(range.end - 1));
}

HttpHeaders first_headers(const HttpRequest& request) {
  HttpHeaders headers = request.headers;
  if (request.range) headers.set("Range", range_text(*request.range));
  const bool takes_gzip = request.accepts_gzip && !request.range && !request.sink;
  if (!headers.find("Accept-Encoding"))
    headers.add("Accept-Encoding", takes_gzip ? "gzip" : "identity");
  return headers;
}

/// Whoever can listen would have the secret; a signature (AWS4-...) is none.
void check_plain_http(const Url& url, const HttpHeaders& headers) {
  if (url.scheme != "http" || is_loopback_host(url.host)) return;
  const std::string* field = headers.find("Authorization");
  if (field && !field->starts_with("AWS4-"))
    throw Error(Errc::permission_denied,
                "{}: a credential is not sent over plain http: expected https",
                url.without_query_and_secrets());
}

void erase_text(std::string& text, const std::string& secret) {
  if (secret.empty()) return;
  for (std::size_t at = 0; (at = text.find(secret, at)) != text.npos; at += 3)
    text.replace(at, secret.size(), "***");
}

/// Of a list such as "name=value&name=value".
void erase_values(std::string& text, std::string_view list, char separator) {
  constexpr std::size_t kShortest = 6;  // shorter values are words, not secrets
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(separator));
    list.remove_prefix(std::min(part.size() + 1, list.size()));
    const std::string value(part.substr(part.find('=') + 1));
    if (value.size() >= kShortest) erase_text(text, value);
  }
}

/// Servers that say what they were sent would put secrets into errors.
void erase_secrets(HttpResponse& response, const Url& url, const HttpHeaders& headers) {
  if (response.is_success()) return;
  const std::string query = url.query.value_or("");
  erase_text(response.body, query);
  erase_values(response.body, query, '&');
  for (const auto& [name, value] : headers) {
    if (is_harmless(name)) continue;
    erase_text(response.body, value);
    erase_text(response.body, value.substr(value.find(' ') + 1));
    if (equals_ignoring_case(name, "Cookie")) erase_values(response.body, value, ';');
  }
  for (const auto& [name, value] : response.headers) {
    if (equals_ignoring_case(name, "Set-Cookie"))
      erase_values(response.body, std::string_view(value).substr(0, value.find(';')), ';');
  }
}

std::string environment_path(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

HttpOptions with_defaults(HttpOptions options) {
  if (options.ca_file.empty()) options.ca_file = environment_path("RASTREAM_CA_FILE");
  if (options.ca_path.empty()) options.ca_path = environment_path("RASTREAM_CA_PATH");
  return options;
}

/// How the users of one site log in, which many threads may need at the same time.
struct SiteLogin {
  SessionCookies cookies;
  std::mutex turn;              ///< held by who logs in
  std::atomic<int> n_done = 0;  ///< that went well
};

/// What one chain of redirects has to do with the log-in of its site, which may be null.
class LoginTurn {
 public:
  explicit LoginTurn(SiteLogin* site) : site_(site), n_seen_(site ? site->n_done.load() : 0) {}

  /// Waits until nobody else logs in. False when somebody has meanwhile: then it is done.
  bool begin() {
    if (turn_.owns_lock()) return true;
    turn_ = std::unique_lock(site_->turn);
    if (site_->n_done == n_seen_) return true;
    n_seen_ = site_->n_done;
    turn_.unlock();
    return false;
  }

  /// Nothing when this chain does not log in.
  void end(bool is_done) {
    if (!turn_.owns_lock()) return;
    if (is_done) n_seen_ = ++site_->n_done;
    turn_.unlock();
  }

 private:
  SiteLogin* site_;
  int n_seen_;
  std::unique_lock<std::mutex> turn_;
};

/// Where a chain of redirects stands.
struct Hop {
  Url home;  ///< of the request
  Url url;
  std::string method;
  HttpHeaders headers;
  bool has_body = false;
  bool is_at_home = true;  ///< no other origin was on the way
  /// Of a site with a log-in, as long as no other origin but that of the log-in was on the way.
  SiteLogin* site = nullptr;
  bool is_logged_in = false;  ///< it has come back from there
  AddressZone reach = AddressZone::loopback;

  bool is_at_login() const { return site && url.origin() != home.origin(); }
};

/// From what zone each origin answered: what its documents and redirects may name.
class ZoneMemory {
 public:
  void note(const std::string& origin, AddressZone zone) {
    const std::lock_guard lock(mutex_);
    if (zones_.size() >= kMost) zones_.clear();
    const auto [it, is_new] = zones_.try_emplace(origin, zone);
    it->second = std::min(it->second, zone);
  }
  AddressZone of(const std::string& origin) const {
    const std::lock_guard lock(mutex_);
    const auto it = zones_.find(origin);
    return it == zones_.end() ? AddressZone::everywhere : it->second;
  }

 private:
  static constexpr std::size_t kMost = 10'000;
  mutable std::mutex mutex_;
  std::map<std::string, AddressZone> zones_;
};

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(const HttpOptions& options)
      : options_(options), pool_(options), dead_hosts_(options.dead_hosts) {}

  HttpResponse send(const HttpRequest& request) {
    const Url url = parse_http_url(request.url);
    check_plain_http(url, request.headers);
    RetryPolicy policy = request.retry.value_or(options_.retry);
    if (!is_idempotent(request)) policy.max_attempts = 1;
    return with_retries(policy, options_.clock, request.stop, [&](int attempt) {
      if (attempt > 1 && request.source) request.source->rewind();
      HttpResponse response = follow(request, url);
      if (!is_transient_status(response.status)) return response;
      throw TransientError(
          error_of_response(request, response),
          parse_retry_after(response.headers.get("Retry-After"), options_.clock.now()));
    });
  }

 private:
  HttpResponse follow(const HttpRequest& request, const Url& url) {
    Hop hop = first_hop(request, url);
    LoginTurn turn(hop.site);
    std::set<std::string> seen;
    for (int n_hops = 0;; ++n_hops) {
      if (!seen.insert(fmt::format("{} {}", hop.method, hop.url.to_string())).second)
        refuse_redirect(url, "goes in circles");
      if (n_hops > options_.max_redirects)
        refuse_redirect(url, fmt::format("is longer than {}", options_.max_redirects));
      ExchangeResult result = exchange(request, hop);
      zones_.note(hop.url.origin(), result.zone);
      const bool is_last = !request.follows_redirects || !is_redirect(result.response);
      std::optional<Hop> next;
      if (!is_last) next = step(hop, result, request);
      if (next && next->is_at_login() && !turn.begin()) {
        if (request.source) request.source->rewind();
        seen.clear();
        hop = first_hop(request, url);
        continue;
      }
      if (hop.site) hop.site->cookies.note(hop.url, result.response.headers, options_.clock.now());
      if (hop.is_logged_in) turn.end(result.response.status < 400);
      if (!next) {
        result.response.was_redirected = n_hops > 0;
        return std::move(result.response);
      }
      if (!next->site) turn.end(false);
      // Who has logged in comes back to where he was sent away.
      if (next->is_logged_in && !hop.is_logged_in) seen.clear();
      hop = *std::move(next);
    }
  }

  Hop first_hop(const HttpRequest& request, const Url& url) {
    Hop hop;
    hop.home = hop.url = url;
    hop.method = request.method;
    hop.headers = first_headers(request);
    hop.has_body = request.source || !request.body.empty();
    hop.reach = reach_of(request);
    const Credentials* credentials = credentials_of(request);
    if (credentials && credentials->has_login(url)) hop.site = &site_of(url.origin());
    return hop;
  }

  SiteLogin& site_of(const std::string& origin) {
    const std::lock_guard lock(sites_mutex_);
    return sites_[origin];
  }

  const Credentials* credentials_of(const HttpRequest& request) const {
    return request.uses_credentials ? options_.credentials.get() : nullptr;
  }

  const Credential* credential_of(const HttpRequest& request, const Hop& hop) const {
    const Credentials* all = credentials_of(request);
    if (all && hop.is_at_home) return all->find(hop.url);
    // A site makes nobody change anything there.
    const bool only_reads = hop.method == "GET" || hop.method == "HEAD";
    return hop.is_at_login() && only_reads ? all->find_login(hop.url, hop.home) : nullptr;
  }

  ExchangeResult exchange(const HttpRequest& request, const Hop& hop) {
    if (!hop.is_at_login()) return exchange_with_secrets(request, hop);
    // Whatever page the log-in shows, it is not what was asked for.
    HttpRequest login = request;
    login.sink = nullptr;
    login.range.reset();
    ExchangeResult result = exchange_with_secrets(login, hop);
    if (result.response.is_success())
      throw Error(Errc::permission_denied,
                  "{}: the log-in at {} shows a page instead of going on: it may ask for something "
                  "that is answered in a browser",
                  hop.home.without_query_and_secrets(), hop.url.origin());
    return result;
  }

  ExchangeResult exchange_with_secrets(const HttpRequest& request, const Hop& hop) {
    HttpHeaders headers = hop.headers;
    bool shows_secret = false;
    const auto add_secret = [&](const std::string& name, const std::string& value) {
      if (headers.find(name)) return;
      headers.add(name, value);
      shows_secret = hop.url.scheme == "http";
    };
    if (const Credential* credential = credential_of(request, hop)) {
      for (const auto& [name, value] : credential->fields()) add_secret(name, value.reveal());
    }
    const std::string cookies =
        hop.site ? hop.site->cookies.field_for(hop.url, options_.clock.now()) : "";
    if (!cookies.empty()) add_secret("Cookie", cookies);
    if (hop.url.scheme == "http" && headers.find("Authorization") &&
        !headers.find("Authorization")->starts_with("AWS4-"))
      shows_secret = true;
    ExchangeResult result =
        connect(hop, {request, hop.method, hop.url, headers, hop.has_body,
                      request.timeouts.value_or(options_.timeouts), hop.reach, shows_secret});
    erase_secrets(result.response, hop.url, headers);
    return result;
  }

  ExchangeResult connect(const Hop& hop, const Exchange& exchange) {
    const std::string origin = hop.url.origin();
    if (const auto wait = dead_hosts_.refuses(origin, options_.clock.now())) {
      const Error error(
          Errc::unavailable,
          "{}: took no connection in many attempts: it is not asked for the next {} s", origin,
          wait->count());
      // Where this host was only pointed to, another may be pointed to the next time.
      if (hop.is_at_home) throw error;
      throw TransientError(error);
    }
    try {
      ExchangeResult result = pool_.exchange(exchange);
      dead_hosts_.note_connection(origin);
      return result;
    } catch (const ConnectError&) {
      dead_hosts_.note_no_connection(origin, options_.clock.now());
      throw;
    } catch (...) {
      dead_hosts_.note_connection(origin);
      throw;
    }
  }

  AddressZone reach_of(const HttpRequest& request) const {
    if (!is_http_url(request.document_url)) return AddressZone::loopback;
    return zones_.of(parse_url(request.document_url).origin());
  }

  Hop step(Hop hop, const ExchangeResult& from, const HttpRequest& request) const {
    const Url next = target_of(hop.url, from.response.headers.get("Location"));
    const bool is_web = next.scheme == "http" || next.scheme == "https";
    if (!is_web || !next.userinfo.empty()) refuse_redirect(hop.url, "leads away from http");
    if (hop.url.scheme == "https" && next.scheme == "http")
      refuse_redirect(hop.url, "leads from https to http");
    if (next.origin() != hop.url.origin()) {
      hop.is_at_home = false;
      const bool is_back = next.origin() == hop.home.origin();
      if (hop.site && !is_back && !credentials_of(request)->find_login(next, hop.home))
        hop.site = nullptr;
      hop.is_logged_in = hop.site && is_back;
      hop.reach = std::min(hop.reach, from.zone);
      HttpHeaders kept;
      for (const auto& [name, value] : hop.headers) {
        if (is_harmless(name)) kept.add(name, value);
      }
      hop.headers = kept;
    }
    change_method(hop, from.response.status);
    if (hop.has_body && request.source) request.source->rewind();
    hop.url = next;
    return hop;
  }

  static Url target_of(const Url& from, const std::string& location) {
    try {
      Url url = resolve_url(from, location);
      url.fragment.reset();
      return url;
    } catch (const Error&) {
      refuse_redirect(from, "leads to what is no URL of the web");
    }
  }

  static void change_method(Hop& hop, int status) {
    const bool becomes_get =
        status == 303 ? hop.method != "HEAD" : status <= 302 && hop.method == "POST";
    if (!becomes_get) return;
    hop.method = "GET";
    hop.has_body = false;
    for (const char* name : {"Content-Type", "Content-MD5", "Content-Digest", "Digest"})
      hop.headers.remove(name);
  }

  [[noreturn]] static void refuse_redirect(const Url& url, std::string_view why) {
    throw Error(Errc::data_loss, "{}: the redirect {}", url.without_query_and_secrets(), why);
  }

  const HttpOptions& options_;
  CurlPool pool_;
  DeadHosts dead_hosts_;
  ZoneMemory zones_;
  std::mutex sites_mutex_;
  std::map<std::string, SiteLogin> sites_;  ///< by origin
};

HttpClient::HttpClient(HttpOptions options)
    : options_(with_defaults(std::move(options))), impl_(std::make_unique<Impl>(options_)) {}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(const HttpRequest& request) { return impl_->send(request); }

HttpResponse HttpClient::get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  HttpResponse response = send(request);
  check_success(request, response);
  return response;
}

std::shared_ptr<HttpClient> default_http_client() {
  static const std::shared_ptr<HttpClient> client = [] {
    HttpOptions options;
    options.credentials = std::make_shared<const Credentials>(load_credentials());
    return std::make_shared<HttpClient>(options);
  }();
  return client;
}

}  // namespace rastream
