// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/download.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "rastream/base/parallel_work.h"
#include "rastream/store/http/http_store.h"
#include "rastream/store/http/url.h"
#include "rastream/store/transfer/intact_file.h"
#include "rastream/store/transfer/partial_file.h"
#include "rastream/store/transfer/running_digests.h"

namespace rastream {
namespace {

constexpr int kMostRestarts = 3;
/// So much more forgives all failures before.
constexpr std::int64_t kProgressBytes = 1 << 20;

/// Ends what is under way; the download begins anew.
struct BeginAnew : std::exception {
  explicit BeginAnew(bool whole) : as_a_whole(whole) {}
  bool as_a_whole;  ///< in one request, for ranges are not to be had
};

/// The server's words on the resource, once for all requests.
struct Remote {
  std::string version;  ///< of every answer: version_of
  std::int64_t size_bytes = -1;
  std::optional<std::chrono::system_clock::time_point> changed_at;
  bool is_delimited = true;
};

/// A weak ETag must not stand in If-Range: RFC 9110, section 13.1.5.
bool is_validator(const std::string& version) {
  return !version.empty() && !version.starts_with("W/");
}

class Download {
 public:
  Download(HttpClient& client, const std::string& url, const std::filesystem::path& path,
           const DownloadOptions& options)
      : client_(client), url_(url), options_(options), printable_(printable_url(url)), file_(path) {
    // A token in the query may be another one the next time.
    const std::string_view place = std::string_view(url).substr(0, url.find('?'));
    source_ = to_hex(digest_of(DigestKind::sha256, std::as_bytes(std::span(place))).value);
  }

  DownloadResult run() {
    try {
      return run_until_whole();
    } catch (const TransientError&) {
      file_.keep();
      throw;
    } catch (const Error& e) {
      if (e.code() == Errc::unavailable) file_.keep();
      throw;
    }
  }

 private:
  class PartSink;

  DownloadResult run_until_whole() {
    resume();
    for (int n_restarts = 0;; ++n_restarts) {
      try {
        fetch_all();
        verify();
        commit();
        return result_;
      } catch (const BeginAnew& e) {
        as_a_whole_ = as_a_whole_ || e.as_a_whole;
        if (n_restarts >= kMostRestarts)
          throw Error(Errc::data_loss, "GET {}: changes all the time on the server", printable_);
      } catch (const TransientError&) {
        throw;
      } catch (const Error& e) {
        // Bytes of an earlier process are the first to be doubted.
        if (e.code() != Errc::data_loss || !is_resumed_) throw;
      }
      begin_anew();
    }
  }

  void resume() {
    const auto identity = file_.resume(source_);
    if (!identity) return;
    remote_ = Remote{identity->version, identity->size_bytes, {}, true};
    is_known_ = true;
    is_resumed_ = true;
    result_.n_resumed = file_.n_written();
    if (options_.on_bytes) options_.on_bytes(result_.n_resumed);
  }

  void begin_anew() {
    if (options_.on_bytes) options_.on_bytes(-file_.n_written());
    file_.restart({});
    result_.n_resumed = 0;
    remote_ = {};
    is_known_ = false;
    is_resumed_ = false;
    has_digest_fields_ = false;
    server_digests_.clear();
    digests_.reset();
  }

  bool can_go_on() const {
    return !remote_.version.empty() || !options_.expected.digests.empty() ||
           !server_digests_.empty();
  }

  void fetch_all() {
    if (as_a_whole_) return fetch_whole();
    const bool is_alone = options_.n_streams <= 1;
    if (!is_known_) fetch_part({0, is_alone ? -1 : options_.part_bytes});
    if (remote_.size_bytes < 0) return;  // it came whole, and its end was its length
    std::vector<ByteRange> parts = missing_parts();
    // The last byte of what an earlier process had, to hear whether the resource is still the same.
    if (parts.empty() && is_resumed_ && remote_.size_bytes > 0)
      parts.push_back({remote_.size_bytes - 1, remote_.size_bytes});
    if (!parts.empty() && !can_go_on()) throw BeginAnew(true);
    run_parallel(options_.n_streams, static_cast<std::int64_t>(parts.size()),
                 [&](std::int64_t k) { fetch_part(parts[static_cast<std::size_t>(k)]); });
  }

  std::vector<ByteRange> missing_parts() const {
    std::vector<ByteRange> parts;
    const std::int64_t most = options_.n_streams <= 1 ? remote_.size_bytes : options_.part_bytes;
    for (const ByteRange& gap : file_.missing(remote_.size_bytes)) {
      for (std::int64_t at = gap.begin; at < gap.end; at += most)
        parts.push_back({at, std::min(at + most, gap.end)});
    }
    return parts;
  }

  HttpRequest request() const {
    HttpRequest r;
    r.url = url_;
    r.headers = options_.headers;
    if (!r.headers.find("Want-Digest")) r.headers.add("Want-Digest", "adler32, md5;q=0.5");
    r.document_url = options_.document_url;
    r.max_body_bytes = options_.max_bytes;
    r.stop = options_.stop;
    r.retry = RetryPolicy{.max_attempts = 1};
    return r;
  }

  void fetch_part(ByteRange part);
  bool fetch_rest(ByteRange& part);
  void fetch_whole();

  /// The first answer says what all others must be of.
  void learn(const HttpResponse& head, std::int64_t size_bytes) {
    remote_ = {version_of(head.headers), size_bytes, {}, head.is_delimited};
    check_size(size_bytes);
    note_fields(head, size_bytes);
    file_.restart({source_, size_bytes, remote_.version});
    is_known_ = true;
    digests_.emplace(kinds());
  }

  /// What the first answer of this process says beside the body.
  void note_fields(const HttpResponse& head, std::int64_t size_bytes) {
    const std::lock_guard lock(mutex_);
    if (has_digest_fields_) return;
    has_digest_fields_ = true;
    remote_.changed_at = parse_http_date(head.headers.get("Last-Modified"));
    for (const auto& [name, value] : head.headers) note_digests(name, value, head, size_bytes);
  }

  void note_digests(std::string_view name, std::string_view value, const HttpResponse& head,
                    std::int64_t size_bytes) {
    const bool is_of_body = equals_ignoring_case(name, "Content-MD5");
    const bool is_whole = !head.content_range ||
                          (head.content_range->begin == 0 && head.content_range->end == size_bytes);
    const bool is_digest =
        equals_ignoring_case(name, "Digest") || equals_ignoring_case(name, "Repr-Digest");
    if (is_digest || (is_of_body && is_whole)) {
      for (Digest& digest : parse_digest_field(name, value))
        server_digests_.push_back(std::move(digest));
    }
    if (!options_.is_etag_md5 || !equals_ignoring_case(name, "ETag")) return;
    if (const auto md5 = md5_of_etag(value)) server_digests_.push_back(*md5);
  }

  void check_size(std::int64_t size_bytes) const {
    const auto expected = options_.expected.size_bytes;
    if (size_bytes > options_.max_bytes)
      throw Error(Errc::data_loss, "GET {}: {} bytes, where at most {} are taken", printable_,
                  size_bytes, options_.max_bytes);
    if (size_bytes >= 0 && expected && *expected != size_bytes)
      throw Error(Errc::data_loss, "GET {}: the server has {} bytes: expected {}", printable_,
                  size_bytes, *expected);
  }

  std::vector<Digest> all_digests() const {
    std::vector<Digest> all = options_.expected.digests;
    all.insert(all.end(), server_digests_.begin(), server_digests_.end());
    return all;
  }

  std::vector<DigestKind> kinds() const {
    std::vector<DigestKind> kinds;
    for (const Digest& digest : all_digests()) kinds.push_back(digest.kind);
    return kinds;
  }

  void verify() {
    const std::int64_t size_bytes =
        remote_.size_bytes >= 0 ? remote_.size_bytes : file_.n_written();
    check_size(size_bytes);
    if (!file_.missing(size_bytes).empty() || file_.n_written() != size_bytes)
      throw Error(Errc::data_loss, "GET {}: {} of {} bytes came", printable_, file_.n_written(),
                  size_bytes);
    const std::vector<Digest> all = all_digests();
    if (!remote_.is_delimited && all.empty() && !options_.expected.size_bytes &&
        !options_.accepts_unverifiable)
      throw Error(Errc::unsupported,
                  "GET {}: the server gives neither length nor digest, so that nobody can say "
                  "whether it is whole",
                  printable_);
    if (!digests_) digests_.emplace(kinds());
    digests_->read_rest(file_, size_bytes);
    for (const Digest& digest : all) {
      const Digest& got = digests_->of(digest.kind);
      if (got != digest)
        throw Error(Errc::data_loss, "GET {}: its {} is {}: expected {}", printable_,
                    to_string(digest.kind), to_hex(got.value), to_hex(digest.value));
    }
    result_.verified = all;
    result_.size_bytes = size_bytes;
  }

  void commit() {
    result_.n_received = n_received_;
    file_.commit(result_.size_bytes, remote_.changed_at, options_.is_synced, options_.syncs_folder);
  }

  HttpClient& client_;
  const std::string& url_;
  const DownloadOptions& options_;
  std::string printable_;
  std::string source_;
  PartialFile file_;
  Remote remote_;
  bool is_known_ = false;
  bool is_resumed_ = false;
  bool as_a_whole_ = false;
  std::mutex mutex_;  ///< of what the first answer says
  bool has_digest_fields_ = false;
  std::vector<Digest> server_digests_;
  std::optional<RunningDigests> digests_;  ///< of what came in order from the first byte
  std::atomic<std::int64_t> n_received_ = 0;
  DownloadResult result_;
};

/// Puts what comes where it belongs, or refuses it before the first byte.
class Download::PartSink : public BodySink {
 public:
  PartSink(Download& download, std::int64_t begin) : download_(download), at_(begin) {}

  void begin(const HttpResponse& head) override {
    const bool is_partial = head.status == 206;
    if (!is_partial && head.status != 200)
      throw Error(Errc::data_loss, "GET {}: status {} with a body", download_.printable_,
                  head.status);
    const std::int64_t size = is_partial ? head.content_range->size : head.content_length();
    if (is_partial && size < 0) throw BeginAnew(true);
    if (!download_.is_known_)
      download_.learn(head, size);
    else
      check_is_same(head, size);
    end_ = is_partial ? head.content_range->end : size;
  }

  void write(std::span<const std::byte> piece) override {
    const auto n = static_cast<std::int64_t>(piece.size());
    if (end_ >= 0 && n > end_ - at_)
      throw Error(Errc::data_loss, "GET {}: more bytes came than were announced",
                  download_.printable_);
    download_.file_.write(at_, piece);
    if (download_.digests_) download_.digests_->update(at_, piece);
    at_ += n;
    download_.n_received_ += n;
    if (download_.options_.is_synced) download_.file_.checkpoint_if_due();
    if (download_.options_.on_bytes) download_.options_.on_bytes(n);
  }

  std::int64_t at() const { return at_; }

 private:
  void check_is_same(const HttpResponse& head, std::int64_t size) {
    const std::string version = version_of(head.headers);
    const bool is_silent = version.empty() && !download_.remote_.version.empty();
    if (is_silent) throw BeginAnew(true);
    if (version != download_.remote_.version || size != download_.remote_.size_bytes)
      throw BeginAnew(false);
    if (head.status == 200 && at_ > 0) throw BeginAnew(true);
    download_.note_fields(head, size);
  }

  Download& download_;
  std::int64_t at_;
  std::int64_t end_ = -1;
};

/// Asks for `part` until it is there. Failures count anew after each 1 MiB.
void Download::fetch_part(ByteRange part) {
  while (!with_retries(client_.options().retry, client_.options().clock, options_.stop,
                       [&](int) { return fetch_rest(part); })) {
  }
}

/// One request for what is left of `part`, which shrinks. False when it failed after much came.
bool Download::fetch_rest(ByteRange& part) {
  const std::int64_t begin = part.begin;
  if (remote_.size_bytes >= 0 && (part.end < 0 || part.end > remote_.size_bytes))
    part.end = remote_.size_bytes;
  PartSink sink(*this, begin);
  HttpRequest r = request();
  r.range = part;
  r.accepts_whole = true;
  r.sink = &sink;
  if (is_known_ && is_validator(remote_.version)) r.headers.set("If-Range", remote_.version);
  try {
    const HttpResponse response = client_.send(r);
    if (response.status == 416) {
      // An empty file has no first byte; and a file that got shorter has lost its last ones.
      throw BeginAnew(!is_known_);
    }
    check_success(r, response);
    if (response.status == 206 || remote_.size_bytes >= 0) part.begin = sink.at();
    return true;
  } catch (const TransientError& e) {
    part.begin = sink.at();
    if (is_known_ && !can_go_on()) throw BeginAnew(true);
    if (part.begin - begin < kProgressBytes || e.retry_after()) throw;
    return false;
  }
}

/// In one request without a range; each try begins at the first byte.
void Download::fetch_whole() {
  with_retries(client_.options().retry, client_.options().clock, options_.stop, [&](int) {
    if (is_known_) begin_anew();
    PartSink sink(*this, 0);
    HttpRequest r = request();
    r.accepts_gzip = false;
    r.sink = &sink;
    check_success(r, client_.send(r));
    if (!is_known_) throw Error(Errc::data_loss, "GET {}: no body", printable_);
  });
}

}  // namespace

DownloadResult download(HttpClient& client, const std::string& url,
                        const std::filesystem::path& path, const DownloadOptions& options) {
  if (options.skips_intact) {
    if (const auto size = intact_size(client, url, path, options)) {
      if (options.on_bytes) options.on_bytes(*size);
      DownloadResult result;
      result.size_bytes = *size;
      result.was_intact = true;
      return result;
    }
  }
  return Download(client, url, path, options).run();
}

}  // namespace rastream
