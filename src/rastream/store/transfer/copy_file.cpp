// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/copy_file.h"

#include <algorithm>

#include "rastream/store/file.h"
#include "rastream/store/transfer/intact_file.h"

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

/// Where the bytes come from. One of `local`, `web` and `store` holds them.
struct FileSource {
  std::optional<fs::path> local = {};
  std::optional<WebAddress> web = {};
  const FileSystem* store = nullptr;
  std::optional<FileInfo> info = {};  ///< nothing: not asked for yet
};

class FileCopy {
 public:
  FileCopy(FileSource source, FileSystem& to, std::string_view target,
           const CopyFileOptions& options)
      : source_(std::move(source)),
        to_(to),
        target_(target),
        options_(options),
        local_target_(to.local_file(target)),
        expected_(options.expected) {
    if (!source_.info) return;
    const std::int64_t size_bytes = source_.info->size_bytes;
    if (expected_.size_bytes.value_or(size_bytes) != size_bytes)
      throw Error(Errc::data_loss, "'{}' has {} bytes: expected {}", source_.info->name(),
                  size_bytes, *expected_.size_bytes);
    expected_.size_bytes = size_bytes;
    expected_.digests.insert(expected_.digests.end(), source_.info->digests.begin(),
                             source_.info->digests.end());
  }

  CopyFileResult run() {
    if (options_.stop.stop_requested()) throw Error(Errc::unavailable, "stopped");
    // download() looks for itself whether its file is intact, with fewer questions.
    if (local_target_ && !source_.local) return fetch(*local_target_, options_.skips_intact);
    if (options_.skips_intact) {
      if (const auto size_bytes = intact_size_there())
        return {.size_bytes = *size_bytes, .was_intact = true};
    }
    if (source_.local) return send_own(*source_.local);
    const PassingFile passing;
    CopyFileResult fetched = fetch(passing.path(), false);
    CopyFileResult sent = send(passing.path());
    fetched.verified.insert(fetched.verified.end(), sent.verified.begin(), sent.verified.end());
    return fetched;
  }

 private:
  DownloadOptions download_options() const {
    DownloadOptions o;
    o.headers = source_.web->headers;
    o.document_url = source_.web->document_url;
    o.is_etag_md5 = source_.web->is_etag_md5;
    o.expected = expected_;
    o.on_bytes = options_.on_bytes;
    o.stop = options_.stop;
    return o;
  }

  CopyFileResult fetch(const fs::path& file, bool skips_intact) {
    if (!source_.web) return fetch_value(file);
    DownloadOptions o = download_options();
    o.skips_intact = skips_intact;
    const DownloadResult r = download(*source_.web->client, source_.web->url, file, o);
    return {r.size_bytes, r.was_intact, r.n_resumed, r.verified};
  }

  /// Of a store that is neither here nor on the web: in memory.
  CopyFileResult fetch_value(const fs::path& file) {
    const auto& store = dynamic_cast<const Store&>(*source_.store);
    const std::string& path = source_.info->path;
    const auto bytes = store.get(path);
    if (!bytes) throw Error(Errc::not_found, "{}: no file '{}'", store.url(), path);
    for (const Digest& digest : expected_.digests) {
      if (digest_of(digest.kind, *bytes) != digest) refuse(path, digest);
    }
    write_file_atomically(file, *bytes, Durability::file_and_folder);
    const auto size_bytes = static_cast<std::int64_t>(bytes->size());
    if (options_.on_bytes) options_.on_bytes(size_bytes);
    return {.size_bytes = size_bytes, .verified = expected_.digests};
  }

  CopyFileResult send_own(const fs::path& file) {
    for (const Digest& digest : expected_.digests) {
      if (!has_digest(file, digest)) refuse(file.native(), digest);
    }
    return send(file);
  }

  CopyFileResult send(const fs::path& file) {
    const PutFileOptions o{options_.on_bytes, options_.stop};
    std::vector<Digest> verified = to_.put_file(file, target_, o);
    std::error_code ignored;
    return {.size_bytes = static_cast<std::int64_t>(fs::file_size(file, ignored)),
            .verified = std::move(verified)};
  }

  [[noreturn]] static void refuse(const std::string& name, const Digest& digest) {
    throw Error(Errc::data_loss, "'{}': its bytes are not those of {}", name, to_string(digest));
  }

  /// Nothing when the target is not there or may be another.
  std::optional<std::int64_t> intact_size_there() {
    const auto there = to_.stat(target_);
    if (!there || there->is_folder) return std::nullopt;
    const bool is_intact = expected_.size_bytes.value_or(there->size_bytes) == there->size_bytes &&
                           is_intact_at(*there);
    return is_intact ? std::optional(there->size_bytes) : std::nullopt;
  }

  bool is_intact_at(const FileInfo& there) {
    if (local_target_ && !options_.expected.digests.empty())
      return has_digests(*local_target_, options_.expected.digests);
    if (source_.local && local_target_)
      return digest_of_file(DigestKind::sha256, *source_.local) ==
             digest_of_file(DigestKind::sha256, *local_target_);
    const std::vector<Digest> theirs = to_.digests(target_);
    if (source_.local && !theirs.empty()) return has_digest(*source_.local, theirs.front());
    if (const auto agree = digests_agree(options_.expected.digests, theirs)) return *agree;
    if (!source_.info && source_.web)
      source_.info = web_file_info(*source_.web->client, source_.web->url, download_options());
    if (!source_.info || source_.info->size_bytes != there.size_bytes) return false;
    const std::vector<Digest> ours =
        source_.store ? source_.store->digests(source_.info->path) : source_.info->digests;
    if (const auto agree = digests_agree(ours, theirs)) return *agree;
    return there.modified_ms && source_.info->modified_ms &&
           *there.modified_ms >= *source_.info->modified_ms;
  }

  FileSource source_;
  FileSystem& to_;
  std::string target_;
  const CopyFileOptions& options_;
  std::optional<fs::path> local_target_;
  ExpectedFile expected_;
};

}  // namespace

CopyFileResult copy_file(const FileSystem& from, const FileInfo& source, FileSystem& to,
                         std::string_view target, const CopyFileOptions& options) {
  FileSource place{from.local_file(source.path), from.web_address(source.path), &from, source};
  return FileCopy(std::move(place), to, target, options).run();
}

CopyFileResult copy_web_file(const WebAddress& source, FileSystem& to, std::string_view target,
                             const CopyFileOptions& options) {
  return FileCopy({.web = source}, to, target, options).run();
}

}  // namespace rastream
