// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream::zarr {
namespace {

/// Takes the number before the next blank off `line`.
template <typename T>
std::optional<T> take(std::string_view& line, int base) {
  T value{};
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(line.data(), line.data() + blank, value, base);
  if (error != std::errc() || end != line.data() + blank) return std::nullopt;
  line.remove_prefix(blank + 1);
  return value;
}

std::optional<std::pair<JournalKey, JournalEntry>> parse_line(std::string_view line) {
  const auto sum = take<std::uint64_t>(line, 16);
  if (!sum || *sum != checksum(line)) return std::nullopt;
  const auto signature = take<std::uint64_t>(line, 16);
  const auto chunk = take<std::int64_t>(line, 10);
  const auto length = take<std::int64_t>(line, 10);
  const auto hash = take<std::uint64_t>(line, 16);
  if (!signature || !chunk || !length || !hash) return std::nullopt;
  if (!line.starts_with("w ") && !line.starts_with("d ")) return std::nullopt;
  const auto state = static_cast<ChunkState>(line[0]);
  return std::pair(JournalKey{std::string(line.substr(2)), *signature, *chunk},
                   JournalEntry{{*length, *hash}, state});
}

bool ends_torn(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return bytes && !bytes->empty() && bytes->back() != std::byte{'\n'};
}

}  // namespace

Journal::Journal(std::filesystem::path path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)),
      is_torn_(ends_torn(path_)) {
  if (fd_ < 0) throw error_from_errno(errno, "open", path_.native());
}

Journal::~Journal() { ::close(fd_); }

void Journal::append(const std::string& array, std::uint64_t signature,
                     std::span<const NumberedRecord> chunks, ChunkState state) {
  std::string lines;
  for (const auto& [number, record] : chunks) {
    const std::string rest =
        fmt::format("{:016x} {} {} {:016x} {} {}", signature, number, record.length, record.hash,
                    static_cast<char>(state), array);
    lines += fmt::format("{:016x} {}\n", checksum(rest), rest);
  }
  const std::lock_guard lock(mutex_);
  if (is_torn_) lines.insert(0, 1, '\n');
  ssize_t n = 0;
  do n = ::write(fd_, lines.data(), lines.size());
  while (n < 0 && errno == EINTR);
  is_torn_ = n != static_cast<ssize_t>(lines.size());
  if (!is_torn_) return;
  throw error_from_errno(n < 0 ? errno : ENOSPC, "write", path_.native());
}

std::map<JournalKey, JournalEntry> read_journal(const std::filesystem::path& path) {
  std::map<JournalKey, JournalEntry> records;
  const auto bytes = read_file(path);
  if (!bytes) return records;
  std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  while (!text.empty()) {
    const auto newline = text.find('\n');
    if (newline == std::string_view::npos) break;
    if (auto entry = parse_line(text.substr(0, newline))) records[entry->first] = entry->second;
    text.remove_prefix(newline + 1);
  }
  return records;
}

}  // namespace rastream::zarr
