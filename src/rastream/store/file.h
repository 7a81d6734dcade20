// SPDX-License-Identifier: Apache-2.0
// A store in a directory of a POSIX file system, and the one way in which rastream puts a file
// under its name.
#pragma once

#include <filesystem>

#include "rastream/store/file_system.h"

namespace rastream {

/// What has reached the disk when a write returns.
enum class Durability {
  file,             ///< the bytes; the name follows with the folder's next sync_folder
  file_and_folder,  ///< the bytes and the name
};

/// Writes to a unique temporary name in the same folder, fsyncs, and renames to `path`: a reader,
/// and a machine that lost power, sees the old file or the whole new one. The temporary is removed
/// when anything fails. A failed fsync is never tried again, for the kernel may by then have
/// dropped the bytes. Throws unavailable (a full disk: "disk full").
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> value,
                           Durability durability);

/// A file under its name whose bytes may not have reached the disk. Moves; closes its descriptor.
class UnsyncedFile {
 public:
  UnsyncedFile(std::filesystem::path path, int fd, std::int64_t size_bytes)
      : path_(std::move(path)), fd_(fd), size_bytes_(size_bytes) {}
  UnsyncedFile(UnsyncedFile&& other) noexcept;
  UnsyncedFile& operator=(UnsyncedFile&&) = delete;
  ~UnsyncedFile();
  std::int64_t size_bytes() const { return size_bytes_; }
  /// Post-condition: the bytes are on the disk; the name follows with the folder's next
  /// sync_folder.
  void sync() const;

 private:
  std::filesystem::path path_;
  int fd_;
  std::int64_t size_bytes_;
};

/// The same as write_file_atomically without waiting for the disk: a reader sees the old file or
/// the whole new one, but a machine that loses power before sync() may have neither. Its bytes are
/// on their way.
UnsyncedFile write_file_unsynced(const std::filesystem::path& path,
                                 std::span<const std::byte> value);

/// A new name in the folder of `path`, for what is renamed to `path` when it is whole. Unique among
/// threads, processes, also a later one with the same id, and, but for a chance of 2^-30 or so,
/// machines that share the folder. find_leftovers knows it.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Makes the bytes of a file durable that another process may have written.
void sync_file(const std::filesystem::path& path);

/// Makes renames and new names in `folder` durable.
void sync_folder(const std::filesystem::path& folder);

/// Whole file, or nothing when there is no regular file of that name (opening never blocks on a
/// FIFO).
std::optional<Bytes> read_file(const std::filesystem::path& path);

/// Makes `to` a copy of the regular file `from`, or replaces it by one, with its mode; not
/// atomic. Unlike std::filesystem::copy_file, which says EIO then, it throws that a disk is full.
void copy_regular_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file, or a folder with all in it; nothing when there is none.
void remove_tree(const std::filesystem::path& path);

/// Temporaries of writers, dead or at work, in `folder` and, if `recursive`, below it. REQUIRES for
/// their removal: no writer is at work there.
std::vector<std::filesystem::path> find_leftovers(const std::filesystem::path& folder,
                                                  bool recursive = true);

/// Keys are paths below `root`. A put creates missing folders, the root included.
class FileStore : public Store, public FileSystem {
 public:
  explicit FileStore(std::filesystem::path root);
  std::string url() const override { return url_; }
  std::optional<Bytes> get(std::string_view key, ByteRange range = {}) const override;
  std::optional<std::int64_t> size(std::string_view key) const override;
  void put(std::string_view key, std::span<const std::byte> value) override;
  void erase(std::string_view key) override;
  std::vector<std::string> list(std::string_view prefix) const override;
  std::vector<std::string> children(std::string_view prefix) const override;

  std::optional<FileInfo> stat(std::string_view path) const override;
  std::vector<FileInfo> entries(std::string_view folder) const override;
  void make_folder(std::string_view path) override;
  void move(std::string_view from, std::string_view to) override;
  void remove(std::string_view path) override;
  std::vector<Digest> put_file(const std::filesystem::path& file, std::string_view path,
                               const PutFileOptions& options) override;
  std::optional<std::filesystem::path> local_file(std::string_view path) const override {
    return local_path(path);
  }

  /// The file on this machine that `path` names; the root for "".
  std::filesystem::path local_path(std::string_view path) const;

 private:
  std::filesystem::path path_of(std::string_view key) const;
  std::filesystem::path root_;
  std::string url_;
};

}  // namespace rastream
