// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/file_system.h"

#include <algorithm>
#include <array>

namespace rastream {
namespace {

constexpr std::array<std::string_view, 5> kLocalities = {
    "ONLINE", "NEARLINE", "ONLINE_AND_NEARLINE", "UNAVAILABLE", "LOST"};

/// Whether `c` is in the set that begins at pattern[at] == '['; moves `at` behind the ']'. Nothing
/// when there is no ']', for then '[' is a character like others.
std::optional<bool> is_in_set(char c, std::string_view pattern, std::size_t& at) {
  const bool is_negated = at + 1 < pattern.size() && pattern[at + 1] == '!';
  const std::size_t first = at + 1 + (is_negated ? 1 : 0);
  const std::size_t end = pattern.find(']', first + 1);
  if (end == std::string_view::npos) return std::nullopt;
  bool is_in = false;
  for (std::size_t i = first; i < end; ++i) {
    const bool is_span = i + 2 < end && pattern[i + 1] == '-';
    is_in = is_in || (is_span ? pattern[i] <= c && c <= pattern[i + 2] : pattern[i] == c);
    if (is_span) i += 2;
  }
  at = end + 1;
  return is_in != is_negated;
}

std::string joined(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

void glob_into(const FileSystem& files, const FileInfo& at, std::string_view pattern,
               std::vector<FileInfo>& found) {
  const std::size_t slash = pattern.find('/');
  const std::string_view part = pattern.substr(0, slash);
  const bool is_last = slash == std::string_view::npos;
  const std::string_view rest = is_last ? std::string_view() : pattern.substr(slash + 1);
  if (!is_glob(part)) {
    const auto next = files.stat(joined(at.path, part));
    if (!next || (!is_last && !next->is_folder)) return;
    return is_last ? found.push_back(*next) : glob_into(files, *next, rest, found);
  }
  if (part == "**") {
    if (!is_last) glob_into(files, at, rest, found);
    walk(files, at.path, [&](const FileInfo& info) {
      if (is_last)
        found.push_back(info);
      else if (info.is_folder)
        glob_into(files, info, rest, found);
    });
    return;
  }
  for (const FileInfo& info : files.entries(at.path)) {
    if (!matches_glob(info.name(), part)) continue;
    if (is_last)
      found.push_back(info);
    else if (info.is_folder)
      glob_into(files, info, rest, found);
  }
}

}  // namespace

std::string_view to_string(Locality locality) {
  return kLocalities[static_cast<std::size_t>(locality)];
}

std::optional<Locality> parse_locality(std::string_view text) {
  const auto it = std::find(kLocalities.begin(), kLocalities.end(), text);
  if (it == kLocalities.end()) return std::nullopt;
  return static_cast<Locality>(it - kLocalities.begin());
}

std::string_view FileInfo::name() const {
  const std::size_t slash = path.rfind('/');
  return std::string_view(path).substr(slash == std::string::npos ? 0 : slash + 1);
}

std::optional<std::filesystem::path> FileSystem::local_file(std::string_view) const {
  return std::nullopt;
}

std::optional<WebAddress> FileSystem::web_address(std::string_view) const { return std::nullopt; }

std::vector<Digest> FileSystem::digests(std::string_view path) const {
  const auto found = stat(path);
  return found ? found->digests : std::vector<Digest>();
}

std::string FileSystem::stage(std::span<const std::string> paths, std::chrono::hours) {
  throw Error(Errc::unsupported, "stage '{}': this store has no tape: only dCache has",
              paths.empty() ? "" : paths.front());
}

StageState FileSystem::stage_state(const std::string& request) const {
  throw Error(Errc::unsupported, "stage '{}': this store has no tape: only dCache has", request);
}

void check_path(std::string_view path, std::string_view url) {
  if (!path.empty()) check_key(path, url);
}

void check_move(std::string_view from, std::string_view to, std::string_view url) {
  check_key(from, url);
  check_key(to, url);
  const auto is_within = [](std::string_view a, std::string_view b) {
    return a.starts_with(b) && (a.size() == b.size() || a[b.size()] == '/');
  };
  if (is_within(from, to) || is_within(to, from))
    throw Error(Errc::invalid_argument,
                "{}: cannot move '{}' to '{}': one is, or lies within, the other", url, from, to);
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return path.substr(0, slash == std::string_view::npos ? 0 : slash);
}

void sort_by_path(std::vector<FileInfo>& files) {
  std::sort(files.begin(), files.end(),
            [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
}

FileSystem& file_system_of(Store& store, std::string_view wanted) {
  if (auto* files = dynamic_cast<FileSystem*>(&store)) return *files;
  throw Error(Errc::unsupported,
              "{}: cannot {} there: expected a file, webdav, dcache, s3 or memory URL", store.url(),
              wanted);
}

void check_level(int level, std::string_view path) {
  if (level <= kMostLevels) return;
  throw Error(Errc::data_loss, "'{}': more than {} folders within each other", path, kMostLevels);
}

bool is_glob(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }

bool matches_glob(std::string_view name, std::string_view pattern) {
  // Greedy, going back to the last '*' alone: quadratic at worst, for no pattern exponential.
  std::size_t n = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_n = 0;
  while (n < name.size()) {
    std::size_t next = p;
    bool fits = false;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_n = n;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '[') {
      const auto in_set = is_in_set(name[n], pattern, next);
      fits = in_set.value_or(name[n] == '[');
      if (!in_set) next = p + 1;
    } else if (p < pattern.size()) {
      fits = pattern[p] == '?' || pattern[p] == name[n];
      next = p + 1;
    }
    if (fits) {
      p = next;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_n;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<FileInfo> glob(const FileSystem& files, std::string_view pattern) {
  std::vector<FileInfo> found;
  while (pattern.ends_with('/')) pattern.remove_suffix(1);
  if (const auto root = files.stat("")) glob_into(files, *root, pattern, found);
  sort_by_path(found);
  const auto is_same = [](const FileInfo& a, const FileInfo& b) { return a.path == b.path; };
  found.erase(std::unique(found.begin(), found.end(), is_same), found.end());
  return found;
}

}  // namespace rastream
