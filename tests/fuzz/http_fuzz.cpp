// SPDX-License-Identifier: Apache-2.0
// What servers and documents say: URLs and references, header fields, and whole answers that arrive
// in pieces. The first byte chooses which.
#include <array>

#include "rastream/store/digest.h"
#include "rastream/store/http/response_reader.h"
#include "rastream/store/http/session_cookies.h"
#include "rastream/store/http/url.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

void read_url(std::string_view text) {
  const Url base = parse_url("https://host.example:8443/a/b/c?d=e");
  fuzz::expect(printable_url(text).find('\n') == std::string::npos, "a printed URL is one line");
  fuzz::try_it([&] {
    const Url url = resolve_url(base, text);
    const Url again = parse_url(url.to_string());
    fuzz::expect(again.to_string() == url.to_string(), "a URL comes back as it was written");
    fuzz::expect(again.origin() == url.origin(), "a URL keeps its origin");
    fuzz::expect((url.path + "/").find("/../") == std::string::npos, "no way up is left");
    const std::string printed = url.without_query_and_secrets();
    const std::size_t host = printed.find("://") + 3;
    fuzz::expect(printed.find('@', host) >= printed.find('/', host), "no user is printed");
  });
  fuzz::expect(percent_decode(percent_encode(text)) == text, "percent encoding goes both ways");
}

void read_fields(std::string_view text) {
  if (const auto range = parse_content_range(text))
    fuzz::expect(range->begin >= 0 && range->end > range->begin, "a range has a first byte");
  parse_retry_after(text, std::chrono::system_clock::time_point());
  for (const char* field : {"Digest", "Repr-Digest", "Content-MD5"})
    parse_digest_field(field, text);
  md5_of_etag(text);
  fuzz::try_it([&] {
    const Url url = parse_url("https://host.example/a/b");
    const auto now = std::chrono::system_clock::time_point() + std::chrono::hours(24 * 365 * 50);
    HttpHeaders headers;
    headers.add("Set-Cookie", std::string(text));
    SessionCookies cookies;
    cookies.note(url, headers, now);
    const std::string field = cookies.field_for(url, now);
    fuzz::expect(field.empty() || field.find('=') > 0, "a cookie that is sent back has a name");
    fuzz::expect(cookies.field_for(parse_url("http://host.example/a/b"), now).empty(),
                 "a cookie keeps its origin");
  });
  fuzz::try_it([&] {
    const Digest digest = parse_multihash(text);
    fuzz::expect(parse_multihash(to_multihash(digest)) == digest, "a multihash goes both ways");
  });
}

/// Lines up to an empty one are the head, the rest is body, in pieces of 7 bytes.
void read_answer(std::string_view text, bool has_range) {
  constexpr std::int64_t kMost = 100'000;
  HttpRequest request;
  request.max_body_bytes = kMost;
  if (has_range) request.range = ByteRange{2, 6};
  ResponseReader reader(request, "GET", "https://host.example/a", 4096);
  fuzz::try_it([&] {
    while (!text.empty() && !reader.has_head()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
      reader.read_header_line(text.substr(0, end));
      text.remove_prefix(end);
    }
    bool goes_on = reader.has_head();
    while (goes_on && !text.empty()) {
      const std::string_view piece = text.substr(0, 7);
      text.remove_prefix(piece.size());
      goes_on = reader.read_body(std::as_bytes(std::span(piece)));
    }
    if (!reader.has_enough()) reader.finish();
    const HttpResponse response = reader.take();
    fuzz::expect(static_cast<std::int64_t>(response.body.size()) <= kMost, "a body has its limit");
    if (has_range && response.is_success())
      fuzz::expect(response.body.size() <= 4, "no more than the range is passed on");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0: read_url(text); break;
    case 1: read_fields(text); break;
    default: read_answer(text, data[0] % 4 == 3);
  }
  return 0;
}
