// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/copy_file.h"

#include <algorithm>

#include "rastream/store/file.h"
#include "rastream/store/transfer/download.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// A file that goes away with its owner.
class PassingFile {
 public:
  PassingFile() : path_(temporary_name(fs::temp_directory_path() / "passing")) {}
  ~PassingFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  PassingFile(const PassingFile&) = delete;
  PassingFile& operator=(const PassingFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

bool has_digest(const fs::path& file, const Digest& digest) {
  return digest_of_file(digest.kind, file) == digest;
}

/// A digest of a kind that both know; nothing when they share none.
std::optional<bool> digests_agree(const std::vector<Digest>& a, const std::vector<Digest>& b) {
  for (const Digest& x : a) {
    for (const Digest& y : b) {
      if (x.kind == y.kind) return x == y;
    }
  }
  return std::nullopt;
}

class FileCopy {
 public:
  FileCopy(const FileSystem& from, const FileInfo& source, FileSystem& to, std::string_view target,
           const CopyFileOptions& options)
      : from_(from),
        source_(source),
        to_(to),
        target_(target),
        options_(options),
        local_source_(from.local_file(source.path)),
        local_target_(to.local_file(target)) {}

  CopyFileResult run() {
    if (options_.stop.stop_requested()) throw Error(Errc::unavailable, "stopped");
    // download() looks for itself whether its file is intact, with fewer questions.
    if (local_target_ && !local_source_) return fetch(*local_target_, options_.skips_intact);
    if (options_.skips_intact && is_intact()) return {.was_intact = true};
    if (local_source_) return send(*local_source_);
    const PassingFile passing;
    CopyFileResult fetched = fetch(passing.path(), false);
    CopyFileResult sent = send(passing.path());
    fetched.verified.insert(fetched.verified.end(), sent.verified.begin(), sent.verified.end());
    return fetched;
  }

 private:
  CopyFileResult fetch(const fs::path& file, bool skips_intact) {
    const auto address = from_.web_address(source_.path);
    if (!address) return fetch_value(file);
    DownloadOptions o;
    o.headers = address->headers;
    o.expected.size_bytes = source_.size_bytes;
    o.expected.digests = source_.digests;
    o.skips_intact = skips_intact;
    o.is_etag_md5 = address->is_etag_md5;
    o.on_bytes = options_.on_bytes;
    o.stop = options_.stop;
    const DownloadResult result = download(*address->client, address->url, file, o);
    return {result.was_intact, result.n_resumed, result.verified};
  }

  /// Of a store that is neither here nor on the web: in memory.
  CopyFileResult fetch_value(const fs::path& file) {
    const auto& store = dynamic_cast<const Store&>(from_);
    const auto bytes = store.get(source_.path);
    if (!bytes) throw Error(Errc::not_found, "{}: no file '{}'", store.url(), source_.path);
    write_file_atomically(file, *bytes, Durability::file_and_folder);
    if (options_.on_bytes) options_.on_bytes(static_cast<std::int64_t>(bytes->size()));
    return {};
  }

  CopyFileResult send(const fs::path& file) {
    const PutFileOptions o{options_.on_bytes, options_.stop};
    return {.verified = to_.put_file(file, target_, o)};
  }

  bool is_intact() const {
    const auto there = to_.stat(target_);
    if (!there || there->is_folder || there->size_bytes != source_.size_bytes) return false;
    if (local_source_ && local_target_)
      return digest_of_file(DigestKind::sha256, *local_source_) ==
             digest_of_file(DigestKind::sha256, *local_target_);
    const std::vector<Digest> theirs = to_.digests(target_);
    if (local_source_ && !theirs.empty()) return has_digest(*local_source_, theirs.front());
    if (const auto agree = digests_agree(from_.digests(source_.path), theirs)) return *agree;
    return there->modified_ms && source_.modified_ms && *there->modified_ms >= *source_.modified_ms;
  }

  const FileSystem& from_;
  const FileInfo& source_;
  FileSystem& to_;
  std::string target_;
  const CopyFileOptions& options_;
  std::optional<fs::path> local_source_;
  std::optional<fs::path> local_target_;
};

}  // namespace

CopyFileResult copy_file(const FileSystem& from, const FileInfo& source, FileSystem& to,
                         std::string_view target, const CopyFileOptions& options) {
  return FileCopy(from, source, to, target, options).run();
}

}  // namespace rastream
