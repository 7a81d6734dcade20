// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <utility>

#include "rastream/base/error.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// Opens a regular file for reading; a negative descriptor when there is none. O_NONBLOCK: a FIFO
/// must not hang us.
Descriptor open_regular(const fs::path& path, std::int64_t& size_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return Descriptor(-1);
    throw error_from_errno(errno, "open", path.native());
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw error_from_errno(errno, "stat", path.native());
  if (!S_ISREG(info.st_mode)) return Descriptor(-1);
  size_bytes = info.st_size;
  return Descriptor(file.release());
}

Bytes read_exactly(const Descriptor& file, ByteRange range, const fs::path& path) {
  Bytes out(static_cast<std::size_t>(range.end - range.begin));
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::pread(file.get(), out.data() + done, out.size() - done,
                              range.begin + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "read", path.native());
    if (n == 0)
      throw Error(Errc::data_loss, "read '{}': the file became shorter while it was read",
                  path.native());
    done += static_cast<std::size_t>(n);
  }
  return out;
}

void write_all(const Descriptor& file, std::span<const std::byte> value, const fs::path& path) {
  while (!value.empty()) {
    const ssize_t n = ::write(file.get(), value.data(), value.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "write", path.native());
    value = value.subspan(static_cast<std::size_t>(n));
  }
}

/// A whole file under its name, open for syncing; before_rename(fd) may sync it.
template <typename F>
Descriptor put_under_name(const fs::path& path, std::span<const std::byte> value,
                          F&& before_rename) {
  const fs::path temporary = temporary_name(path);
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) throw error_from_errno(errno, "create", path.native());
  try {
    write_all(file, value, path);
    before_rename(file.get());
    if (::rename(temporary.c_str(), path.c_str()) != 0)
      throw error_from_errno(errno, "rename to", path.native());
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  return Descriptor(file.release());
}

bool is_temporary(const fs::path& path) { return path.native().ends_with(kTemporarySuffix); }

/// Calls f(entry) for each entry of a folder; no calls when there is no such folder.
template <typename F>
void for_each_entry(const fs::path& folder, F&& f) {
  std::error_code error;
  fs::directory_iterator it(folder, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return;
  for (; !error && it != fs::directory_iterator(); it.increment(error)) f(*it);
  if (error) throw error_from_errno(error.value(), "list", folder.native());
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.is_directory(ignored);
}

void list_into(const fs::path& folder, const std::string& prefix, std::vector<std::string>& keys) {
  for_each_entry(folder, [&](const fs::directory_entry& entry) {
    const std::string key = prefix + entry.path().filename().native();
    std::error_code ignored;
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) {
      list_into(entry.path(), key + "/", keys);
    } else if (entry.is_regular_file(ignored) && !is_temporary(entry.path())) {
      keys.push_back(key);
    }
  });
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw error_from_errno(error.value(), "create folder", folder.native());
}

}  // namespace

fs::path temporary_name(const fs::path& path) {
  static std::atomic<std::uint64_t> counter{0};
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return path.parent_path() /
         fmt::format(".{}-{:x}-{}{}", ::getpid(), now & 0x3fffffff, counter++, kTemporarySuffix);
}

void sync_folder(const fs::path& folder) {
  const Descriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0) throw error_from_errno(errno, "open folder", folder.native());
  // Some file systems cannot sync a folder and say EINVAL; there is nothing more to be done on
  // them.
  if (::fsync(file.get()) != 0 && errno != EINVAL)
    throw error_from_errno(errno, "fsync folder", folder.native());
}

void sync_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw error_from_errno(errno, "open", path.native());
  if (::fsync(file.get()) != 0) throw error_from_errno(errno, "fsync", path.native());
}

UnsyncedFile::UnsyncedFile(UnsyncedFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_bytes_(other.size_bytes_) {}

UnsyncedFile::~UnsyncedFile() {
  if (fd_ >= 0) ::close(fd_);
}

void UnsyncedFile::sync() const {
  if (::fsync(fd_) != 0) throw error_from_errno(errno, "fsync", path_.native());
}

UnsyncedFile write_file_unsynced(const fs::path& path, std::span<const std::byte> value) {
  Descriptor file = put_under_name(path, value, [](int) {});
  // Only a hint: file systems without it write when they are asked to sync.
  ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
  return {path, file.release(), static_cast<std::int64_t>(value.size())};
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> value,
                           Durability durability) {
  put_under_name(path, value, [&](int fd) {
    if (::fsync(fd) != 0) throw error_from_errno(errno, "fsync", path.native());
  });
  if (durability == Durability::file_and_folder) sync_folder(path.parent_path());
}

std::optional<Bytes> read_file(const fs::path& path) {
  std::int64_t size = 0;
  const Descriptor file = open_regular(path, size);
  if (file.get() < 0) return std::nullopt;
  return read_exactly(file, {0, size}, path);
}

void copy_regular_file(const fs::path& from, const fs::path& to) {
  constexpr std::int64_t kPiece = std::int64_t{1} << 20;
  std::int64_t size = 0;
  const Descriptor in = open_regular(from, size);
  if (in.get() < 0) throw error_from_errno(ENOENT, "copy", from.native());
  const Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  struct stat info {};
  if (out.get() < 0 || ::fstat(in.get(), &info) != 0 ||
      ::fchmod(out.get(), info.st_mode & 07777) != 0)
    throw error_from_errno(errno, "copy to", to.native());
  for (std::int64_t at = 0; at < size; at += kPiece)
    write_all(out, read_exactly(in, {at, std::min(at + kPiece, size)}, from), to);
}

void remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) throw error_from_errno(error.value(), "remove", path.native());
}

std::vector<fs::path> find_leftovers(const fs::path& folder, bool recursive) {
  std::vector<fs::path> found;
  for_each_entry(folder, [&](const fs::directory_entry& entry) {
    if (is_temporary(entry.path())) {
      found.push_back(entry.path());
    } else if (recursive && is_folder(entry) && !entry.is_symlink()) {
      for (auto& path : find_leftovers(entry.path())) found.push_back(std::move(path));
    }
  });
  std::sort(found.begin(), found.end());
  return found;
}

FileStore::FileStore(fs::path root) : root_(std::move(root)) {
  std::error_code ignored;
  const fs::path absolute = fs::absolute(root_, ignored);
  url_ = "file://" + (ignored ? root_ : absolute.lexically_normal()).native();
}

fs::path FileStore::path_of(std::string_view key) const {
  check_key(key, url_);
  return root_ / fs::path(key);
}

std::optional<Bytes> FileStore::get(std::string_view key, ByteRange range) const {
  const fs::path path = path_of(key);
  std::int64_t size = 0;
  const Descriptor file = open_regular(path, size);
  if (file.get() < 0) return std::nullopt;
  return read_exactly(file, resolve_range(range, size, url_, key), path);
}

std::optional<std::int64_t> FileStore::size(std::string_view key) const {
  const fs::path path = path_of(key);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw error_from_errno(errno, "stat", path.native());
  }
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  return info.st_size;
}

void FileStore::put(std::string_view key, std::span<const std::byte> value) {
  const fs::path path = path_of(key);
  make_folders(path.parent_path());
  write_file_atomically(path, value, Durability::file_and_folder);
}

void FileStore::erase(std::string_view key) {
  const fs::path path = path_of(key);
  if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return;
  throw error_from_errno(errno, "remove", path.native());
}

std::vector<std::string> FileStore::list(std::string_view prefix) const {
  check_prefix(prefix, url_);
  std::vector<std::string> keys;
  list_into(root_ / fs::path(prefix), std::string(prefix), keys);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::string> FileStore::children(std::string_view prefix) const {
  check_prefix(prefix, url_);
  std::vector<std::string> names;
  for_each_entry(root_ / fs::path(prefix), [&](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().native();
    if (!is_temporary(entry.path())) names.push_back(is_folder(entry) ? name + "/" : name);
  });
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace rastream
