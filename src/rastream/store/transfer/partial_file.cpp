// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/partial_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "rastream/base/error.h"
#include "rastream/base/json.h"
#include "rastream/store/file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// What a kill may cost.
constexpr std::int64_t kCheckpointBytes = 64 << 20;
/// Less is not worth a second file.
constexpr std::int64_t kLeastKept = 1 << 20;
constexpr int kNewFile = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;

/// A name that a later process finds again, whatever characters and length the file's name has.
fs::path name_beside(const fs::path& path, std::string_view kind) {
  const std::string name = path.filename().native();
  const Digest digest = digest_of(DigestKind::sha256, std::as_bytes(std::span(name)));
  return path.parent_path() /
         fmt::format(".{}.{}{}", to_hex(digest.value).substr(0, 24), kind, kTemporarySuffix);
}

Json notes_of(const PartialIdentity& identity, const ByteSet& written) {
  Json ranges = Json::array();
  for (const ByteRange& r : written.ranges()) ranges.push_back({r.begin, r.end});
  return {{"source", identity.source},
          {"size_bytes", identity.size_bytes},
          {"version", identity.version},
          {"durable", ranges}};
}

struct Notes {
  PartialIdentity identity;
  ByteSet written;
};

/// Nothing for what is no notes of ours: then the download begins anew.
std::optional<Notes> parse_notes(const Bytes& bytes, std::int64_t file_size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const Json json = parse_json(text, "notes of a partial file");
    Notes notes;
    notes.identity = {json_member<std::string>(json, "source", "notes"),
                      json_member<std::int64_t>(json, "size_bytes", "notes"),
                      json_member<std::string>(json, "version", "notes")};
    for (const auto& range :
         json_member<std::vector<std::vector<std::int64_t>>>(json, "durable", "notes")) {
      if (range.size() != 2 || range[0] < 0 || range[1] > file_size || range[0] >= range[1])
        return std::nullopt;
      notes.written.add({range[0], range[1]});
    }
    return notes;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::int64_t size_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? info.st_size : -1;
}

}  // namespace

PartialFile::PartialFile(fs::path path) : path_(fs::absolute(path)) {
  open_shared();
  if (fd_ < 0) open_unique();
}

PartialFile::~PartialFile() {
  if (!is_done_) {
    ::unlink(temporary_.c_str());
    if (!notes_.empty()) ::unlink(notes_.c_str());
  }
  if (fd_ >= 0) ::close(fd_);
}

void PartialFile::open_shared() {
  temporary_ = name_beside(path_, "part");
  notes_ = name_beside(path_, "notes");
  fd_ = ::open(temporary_.c_str(), kNewFile | O_NONBLOCK, 0666);
  if (fd_ < 0 && errno != ELOOP && errno != EACCES && errno != ENXIO)
    throw error_from_errno(errno, "create", path_.native());
  if (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0 && is_trusted()) return;
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

/// The name can be guessed, so that somebody may have put something else there; and the one who had
/// the lock before may have renamed or removed the file that was opened.
bool PartialFile::is_trusted() const {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd_, &ours) == 0 && S_ISREG(ours.st_mode) && ours.st_nlink == 1 &&
         ours.st_uid == ::geteuid() && ::lstat(temporary_.c_str(), &named) == 0 &&
         named.st_ino == ours.st_ino && named.st_dev == ours.st_dev;
}

void PartialFile::open_unique() {
  notes_.clear();
  temporary_ = temporary_name(path_);
  fd_ = ::open(temporary_.c_str(), kNewFile | O_EXCL, 0666);
  if (fd_ < 0) throw error_from_errno(errno, "create", path_.native());
}

std::optional<PartialIdentity> PartialFile::resume(const std::string& source) {
  if (notes_.empty()) return std::nullopt;
  const auto text = read_file(notes_);
  const auto notes = text ? parse_notes(*text, size_of(fd_)) : std::nullopt;
  if (!notes || notes->identity.source != source || notes->identity.version.empty() ||
      notes->identity.size_bytes < size_of(fd_)) {
    forget();
    return std::nullopt;
  }
  identity_ = notes->identity;
  written_ = notes->written;
  return identity_;
}

void PartialFile::forget() {
  const std::lock_guard lock(mutex_);
  written_.clear();
  n_since_checkpoint_ = 0;
  if (!notes_.empty()) ::unlink(notes_.c_str());
  if (::ftruncate(fd_, 0) != 0) throw error_from_errno(errno, "truncate", path_.native());
}

void PartialFile::restart(PartialIdentity identity) {
  forget();
  identity_ = std::move(identity);
}

void PartialFile::write(std::int64_t at, std::span<const std::byte> bytes) {
  const ByteRange range{at, at + static_cast<std::int64_t>(bytes.size())};
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "write", path_.native());
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    at += n;
  }
  const std::lock_guard lock(mutex_);
  written_.add(range);
  n_since_checkpoint_ += range.end - range.begin;
}

std::int64_t PartialFile::n_written() const {
  const std::lock_guard lock(mutex_);
  return written_.count();
}

std::vector<ByteRange> PartialFile::missing(std::int64_t size_bytes) const {
  const std::lock_guard lock(mutex_);
  return written_.missing(size_bytes);
}

void PartialFile::read(std::int64_t begin, std::span<std::byte> into) const {
  while (!into.empty()) {
    const ssize_t n = ::pread(fd_, into.data(), into.size(), begin);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "read back", path_.native());
    if (n == 0) throw Error(Errc::data_loss, "'{}': shorter than what was written", path_.native());
    into = into.subspan(static_cast<std::size_t>(n));
    begin += n;
  }
}

void PartialFile::checkpoint() {
  if (notes_.empty() || identity_.version.empty()) return;
  ByteSet durable;
  {
    const std::lock_guard lock(mutex_);
    durable = written_;
    n_since_checkpoint_ = 0;
  }
  if (::fdatasync(fd_) != 0) throw error_from_errno(errno, "fsync", path_.native());
  const std::string text = notes_of(identity_, durable).dump();
  write_file_atomically(notes_, std::as_bytes(std::span(text)), Durability::file);
}

void PartialFile::checkpoint_if_due() {
  {
    const std::lock_guard lock(mutex_);
    if (n_since_checkpoint_ < kCheckpointBytes) return;
  }
  checkpoint();
}

void PartialFile::keep() noexcept {
  if (notes_.empty() || identity_.version.empty() || n_written() < kLeastKept) return;
  try {
    checkpoint();
    is_done_ = true;
  } catch (const std::exception&) {
    // Without its notes it is of no use; the destructor removes it.
  }
}

void PartialFile::commit(std::int64_t size_bytes,
                         std::optional<std::chrono::system_clock::time_point> changed_at,
                         bool is_synced, bool syncs_folder) {
  if (size_of(fd_) != size_bytes)
    throw Error(Errc::data_loss, "'{}': {} bytes were written: expected {}", path_.native(),
                size_of(fd_), size_bytes);
  if (changed_at) {
    const auto seconds = std::chrono::system_clock::to_time_t(*changed_at);
    const timespec times[2] = {{0, UTIME_NOW}, {seconds, 0}};
    ::futimens(fd_, times);  // a hint for later: not worth a failure
  }
  if (is_synced && ::fsync(fd_) != 0) throw error_from_errno(errno, "fsync", path_.native());
  if (::rename(temporary_.c_str(), path_.c_str()) != 0)
    throw error_from_errno(errno, "rename to", path_.native());
  is_done_ = true;
  if (!notes_.empty()) ::unlink(notes_.c_str());
  if (is_synced && syncs_folder) sync_folder(path_.parent_path());
}

}  // namespace rastream
