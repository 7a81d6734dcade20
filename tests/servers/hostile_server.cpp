// SPDX-License-Identifier: Apache-2.0
#include "tests/servers/hostile_server.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace rastream {
namespace {

using std::chrono::milliseconds;

/// Longer than any stall limit of a test; ends when the client hangs up.
constexpr milliseconds kForever{20'000};

/// One request, understood.
struct Asked {
  const ServedRequest& request;
  ServedConnection& connection;
  std::string body;  ///< of the whole file
  bool is_range = false;
  std::size_t begin = 0;  ///< the part that is asked for; the whole when it is no range
  std::size_t end = 0;
  std::string etag = {};
  std::string fields = {};  ///< ETag, Digest
  int n = 0;                ///< requests for this file before
  std::string other_port = {};
  std::string other_host = {};
  std::string self = {};

  std::string part() const { return body.substr(begin, end - begin); }
  std::string content_range() const {
    return fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin, end - 1, body.size());
  }
};

std::string status_line(int status) {
  return fmt::format("HTTP/1.1 {} {}\r\n", status, reason_of(status));
}

/// The head of a good answer without its length.
std::string good_head(const Asked& a) {
  return status_line(a.is_range ? 206 : 200) + (a.is_range ? a.content_range() : "") + a.fields;
}

std::string length(std::size_t n) { return fmt::format("Content-Length: {}\r\n", n); }

void serve_well(const Asked& a) {
  if (a.request.method == "HEAD") return a.connection.answer_head(200, a.body, a.fields);
  if (a.request.method != "GET") return a.connection.answer(405, "");
  if (a.begin > 0 && a.begin >= a.body.size())
    return a.connection.answer(416, "",
                               fmt::format("Content-Range: bytes */{}\r\n", a.body.size()));
  a.connection.send(good_head(a) + length(a.end - a.begin) + "\r\n" + a.part());
}

void send_and_close(const Asked& a, const std::string& bytes) {
  a.connection.send(bytes);
  a.connection.close();
}

std::string half(const Asked& a) { return a.part().substr(0, (a.end - a.begin) / 2); }

std::string chunked(std::string_view body) {
  return body.empty() ? "" : fmt::format("{:x}\r\n{}\r\n", body.size(), body);
}

void answer_with(const Asked& a, const std::string& body, const std::string& extra_fields) {
  a.connection.send(good_head(a) + extra_fields + length(body.size()) + "\r\n" + body);
}

void with_length(const Asked& a, const std::string& field) {
  send_and_close(a, good_head(a) + field + "\r\n" + a.part());
}

void in_chunks(const Asked& a, const std::string& chunks) {
  send_and_close(a, good_head(a) + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
}

void redirect(const Asked& a, const std::string& to, int status = 307) {
  a.connection.answer(status, "", "Location: " + to + "\r\n");
}

void fail_with(const Asked& a, int status, const std::string& fields = "") {
  // Some servers say what they were sent.
  a.connection.answer(status, "you sent: " + a.request.head,
                      fields + "Content-Type: text/plain\r\n");
}

std::string range_field(std::size_t begin, std::size_t end, std::size_t size) {
  return fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin, end - 1, size);
}

/// A 206 with these words and bytes, whatever was asked.
void partial(const Asked& a, const std::string& range, const std::string& body) {
  a.connection.send(status_line(206) + range + a.fields + length(body.size()) + "\r\n" + body);
}

std::string flipped(std::string body) {
  if (!body.empty()) body[body.size() / 2] = static_cast<char>(body[body.size() / 2] ^ 0x10);
  return body;
}

std::string gzip(std::string_view text) {
  z_stream z = {};
  deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  return out;
}

const std::string& bomb() {
  static const std::string bytes = [] {
    const std::string piece = gzip(std::string(16 << 20, '\0'));
    std::string all;
    for (int i = 0; i < 64; ++i) all += piece;  // 1 GiB of zeros in a megabyte
    return all;
  }();
  return bytes;
}

void drip(const Asked& a) {
  a.connection.send(good_head(a) + length(a.end - a.begin + 10'000) + "\r\n");
  for (int i = 0; i < 1000 && a.connection.is_open(); ++i) {
    a.connection.send("x");
    a.connection.wait(milliseconds(10));
  }
  a.connection.close();
}

void repeat(const Asked& a, const std::string& start, const std::string& line, int n) {
  a.connection.send(start);
  for (int i = 0; i < n && a.connection.is_open(); ++i) a.connection.send(line);
  a.connection.close();
}

void stall_after(const Asked& a, const std::string& bytes) {
  a.connection.send(bytes);
  a.connection.wait(kForever);
  a.connection.close();
}

void reset_after(const Asked& a, const std::string& bytes) {
  a.connection.send(bytes);
  a.connection.reset();
}

/// The file as it was before: other bytes under another ETag, cut off so that the client comes
/// back.
void old_version_cut(const Asked& a) {
  Asked old = a;
  old.body = hostile_body(a.n + 4711u, a.body.size());
  old.fields = "ETag: \"old\"\r\n";
  send_and_close(old, good_head(old) + length(old.end - old.begin) + "\r\n" + half(old));
}

struct Kind {
  FaultKind kind;
  void (*serve)(const Asked&);
};

const Kind kKinds[] = {
    {{"none", Remedy::none}, serve_well},
    {{"close_after_answer", Remedy::none},
     [](const Asked& a) {
       serve_well(a);
       a.connection.close();
     }},
    {{"in_chunks", Remedy::none},
     [](const Asked& a) { in_chunks(a, chunked(a.part()) + "0\r\n\r\n"); }},
    {{"slow_but_fine", Remedy::none},
     [](const Asked& a) {
       a.connection.send(good_head(a));
       a.connection.wait(milliseconds(5));
       a.connection.send(length(a.end - a.begin) + "\r\n" + a.part());
     }},
    {{"interim_answers", Remedy::none},
     [](const Asked& a) {
       a.connection.send(
           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
       serve_well(a);
     }},

    {{"truncated_with_length", Remedy::retry},
     [](const Asked& a) {
       send_and_close(a, good_head(a) + length(a.end - a.begin) + "\r\n" + half(a));
     }},
    {{"truncated_without_length", Remedy::retry},
     [](const Asked& a) { send_and_close(a, good_head(a) + "\r\n" + half(a)); }},
    {{"truncated_whole_without_length", Remedy::either},
     [](const Asked& a) {
       send_and_close(a,
                      status_line(200) + a.fields + "\r\n" + a.body.substr(0, a.body.size() / 2));
     }},
    {{"truncated_chunks", Remedy::retry}, [](const Asked& a) { in_chunks(a, chunked(half(a))); }},
    {{"truncated_in_chunk", Remedy::retry},
     [](const Asked& a) { in_chunks(a, fmt::format("{:x}\r\n{}", a.end - a.begin + 1, half(a))); }},
    {{"length_too_short", Remedy::either},
     [](const Asked& a) { with_length(a, length((a.end - a.begin) / 2)); }},
    {{"whole_length_too_short", Remedy::either},
     [](const Asked& a) {
       send_and_close(a, status_line(200) + a.fields + length(a.body.size() / 2) + "\r\n" + a.body);
     }},
    {{"length_too_long", Remedy::either},
     [](const Asked& a) { with_length(a, length(a.end - a.begin + 100)); }},
    {{"length_negative", Remedy::either},
     [](const Asked& a) { with_length(a, "Content-Length: -5\r\n"); }},
    {{"length_garbage", Remedy::either},
     [](const Asked& a) { with_length(a, "Content-Length: 12abc\r\n"); }},
    {{"length_overflow", Remedy::either},
     [](const Asked& a) { with_length(a, "Content-Length: 99999999999999999999999\r\n"); }},
    {{"two_lengths", Remedy::either},
     [](const Asked& a) {
       with_length(a, length(a.end - a.begin) + length((a.end - a.begin) / 2));
     }},
    {{"head_then_close", Remedy::either},
     [](const Asked& a) { send_and_close(a, good_head(a) + length(a.end - a.begin) + "\r\n"); }},
    {{"empty_answer", Remedy::either},
     [](const Asked& a) { a.connection.answer(200, "", a.fields); }},
    {{"more_than_length", Remedy::either},
     [](const Asked& a) {
       a.connection.send(good_head(a) + length(a.end - a.begin) + "\r\n" + a.part() + "and more");
     }},
    {{"bigger_than_announced", Remedy::either},
     [](const Asked& a) { a.connection.answer(200, a.body + "and more", a.fields); }},

    {{"range_wrong_offset", Remedy::either},
     [](const Asked& a) {
       partial(a, range_field(a.begin + 1, a.end + 1, a.body.size() + 1), a.part());
     }},
    {{"range_other_bytes", Remedy::either, true},
     [](const Asked& a) { partial(a, a.content_range(), hostile_body(99, a.end - a.begin)); }},
    {{"range_too_short", Remedy::either},
     [](const Asked& a) {
       partial(a, range_field(a.begin, a.begin + (a.end - a.begin) / 2 + 1, a.body.size() + 7),
               half(a));
     }},
    {{"range_missing", Remedy::either}, [](const Asked& a) { partial(a, "", a.part()); }},
    {{"range_garbage", Remedy::either},
     [](const Asked& a) { partial(a, "Content-Range: bytes x-y/z\r\n", a.part()); }},
    {{"range_overflow", Remedy::either},
     [](const Asked& a) {
       partial(a, "Content-Range: bytes 0-9223372036854775807/*\r\n", a.part());
     }},
    {{"range_other_total", Remedy::either},
     [](const Asked& a) {
       partial(a, range_field(a.begin, a.end, a.body.size() + 1000), a.part());
     }},
    {{"range_body_longer", Remedy::either},
     [](const Asked& a) { in_chunks(a, chunked(a.part()) + chunked("and more") + "0\r\n\r\n"); }},
    {{"range_body_shorter", Remedy::either},
     [](const Asked& a) { in_chunks(a, chunked(half(a)) + "0\r\n\r\n"); }},
    {{"range_ignored", Remedy::none},
     [](const Asked& a) { a.connection.answer(200, a.body, a.fields); }},
    {{"range_multipart", Remedy::either},
     [](const Asked& a) {
       a.connection.answer(206, "--b\r\n" + a.content_range() + "\r\n" + a.part() + "\r\n--b--\r\n",
                           "Content-Type: multipart/byteranges; boundary=b\r\n");
     }},

    {{"reset_at_once", Remedy::retry}, [](const Asked& a) { reset_after(a, ""); }},
    {{"reset_in_head", Remedy::retry},
     [](const Asked& a) { reset_after(a, "HTTP/1.1 200 OK\r\nContent-Le"); }},
    {{"reset_in_body", Remedy::either},
     [](const Asked& a) {
       reset_after(a, good_head(a) + length(a.end - a.begin) + "\r\n" + half(a));
     }},
    {{"closed_without_answer", Remedy::retry}, [](const Asked& a) { a.connection.close(); }},
    {{"closed_in_head", Remedy::either},
     [](const Asked& a) { send_and_close(a, "HTTP/1.1 200 OK\r\nContent-Le"); }},
    {{"stall_before_head", Remedy::retry}, [](const Asked& a) { stall_after(a, ""); }},
    {{"stall_in_head", Remedy::retry},
     [](const Asked& a) { stall_after(a, "HTTP/1.1 200 OK\r\nContent-Le"); }},
    {{"stall_in_body", Remedy::either},
     [](const Asked& a) {
       stall_after(a, good_head(a) + length(a.end - a.begin + 1) + "\r\n" + half(a));
     }},
    {{"slow_drip", Remedy::either}, drip},

    {{"header_flood", Remedy::refuse},
     [](const Asked& a) {
       repeat(a, "HTTP/1.1 200 OK\r\n", "X-Flood: 0123456789012345678901234567890123456789\r\n",
              5000);
     }},
    {{"header_long_line", Remedy::refuse},
     [](const Asked& a) {
       send_and_close(a, "HTTP/1.1 200 OK\r\nX-Long: " + std::string(150'000, 'x') + "\r\n\r\n");
     }},
    {{"header_endless_line", Remedy::refuse},
     [](const Asked& a) { repeat(a, "HTTP/1.1 200 OK\r\nX: ", std::string(4096, 'x'), 1000); }},
    {{"interim_flood", Remedy::refuse},
     [](const Asked& a) { repeat(a, "", "HTTP/1.1 102 Processing\r\n\r\n", 20'000); }},
    {{"header_garbage", Remedy::either},
     [](const Asked& a) {
       send_and_close(
           a, status_line(200) + "this is no header\r\n" + length(a.body.size()) + "\r\n" + a.body);
     }},
    {{"header_with_nul", Remedy::either},
     [](const Asked& a) {
       send_and_close(a, status_line(200) + std::string("X: a\0b\r\n", 8) + length(a.body.size()) +
                             "\r\n" + a.body);
     }},
    {{"status_garbage", Remedy::either},
     [](const Asked& a) { send_and_close(a, "HTTP/1.1 abc OK\r\n\r\n"); }},
    {{"status_out_of_range", Remedy::refuse},
     [](const Asked& a) { send_and_close(a, "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"); }},
    {{"not_http", Remedy::either},
     [](const Asked& a) { send_and_close(a, "SSH-2.0-OpenSSH_9.2\r\n"); }},
    {{"body_without_head", Remedy::either},
     [](const Asked& a) { send_and_close(a, "\x01\x02" + a.body); }},

    {{"status_401", Remedy::refuse}, [](const Asked& a) { fail_with(a, 401); }},
    {{"status_403", Remedy::refuse}, [](const Asked& a) { fail_with(a, 403); }},
    {{"status_404", Remedy::refuse}, [](const Asked& a) { fail_with(a, 404); }},
    {{"status_410", Remedy::refuse}, [](const Asked& a) { fail_with(a, 410); }},
    {{"status_416", Remedy::either}, [](const Asked& a) { fail_with(a, 416); }},
    {{"status_507", Remedy::refuse}, [](const Asked& a) { fail_with(a, 507); }},
    {{"status_204", Remedy::refuse},
     [](const Asked& a) { a.connection.send("HTTP/1.1 204 No Content\r\n\r\n"); }},
    {{"status_408", Remedy::retry}, [](const Asked& a) { fail_with(a, 408); }},
    {{"status_429", Remedy::retry},
     [](const Asked& a) { fail_with(a, 429, "Retry-After: 7\r\n"); }},
    {{"status_429_for_a_day", Remedy::refuse},
     [](const Asked& a) { fail_with(a, 429, "Retry-After: 86400\r\n"); }},
    {{"status_500", Remedy::retry}, [](const Asked& a) { fail_with(a, 500); }},
    {{"status_502", Remedy::retry}, [](const Asked& a) { fail_with(a, 502); }},
    {{"status_503", Remedy::retry},
     [](const Asked& a) { fail_with(a, 503, "Retry-After: 3\r\n"); }},
    {{"status_503_garbage_date", Remedy::retry},
     [](const Asked& a) { fail_with(a, 503, "Retry-After: Someday, 99 Foo\r\n"); }},
    {{"status_504", Remedy::retry}, [](const Asked& a) { fail_with(a, 504); }},

    {{"redirect_loop", Remedy::refuse}, [](const Asked& a) { redirect(a, a.request.target); }},
    {{"redirect_endless", Remedy::retry},
     [](const Asked& a) { redirect(a, a.request.target + "x"); }},
    {{"redirect_to_pool", Remedy::none},
     [](const Asked& a) { redirect(a, a.other_port + a.request.path()); }},
    {{"redirect_to_other_host", Remedy::none},
     [](const Asked& a) { redirect(a, a.other_host + a.request.path(), 302); }},
    {{"redirect_scheme_relative", Remedy::none},
     [](const Asked& a) { redirect(a, a.other_host.substr(5) + a.request.path(), 308); }},
    {{"redirect_there_and_back", Remedy::either},
     [](const Asked& a) { redirect(a, a.other_port + "/back-to?" + a.self + a.request.path()); }},
    {{"redirect_to_file", Remedy::refuse},
     [](const Asked& a) { redirect(a, "file:///etc/passwd"); }},
    {{"redirect_to_gopher", Remedy::refuse},
     [](const Asked& a) { redirect(a, "gopher://127.0.0.1/"); }},
    {{"redirect_with_user", Remedy::refuse},
     [](const Asked& a) { redirect(a, "http://me:pw@" + a.other_port.substr(7) + "/"); }},
    {{"redirect_garbage", Remedy::refuse}, [](const Asked& a) { redirect(a, "http://[:::/ \\x"); }},
    {{"redirect_without_location", Remedy::refuse},
     [](const Asked& a) { a.connection.answer(302, ""); }},

    {{"gzip_unasked", Remedy::refuse},
     [](const Asked& a) { answer_with(a, gzip(a.part()), "Content-Encoding: gzip\r\n"); }},
    {{"gzip_bomb", Remedy::refuse},
     [](const Asked& a) {
       a.connection.answer(200, bomb(), "Content-Encoding: gzip\r\n");
       a.connection.close();
     }},
    {{"coding_unknown", Remedy::refuse},
     [](const Asked& a) { answer_with(a, a.part(), "Content-Encoding: br\r\n"); }},
    {{"transfer_coding_unknown", Remedy::either},
     [](const Asked& a) { with_length(a, "Transfer-Encoding: rot13\r\n"); }},
    {{"chunk_size_garbage", Remedy::either},
     [](const Asked& a) { in_chunks(a, "zz\r\n" + a.part() + "\r\n0\r\n\r\n"); }},
    {{"chunk_size_negative", Remedy::either},
     [](const Asked& a) { in_chunks(a, "-5\r\n" + a.part() + "\r\n0\r\n\r\n"); }},
    {{"chunk_size_huge", Remedy::either},
     [](const Asked& a) { in_chunks(a, "ffffffffffffffffff\r\n" + a.part() + "\r\n0\r\n\r\n"); }},
    {{"chunk_without_line_end", Remedy::either},
     [](const Asked& a) {
       in_chunks(a, fmt::format("{:x}\r\n{}xx0\r\n\r\n", a.end - a.begin, a.part()));
     }},
    {{"chunks_and_more", Remedy::either},
     [](const Asked& a) { in_chunks(a, chunked(a.part()) + "0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"); }},

    {{"bytes_flipped", Remedy::either, true},
     [](const Asked& a) { answer_with(a, flipped(a.part()), ""); }},
    {{"digest_wrong", Remedy::either},
     [](const Asked& a) { answer_with(a, a.part(), "Digest: adler32=0badcafe\r\n"); }},
    {{"content_md5_wrong", Remedy::either},
     [](const Asked& a) { answer_with(a, a.part(), "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==\r\n"); }},
    {{"etag_changes", Remedy::retry}, old_version_cut},
    {{"etag_vanishes", Remedy::either},
     [](const Asked& a) {
       Asked b = a;
       b.fields = a.n == 0 ? a.fields : "";
       send_and_close(b, good_head(b) + length(b.end - b.begin) + "\r\n" + half(b));
     }},
    {{"login_page", Remedy::either, true},
     [](const Asked& a) {
       a.connection.answer(200, "<html>Please log in</html>", "Content-Type: text/html\r\n");
     }},
};

const auto kFaultKinds = [] {
  std::array<FaultKind, std::size(kKinds)> kinds;
  std::transform(std::begin(kKinds), std::end(kKinds), kinds.begin(),
                 [](const Kind& k) { return k.kind; });
  return kinds;
}();

std::string adler_field(std::string_view body) {
  const uLong sum =
      ::adler32(1, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return fmt::format("Digest: adler32={:08x}\r\n", sum);
}

/// Of "/FAULT/N_FAULTS/SEED/SIZE/DIGEST/file".
bool parse_path(const std::string& path, std::string& fault, int& n_faults, unsigned& seed,
                std::size_t& size, int& digest) {
  char name[64];
  if (std::sscanf(path.c_str(), "/%63[^/]/%d/%u/%zu/%d/", name, &n_faults, &seed, &size, &digest) !=
      5)
    return false;
  fault = name;
  return true;
}

void understand_range(Asked& a) {
  a.end = a.body.size();
  unsigned long long begin = 0;
  unsigned long long last = 0;
  const std::string range = a.request.header("Range");
  const int n = std::sscanf(range.c_str(), "bytes=%llu-%llu", &begin, &last);
  const std::string if_range = a.request.header("If-Range");
  if (n < 1 || a.body.empty() || (!if_range.empty() && if_range != a.etag)) return;
  a.is_range = true;
  a.begin = begin;
  if (n == 2) a.end = std::min<std::size_t>(a.end, last + 1);
  if (a.begin >= a.end) a.is_range = false;
}

}  // namespace

std::span<const FaultKind> fault_kinds() { return kFaultKinds; }

std::string hostile_body(unsigned seed, std::size_t size) {
  std::string body(size, '\0');
  std::uint64_t x = seed * 0x9E3779B97F4A7C15u + 1;
  for (char& c : body) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    c = static_cast<char>(x >> 32);
  }
  return body;
}

HostileServer::HostileServer(std::string canary)
    : canary_(std::move(canary)),
      other_port_([this](const auto& r, auto& c) { serve_abroad(r, c); }),
      other_host_([this](const auto& r, auto& c) { serve_abroad(r, c); }, "127.0.0.2"),
      main_([this](const auto& r, auto& c) { serve(r, c); }) {
  bomb();  // takes a while, which would be a stall
}

std::string HostileServer::url(const HostileFile& file) const {
  return main_.url(fmt::format("/{}/{}/{}/{}/{}/file?token={}", file.fault, file.n_faults,
                               file.seed, file.size, file.gives_digest ? 1 : 0, canary_));
}

int HostileServer::count(const std::string& target) {
  const std::lock_guard lock(mutex_);
  return n_requests_[target]++;
}

void HostileServer::serve(const ServedRequest& request, ServedConnection& connection) {
  std::string fault;
  int n_faults = 0;
  int digest = 0;
  unsigned seed = 0;
  std::size_t size = 0;
  if (!parse_path(request.path(), fault, n_faults, seed, size, digest))
    return connection.answer(404, "");
  if (request.header("Authorization").find(canary_) != std::string::npos) ++n_authorized_;
  Asked a{request, connection, hostile_body(seed, size)};
  a.etag = fmt::format("\"e{}\"", seed);
  a.fields = "ETag: " + a.etag + "\r\n";
  if (digest && !request.header("Want-Digest").empty()) a.fields += adler_field(a.body);
  a.other_port = other_port_.url();
  a.other_host = other_host_.url();
  a.self = main_.url();
  understand_range(a);
  a.n = count(request.path());
  const Kind* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const Kind& k) { return k.kind.name == fault; });
  if (kind == std::end(kKinds)) return connection.answer(404, "");
  a.n < n_faults ? kind->serve(a) : serve_well(a);
}

void HostileServer::serve_abroad(const ServedRequest& request, ServedConnection& connection) {
  ++n_foreign_;
  if (request.head.find(canary_) != std::string::npos) ++n_secrets_abroad_;
  if (request.target.starts_with("/back-to?"))
    return connection.answer(307, "", "Location: " + request.target.substr(9) + "\r\n");
  std::string fault;
  int n_faults = 0;
  int digest = 0;
  unsigned seed = 0;
  std::size_t size = 0;
  if (!parse_path(request.path(), fault, n_faults, seed, size, digest))
    return connection.answer(404, "");
  Asked a{request, connection, hostile_body(seed, size)};
  a.etag = fmt::format("\"e{}\"", seed);
  a.fields = "ETag: " + a.etag + "\r\n";
  understand_range(a);
  serve_well(a);
}

}  // namespace rastream
