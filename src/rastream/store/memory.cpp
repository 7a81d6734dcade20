// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/memory.h"

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream {

std::optional<Bytes> MemoryStore::get(std::string_view key, ByteRange range) const {
  check_key(key, url_);
  const std::lock_guard lock(mutex_);
  const auto it = values_.find(key);
  if (it == values_.end()) return std::nullopt;
  const ByteRange r = resolve_range(range, static_cast<std::int64_t>(it->second.size()), url_, key);
  return Bytes(it->second.begin() + r.begin, it->second.begin() + r.end);
}

std::optional<std::int64_t> MemoryStore::size(std::string_view key) const {
  check_key(key, url_);
  const std::lock_guard lock(mutex_);
  const auto it = values_.find(key);
  if (it == values_.end()) return std::nullopt;
  return static_cast<std::int64_t>(it->second.size());
}

void MemoryStore::put(std::string_view key, std::span<const std::byte> value) {
  check_key(key, url_);
  Bytes copy(value.begin(), value.end());
  const std::lock_guard lock(mutex_);
  values_.insert_or_assign(std::string(key), std::move(copy));
}

void MemoryStore::erase(std::string_view key) {
  check_key(key, url_);
  const std::lock_guard lock(mutex_);
  if (const auto it = values_.find(key); it != values_.end()) values_.erase(it);
}

std::vector<std::string> MemoryStore::list(std::string_view prefix) const {
  check_prefix(prefix, url_);
  const std::lock_guard lock(mutex_);
  std::vector<std::string> keys;
  for (auto it = values_.lower_bound(prefix); it != values_.end() && it->first.starts_with(prefix);
       ++it) {
    keys.push_back(it->first);
  }
  return keys;
}

std::vector<std::string> MemoryStore::children(std::string_view prefix) const {
  return children_of(list(prefix), prefix);
}

namespace {

/// True when a key of the sorted container begins with `prefix`.
template <typename Sorted>
bool has_below(const Sorted& sorted, const std::string& prefix) {
  const auto it = sorted.lower_bound(prefix);
  if (it == sorted.end()) return false;
  if constexpr (requires { it->first; })
    return it->first.starts_with(prefix);
  else
    return it->starts_with(prefix);
}

}  // namespace

bool MemoryStore::is_folder(std::string_view path) const {
  if (path.empty() || folders_.contains(path)) return true;
  const std::string prefix = std::string(path) + "/";
  return has_below(values_, prefix) || has_below(folders_, prefix);
}

FileInfo MemoryStore::info_of(std::string_view path) const {
  FileInfo info;
  info.path = path;
  const auto it = values_.find(path);
  info.is_folder = it == values_.end();
  if (!info.is_folder) info.size_bytes = static_cast<std::int64_t>(it->second.size());
  return info;
}

std::optional<FileInfo> MemoryStore::stat(std::string_view path) const {
  check_path(path, url_);
  const std::lock_guard lock(mutex_);
  if (!values_.contains(path) && !is_folder(path)) return std::nullopt;
  return info_of(path);
}

std::vector<FileInfo> MemoryStore::entries(std::string_view folder) const {
  check_path(folder, url_);
  const std::lock_guard lock(mutex_);
  if (values_.contains(folder)) return {info_of(folder)};
  if (!is_folder(folder)) throw Error(Errc::not_found, "{}: no folder '{}'", url_, folder);
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  std::vector<std::string> keys;
  const auto take = [&](const std::string& key) {
    if (key.starts_with(prefix)) keys.push_back(key);
  };
  for (const auto& [key, value] : values_) take(key);
  for (const std::string& name : folders_) take(name);
  std::vector<FileInfo> found;
  for (std::string& name : children_of(keys, prefix)) {
    if (name.ends_with('/')) name.pop_back();
    if (found.empty() || found.back().path != prefix + name)
      found.push_back(info_of(prefix + name));
  }
  sort_by_path(found);
  return found;
}

void MemoryStore::check_parent(std::string_view path) const {
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    if (values_.contains(path.substr(0, slash)))
      throw Error(Errc::invalid_argument, "{}: '{}' is a file: expected a folder", url_,
                  path.substr(0, slash));
  }
}

void MemoryStore::make_folder(std::string_view path) {
  check_path(path, url_);
  const std::lock_guard lock(mutex_);
  check_parent(std::string(path) + "/");
  if (!path.empty()) folders_.emplace(path);
}

void MemoryStore::move(std::string_view from, std::string_view to) {
  check_move(from, to, url_);
  const std::lock_guard lock(mutex_);
  check_parent(to);
  if (!is_folder(parent_of(to)))
    throw Error(Errc::not_found, "{}: no folder '{}'", url_, parent_of(to));
  if (is_folder(to))
    throw Error(Errc::invalid_argument, "{}: '{}' is a folder: it is not replaced", url_, to);
  if (auto node = values_.extract(std::string(from)); !node.empty()) {
    values_.erase(std::string(to));
    node.key() = to;
    values_.insert(std::move(node));
    return;
  }
  if (!is_folder(from)) throw Error(Errc::not_found, "{}: no file or folder '{}'", url_, from);
  if (values_.contains(to))
    throw Error(Errc::invalid_argument, "{}: '{}' is a file: a folder does not replace it", url_,
                to);
  const std::string prefix = std::string(from) + "/";
  const auto renamed = [&](const std::string& key) {
    return std::string(to) + "/" + key.substr(prefix.size());
  };
  for (auto it = values_.lower_bound(prefix);
       it != values_.end() && it->first.starts_with(prefix);) {
    auto node = values_.extract(it++);
    node.key() = renamed(node.key());
    values_.insert(std::move(node));
  }
  std::set<std::string, std::less<>> folders = {std::string(to)};
  for (const std::string& name : folders_) {
    if (name != from) folders.insert(name.starts_with(prefix) ? renamed(name) : name);
  }
  folders_ = std::move(folders);
}

void MemoryStore::remove(std::string_view path) {
  check_path(path, url_);
  const std::lock_guard lock(mutex_);
  if (const auto it = values_.find(path); it != values_.end()) {
    values_.erase(it);
    return;
  }
  const std::string prefix = path.empty() ? "" : std::string(path) + "/";
  if (has_below(values_, prefix) || has_below(folders_, prefix))
    throw Error(Errc::invalid_argument, "{}: folder '{}' is not empty", url_, path);
  if (const auto it = folders_.find(path); it != folders_.end()) folders_.erase(it);
}

std::vector<Digest> MemoryStore::put_file(const std::filesystem::path& file, std::string_view path,
                                          const PutFileOptions& options) {
  const auto bytes = read_file(file);
  if (!bytes) throw Error(Errc::not_found, "'{}': no such file", file.native());
  put(path, *bytes);
  if (options.on_bytes) options.on_bytes(static_cast<std::int64_t>(bytes->size()));
  return {};
}

}  // namespace rastream
