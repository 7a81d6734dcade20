// SPDX-License-Identifier: Apache-2.0
// Makes a response of the header lines and pieces of body that arrive, and refuses what is not what
// was asked for before any of it is passed on.
#pragma once

#include <memory>
#include <string_view>

#include "rastream/store/http/gzip_decoder.h"
#include "rastream/store/http/http_message.h"

namespace rastream {

/// One answer to one request. Not thread safe. All of it throws data_loss for nonsense and
/// unsupported for a range that is not served, and lets out what the request's sink throws.
class ResponseReader {
 public:
  ResponseReader(const HttpRequest& request, std::string_view method, std::string url,
                 std::int64_t max_header_bytes);

  /// A line of a head, the status line and the empty one included; interim responses (1xx) may come
  /// before, trailers after the body.
  void read_header_line(std::string_view line);
  /// False when nothing more is wanted: the connection is to be closed, and that is no failure.
  bool read_body(std::span<const std::byte> piece);
  /// The body has ended as its framing says.
  void finish();
  /// True when read_body returned false.
  bool has_enough() const { return has_enough_; }
  /// True when a whole head was read.
  bool has_head() const { return has_head_; }
  HttpResponse take() { return std::move(response_); }

 private:
  void read_status_line(std::string_view line);
  void read_field(std::string_view line);
  void read_head();
  void check_encoding();
  void check_partial(ByteRange range);
  void cut_whole(ByteRange range);
  void check_length() const;
  bool take_piece(std::span<const std::byte> piece);
  bool take_error_body(std::span<const std::byte> piece);
  [[noreturn]] void refuse(Errc code, const std::string& why) const;

  const HttpRequest& request_;
  std::string_view method_;
  std::int64_t max_header_bytes_;
  HttpResponse response_;
  std::int64_t header_bytes_ = 0;
  bool has_head_ = false;
  bool has_enough_ = false;
  bool is_wanted_ = false;        ///< 2xx: the body goes to the sink or is kept whole
  std::int64_t skip_bytes_ = 0;   ///< of a 200 to a request with a range: before the range
  std::int64_t most_bytes_ = -1;  ///< of the range, counted from its begin; -1: no range
  std::int64_t n_taken_ = 0;
  std::unique_ptr<GzipDecoder> gzip_;
};

}  // namespace rastream
