// SPDX-License-Identifier: Apache-2.0
// What is asked of a server and what it answers.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/store/http/retry.h"
#include "rastream/store/store.h"

namespace rastream {

/// Header fields in their order; names compare without regard to case.
class HttpHeaders {
 public:
  using Field = std::pair<std::string, std::string>;
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<Field> fields);
  /// Throws invalid_argument for a name that is no token, or a value with CR, LF or NUL, which
  /// would be more headers to the server.
  void add(std::string name, std::string value);
  /// Replaces all of this name.
  void set(std::string name, std::string value);
  void remove(std::string_view name);
  /// The first value of this name, without blanks around it; nullptr when there is none.
  const std::string* find(std::string_view name) const;
  /// The first value, or "".
  std::string get(std::string_view name) const;
  bool empty() const { return fields_.empty(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

/// True when both are the same but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Which bytes a response holds: RFC 9110, section 14.4.
struct ContentRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;    ///< one past the last
  std::int64_t size = -1;  ///< of the whole; -1 when the server does not know
};

/// Of "bytes 0-99/1000" or "bytes 0-99/*". Nothing when `text` is no such thing.
std::optional<ContentRange> parse_content_range(std::string_view text);

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  /// Whole, unless the request had a sink and the status is 2xx. Of a status that is not 2xx at
  /// most 64 KiB.
  std::string body;
  std::string url;  ///< that answered, after redirects. Not to be printed: see printable_url
  /// Of a request with a range: what the body is of the whole.
  std::optional<ContentRange> content_range;
  bool was_redirected = false;
  /// Content-Length or chunks say where the body ends; without them a body that broke off looks
  /// like a whole one.
  bool is_delimited = false;

  bool is_success() const { return status >= 200 && status < 300; }
  /// Content-Length, or -1.
  std::int64_t content_length() const;
};

/// Takes the body of a 2xx response piece by piece. What it throws ends the exchange and comes out
/// of HttpClient::send. It must not use the client that calls it.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Before the first piece, and again when a retry starts over: what came before is void. With a
  /// range, `head.status` may be 200; the bytes of the range alone are passed on then.
  virtual void begin(const HttpResponse& head) { static_cast<void>(head); }
  virtual void write(std::span<const std::byte> piece) = 0;
};

/// Gives the body of a request piece by piece. It must not use the client that calls it.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Bytes in all; -1 when not known (sent in chunks).
  virtual std::int64_t size() const = 0;
  /// Back to the first byte: for a retry or a redirect. Throws when it cannot.
  virtual void rewind() = 0;
  /// Fills the front of `into`, and returns how much; 0 is the end.
  virtual std::size_t read(std::span<std::byte> into) = 0;
};

/// Zero is without limit.
struct HttpTimeouts {
  std::chrono::milliseconds connect{20'000};
  /// So long less than 1 KiB may come or go, the wait for the first byte included.
  std::chrono::milliseconds stall{60'000};
  std::chrono::milliseconds total{0};  ///< of one attempt
};

/// Plain data; every member but url has a sensible value.
struct HttpRequest {
  std::string method = "GET";
  std::string url;  ///< http or https, without userinfo
  HttpHeaders headers = {};
  std::string body = {};
  BodySource* source = nullptr;  ///< instead of `body`; lives until send returns
  BodySink* sink = nullptr;      ///< instead of HttpResponse::body; lives until send returns

  /// Asks for these bytes alone. What comes is checked: status 206, Content-Range and length; a
  /// 200 is cut when at most 1 MiB lies before the range, and refused (unsupported) otherwise.
  std::optional<ByteRange> range = {};
  /// A 200 to a request with a range is passed on whole instead; the sink sees it by the status.
  bool accepts_whole = false;
  /// A longer body (also after decompression, also one that goes to a sink) is refused: data_loss.
  std::int64_t max_body_bytes = std::int64_t{256} << 20;
  /// gzip may be asked for; never with a range or a sink.
  bool accepts_gzip = true;

  /// The URL of the remote document that named `url` (an href of a catalog, a next link); empty
  /// when the user did. Such a request reaches no loopback, link-local or private address, unless
  /// the document itself came from one.
  std::string document_url = {};
  bool follows_redirects = true;
  bool uses_credentials = true;  ///< those that are configured for the URL
  /// Whether it may be sent twice; by default GET, HEAD, OPTIONS, PUT, DELETE and PROPFIND may.
  std::optional<bool> is_idempotent = {};
  std::optional<HttpTimeouts> timeouts = {};  ///< instead of the client's
  std::optional<RetryPolicy> retry = {};      ///< instead of the client's
  std::stop_token stop = {};                  ///< ends it within a moment: unavailable "stopped"
};

/// What a status that is not 2xx means: 401, 403 permission_denied; 404, 410 not_found; 408, 425,
/// 429, 5xx unavailable (507: "disk full"); 416 data_loss; 405, 501 unsupported; all else
/// invalid_argument. Names method, URL without query, status and, shortened to one line of
/// printable text, what the server said when that is text.
Error error_of_response(const HttpRequest& request, const HttpResponse& response);

/// Throws error_of_response unless the status is 2xx.
void check_success(const HttpRequest& request, const HttpResponse& response);

}  // namespace rastream
