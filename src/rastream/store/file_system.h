// SPDX-License-Identifier: Apache-2.0
// What files need beyond bytes by key: folders, times, checksums, moving, and tape.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/store/digest.h"
#include "rastream/store/http/http_message.h"
#include "rastream/store/store.h"

namespace rastream {

class HttpClient;

/// Where the bytes of a file are, in the words of dCache.
enum class Locality {
  online,               ///< on disk
  nearline,             ///< on tape alone: reading waits for hours
  online_and_nearline,  ///< on disk and tape
  unavailable,          ///< a pool is down
  lost,
};

/// "ONLINE", "NEARLINE", ...
std::string_view to_string(Locality locality);
/// Nothing for text that names none.
std::optional<Locality> parse_locality(std::string_view text);

struct FileInfo {
  std::string path;  ///< from the root of the store, without a '/' at either end; "" is the root
  bool is_folder = false;
  std::int64_t size_bytes = 0;  ///< of folders: what the server says, or 0
  /// Milliseconds since 1970-01-01 UTC.
  std::optional<std::int64_t> modified_ms = {};
  std::optional<std::int64_t> created_ms = {};
  std::string etag = {};  ///< as the server writes it, quotes included; "" when it has none
  std::vector<Digest> digests = {};  ///< of the bytes, where the server tells them unasked
  std::optional<Locality> locality = {};
  bool is_link = false;  ///< a symbolic link; all else here is of what it points to

  /// The last part of the path.
  std::string_view name() const;
  bool operator==(const FileInfo&) const = default;
};

/// Where a file can be fetched with download() and the like.
struct WebAddress {
  HttpClient* client = nullptr;  ///< of the store
  std::string url;               ///< not to be printed: it may be signed
  HttpHeaders headers = {};
  bool is_etag_md5 = false;
  std::string document_url = {};  ///< see HttpRequest
};

struct PutFileOptions {
  std::function<void(std::int64_t)> on_bytes = {};  ///< new bytes that were sent
  std::stop_token stop = {};
};

/// How far a request to bring files from tape is.
struct StageState {
  std::int64_t n_ready = 0;
  std::int64_t n_waiting = 0;
  std::vector<std::string> failed = {};  ///< paths
};

/// A store that knows folders. Paths are keys (see Store); "" is the root. Safe from many threads;
/// errors carry the store's URL and the path.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// A file or a folder; nothing when there is none. Symbolic links count as what they point to.
  virtual std::optional<FileInfo> stat(std::string_view path) const = 0;
  /// What lies in a folder, one level deep, sorted by path, without puts under way. Throws
  /// not_found when there is no such folder. Of a file: the file itself.
  virtual std::vector<FileInfo> entries(std::string_view folder) const = 0;
  /// Makes a folder and those above it; no error when it is there. Throws invalid_argument where a
  /// file is in the way. Where folders are only prefixes of keys, as in S3, nothing happens.
  virtual void make_folder(std::string_view path) = 0;
  /// Renames a file or a folder; a file at `to` is replaced, a folder there is invalid_argument.
  /// The folder of `to` must exist. Throws not_found when there is nothing at `from`.
  virtual void move(std::string_view from, std::string_view to) = 0;
  /// Removes a file or an empty folder; a folder with something in it is invalid_argument. No error
  /// when there is none.
  virtual void remove(std::string_view path) = 0;

  /// Puts a file of this machine under a path, whole and checked or not at all; the folder exists.
  /// Returns the digests that were compared with the server's.
  virtual std::vector<Digest> put_file(const std::filesystem::path& file, std::string_view path,
                                       const PutFileOptions& options) = 0;
  /// The file of this machine that a path names; nothing for stores elsewhere.
  virtual std::optional<std::filesystem::path> local_file(std::string_view path) const;
  /// Nothing for stores that are not on the web.
  virtual std::optional<WebAddress> web_address(std::string_view path) const;

  /// What the server knows the bytes of a file to digest to, asked for if need be.
  virtual std::vector<Digest> digests(std::string_view path) const;

  /// Asks that files be brought from tape and kept on disk for `kept`; returns at once, with the
  /// name of the request. Throws unsupported where there is no tape.
  virtual std::string stage(std::span<const std::string> paths, std::chrono::hours kept);
  virtual StageState stage_state(const std::string& request) const;
};

/// Throws invalid_argument unless `path` is empty or a valid key.
void check_path(std::string_view path, std::string_view url);
/// Throws invalid_argument unless both are valid keys and neither lies within the other.
void check_move(std::string_view from, std::string_view to, std::string_view url);
/// The folder of `path`; "" is the root.
std::string_view parent_of(std::string_view path);
void sort_by_path(std::vector<FileInfo>& files);

/// Of a store that is one; throws unsupported, saying what `wanted` is, of another.
FileSystem& file_system_of(Store& store, std::string_view wanted);

/// Calls f(info) for `path`, when it is a file, or else for all files and folders below it, a
/// folder before what is in it, siblings by name. Links to folders are not followed, for they may
/// lead in circles. Throws not_found when there is nothing, and data_loss beyond 10,000 levels.
template <typename F>
void walk(const FileSystem& files, std::string_view path, F&& f);

/// Paths that fit a pattern, sorted: '*' and '?' within a name, "[a-z]" and "[!a-z]", and "**" for
/// any number of folders. Folders that the pattern cannot reach are not listed.
std::vector<FileInfo> glob(const FileSystem& files, std::string_view pattern);
/// True when `text` holds a character that glob takes as a pattern.
bool is_glob(std::string_view text);
/// One name against one part of a pattern.
bool matches_glob(std::string_view name, std::string_view pattern);

inline constexpr int kMostLevels = 10'000;
/// Throws data_loss when `level` is deeper than any honest tree.
void check_level(int level, std::string_view path);

template <typename F>
void walk(const FileSystem& files, std::string_view path, F&& f) {
  const auto first = files.stat(path);
  if (!first) throw Error(Errc::not_found, "'{}': no such file or folder", path);
  if (!first->is_folder) return void(f(*first));
  // Depth first with a stack of its own: a deep tree must not exhaust ours.
  std::vector<std::pair<FileInfo, int>> waiting;
  const auto push = [&](std::string_view folder, int level) {
    check_level(level, folder);
    std::vector<FileInfo> found = files.entries(folder);
    for (auto it = found.rbegin(); it != found.rend(); ++it) waiting.emplace_back(*it, level);
  };
  push(path, 1);
  while (!waiting.empty()) {
    const std::pair<FileInfo, int> next = std::move(waiting.back());
    waiting.pop_back();
    f(next.first);
    if (next.first.is_folder && !next.first.is_link) push(next.first.path, next.second + 1);
  }
}

}  // namespace rastream
