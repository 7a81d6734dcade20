// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/memory.h"

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

}  // namespace rastream
