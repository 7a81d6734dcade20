// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/response_reader.h"

#include <algorithm>
#include <array>

#include "rastream/store/http/url.h"

namespace rastream {
namespace {

constexpr std::size_t kMaxErrorBody = 64 << 10;
/// A server that ignores a range that begins later is refused: it would send too much in vain.
constexpr std::int64_t kMostSkipped = 1 << 20;

/// Names of files that servers mark as encoded although they are files of that kind.
bool is_name_of_compressed_file(std::string_view url) {
  constexpr std::array<std::string_view, 7> kEndings = {".gz", ".tgz", ".Z",   ".bz2",
                                                        ".xz", ".zst", ".svgz"};
  const std::string_view path = url.substr(0, url.find('?'));
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view e) { return path.ends_with(e); });
}

}  // namespace

ResponseReader::ResponseReader(const HttpRequest& request, std::string_view method, std::string url,
                               std::int64_t max_header_bytes)
    : request_(request), method_(method), max_header_bytes_(max_header_bytes) {
  response_.url = std::move(url);
}

void ResponseReader::refuse(Errc code, const std::string& why) const {
  throw Error(code, "{} {}: {}", method_, printable_url(response_.url), why);
}

void ResponseReader::read_header_line(std::string_view line) {
  header_bytes_ += static_cast<std::int64_t>(line.size());
  if (header_bytes_ > max_header_bytes_)
    refuse(Errc::data_loss, fmt::format("more than {} of headers",
                                        format_bytes(static_cast<double>(max_header_bytes_))));
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (has_head_) return;  // a trailer
  if (line.starts_with("HTTP/")) {
    read_status_line(line);
  } else if (!line.empty()) {
    read_field(line);
  } else if (response_.status >= 200) {
    read_head();
  }
}

void ResponseReader::read_status_line(std::string_view line) {
  const std::size_t at = line.find(' ');
  int status = 0;
  for (const char c : line.substr(std::min(at, line.size() - 1) + 1, 3))
    status = c >= '0' && c <= '9' ? status * 10 + (c - '0') : 0;
  if (status < 100 || status > 599) refuse(Errc::data_loss, "no status in the answer");
  response_.status = status;
  response_.headers = {};
}

void ResponseReader::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || line.find('\0') != line.npos)
    refuse(Errc::data_loss, "the answer has a header line that is none");
  try {
    response_.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 1)));
  } catch (const Error&) {
    refuse(Errc::data_loss, "the answer has a header line that is none");
  }
}

void ResponseReader::read_head() {
  has_head_ = true;
  is_wanted_ = response_.is_success();
  const std::string transfer = response_.headers.get("Transfer-Encoding");
  response_.is_delimited = response_.headers.find("Content-Length") ||
                           equals_ignoring_case(transfer, "chunked") || response_.status == 204;
  check_length();
  if (!is_wanted_ || method_ == "HEAD") return;
  check_encoding();
  if (!request_.range && response_.status == 206)
    refuse(Errc::data_loss, "status 206, although the whole was asked for");
  if (request_.range && response_.status == 206) check_partial(*request_.range);
  if (request_.sink) request_.sink->begin(response_);
  if (request_.range && response_.status != 206 && !request_.accepts_whole)
    cut_whole(*request_.range);
}

/// RFC 9110, section 8.6: different lengths mean that somebody on the way is confused or lies.
void ResponseReader::check_length() const {
  const std::string* first = nullptr;
  for (const auto& [name, value] : response_.headers) {
    if (!equals_ignoring_case(name, "Content-Length")) continue;
    if (first && *first != value) refuse(Errc::data_loss, "two different Content-Length");
    first = &value;
    if (response_.content_length() < 0) refuse(Errc::data_loss, "Content-Length is no length");
  }
  if (first && is_wanted_ && method_ != "HEAD" && !request_.range && !request_.sink &&
      response_.content_length() > request_.max_body_bytes)
    refuse(Errc::data_loss, fmt::format("a body of {} bytes, where at most {} are taken", *first,
                                        request_.max_body_bytes));
}

void ResponseReader::check_encoding() {
  const std::string coding = response_.headers.get("Content-Encoding");
  if (coding.empty() || equals_ignoring_case(coding, "identity")) return;
  const bool may_be_gzip = request_.accepts_gzip && !request_.range && !request_.sink;
  const bool is_gzip =
      equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip");
  if (is_gzip && may_be_gzip) {
    gzip_ = std::make_unique<GzipDecoder>();
  } else if (!is_name_of_compressed_file(response_.url)) {
    refuse(Errc::unsupported, "the body is encoded although it was asked for as it is");
  }
}

void ResponseReader::check_partial(ByteRange range) {
  const auto got = parse_content_range(response_.headers.get("Content-Range"));
  if (!got) refuse(Errc::data_loss, "status 206 without a Content-Range that can be read");
  const bool ends_with_whole = got->end == got->size;
  const bool has_end = range.end < 0
                           ? ends_with_whole || got->size < 0
                           : got->end == range.end || (ends_with_whole && got->end < range.end);
  const std::int64_t length = response_.content_length();
  if (got->begin != range.begin || !has_end || (length >= 0 && length != got->end - got->begin))
    refuse(Errc::data_loss, fmt::format("asked for bytes {} to {}, got bytes {} to {}", range.begin,
                                        range.end < 0 ? "the end" : std::to_string(range.end),
                                        got->begin, got->end));
  response_.content_range = got;
  most_bytes_ = got->end - got->begin;
}

/// Of a body that is the whole, the range is passed on.
void ResponseReader::cut_whole(ByteRange range) {
  if (response_.status != 200 || range.begin > kMostSkipped)
    refuse(Errc::unsupported, "the server does not serve a range of bytes");
  const std::int64_t size = response_.content_length();
  if (size >= 0 && (range.begin > size || (range.begin == size && size > 0)))
    refuse(Errc::data_loss,
           fmt::format("asked for bytes from {}, but there are {}", range.begin, size));
  const std::int64_t end = range.end < 0 ? size : size < 0 ? range.end : std::min(size, range.end);
  if (end < 0) refuse(Errc::unsupported, "the server does not serve a range of bytes");
  skip_bytes_ = range.begin;
  response_.content_range = ContentRange{range.begin, end, size};
  most_bytes_ = end - range.begin;
}

bool ResponseReader::read_body(std::span<const std::byte> piece) {
  if (!has_head_) refuse(Errc::data_loss, "a body without a head");
  bool goes_on = true;
  if (!is_wanted_) {
    goes_on = take_error_body(piece);
  } else if (gzip_) {
    gzip_->write(piece, [&](std::span<const std::byte> out) { take_piece(out); });
  } else {
    goes_on = take_piece(piece);
  }
  has_enough_ = !goes_on;
  return goes_on;
}

bool ResponseReader::take_error_body(std::span<const std::byte> piece) {
  const std::size_t n = std::min(piece.size(), kMaxErrorBody - response_.body.size());
  response_.body.append(reinterpret_cast<const char*>(piece.data()), n);
  return n == piece.size();
}

bool ResponseReader::take_piece(std::span<const std::byte> piece) {
  const auto n_skipped = std::min(skip_bytes_, static_cast<std::int64_t>(piece.size()));
  skip_bytes_ -= n_skipped;
  piece = piece.subspan(static_cast<std::size_t>(n_skipped));
  const std::int64_t most = most_bytes_ >= 0 ? most_bytes_ : request_.max_body_bytes;
  const std::int64_t left = most - n_taken_;
  if (static_cast<std::int64_t>(piece.size()) > left) {
    if (most_bytes_ < 0 || response_.status == 206)
      refuse(Errc::data_loss, fmt::format("the body is longer than {} bytes", most));
    piece = piece.first(static_cast<std::size_t>(left));
  }
  n_taken_ += static_cast<std::int64_t>(piece.size());
  if (request_.sink)
    request_.sink->write(piece);
  else
    response_.body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  return response_.status != 200 || most_bytes_ < 0 || n_taken_ < most_bytes_;
}

void ResponseReader::finish() {
  if (!has_head_) refuse(Errc::data_loss, "no answer that can be read");
  if (gzip_) gzip_->finish();
  // A range is short when the body ended with its connection, without a length.
  if (is_wanted_ && method_ != "HEAD" && most_bytes_ >= 0 && n_taken_ != most_bytes_)
    throw TransientError(Error(Errc::data_loss, "{} {}: the body broke off after {} of {} bytes",
                               method_, printable_url(response_.url), n_taken_, most_bytes_));
}

}  // namespace rastream
