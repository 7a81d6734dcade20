// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/metadata_cache.h"

#include <xxhash.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "rastream/base/text_file.h"
#include "rastream/format/hdf5/archive.h"

namespace rastream {

// Found through its argument, so not below.
template <class A>
void fields(A& a, FileStamp& s) {
  a(s.size, s.modified_ns, s.changed_ns, s.inode);
}

namespace {

namespace fs = std::filesystem;

// A new number for every change of what an entry holds.
constexpr std::string_view kMagic = "rastream NetCDF-4 metadata 1\n";
constexpr std::size_t kSumBytes = 8;
constexpr std::size_t kMaxEntryBytes = std::size_t{64} << 20;

/// What an entry is of.
struct Subject {
  std::string path;
  std::string group;
  FileStamp stamp;
};

template <class A>
void fields(A& a, Subject& s) {
  a(s.path, s.group, s.stamp.size, s.stamp.modified_ns, s.stamp.changed_ns, s.stamp.inode);
}

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  return (error ? fs::path(path) : whole).lexically_normal().string();
}

std::string sum_of(std::string_view bytes) {
  const std::uint64_t sum = XXH3_64bits(bytes.data(), bytes.size());
  std::string text(kSumBytes, '\0');
  for (std::size_t i = 0; i < kSumBytes; ++i) text[i] = static_cast<char>(sum >> 8 * i);
  return text;
}

std::optional<FileRecord> record_in(const Bytes& bytes, const Subject& wanted) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() < kMagic.size() + kSumBytes || !text.starts_with(kMagic)) return std::nullopt;
  const std::string_view body = text.substr(0, text.size() - kSumBytes);
  if (text.substr(body.size()) != sum_of(body)) return std::nullopt;
  Loader loader{
      std::span<const std::byte>(bytes).subspan(kMagic.size(), body.size() - kMagic.size())};
  Subject subject;
  std::string record;
  loader(subject, record);
  const bool is_it =
      subject.path == wanted.path && subject.group == wanted.group && subject.stamp == wanted.stamp;
  if (!is_it) return std::nullopt;
  return file_record_from(std::as_bytes(std::span(record)));
}

}  // namespace

std::optional<MetadataCache> MetadataCache::from_environment() {
  const char* folder = std::getenv("RASTREAM_CACHE");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return MetadataCache(folder);
}

bool MetadataCache::is_settled(const FileStamp& stamp) {
  constexpr std::int64_t kSettling = 2'000'000'000;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - stamp.modified_ns >
         kSettling;
}

std::string MetadataCache::entry_path(const std::string& file_path,
                                      const std::string& group) const {
  const std::string key = absolute(file_path) + '\0' + group;
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  const std::string name = fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  return fmt::format("{}/netcdf4/{}/{}", folder_, name.substr(0, 2), name.substr(2));
}

std::optional<FileRecord> MetadataCache::find(const FileBytes& file,
                                              const std::string& group) const {
  try {
    const FileBytes entry(entry_path(file.path(), group));
    if (entry.size() > kMaxEntryBytes) return std::nullopt;
    return record_in(entry.read_at(0, entry.size()), {absolute(file.path()), group, file.stamp()});
  } catch (const Error&) {
    return std::nullopt;
  }
}

void MetadataCache::keep(const FileBytes& file, const std::string& group,
                         const FileRecord& record) const {
  Subject subject{absolute(file.path()), group, file.stamp()};
  std::string bytes = to_bytes(record);
  Saver saver;
  saver(subject, bytes);
  std::string entry = std::string(kMagic) + saver.take();
  entry += sum_of(entry);
  if (entry.size() > kMaxEntryBytes) return;
  // The temporary name is one a process.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  try {
    const std::string path = entry_path(file.path(), group);
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    write_text_file(path, entry);
  } catch (const Error&) {
    // A full or read-only folder costs time only.
  }
}

}  // namespace rastream
