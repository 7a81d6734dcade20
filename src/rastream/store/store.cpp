// SPDX-License-Identifier: Apache-2.0
// The rules that every store shares: which keys are keys, and what a range means.
#include "rastream/store/store.h"

#include <algorithm>

#include "rastream/base/error.h"

namespace rastream {

bool is_valid_key(std::string_view key) {
  if (key.empty() || key.find('\0') != std::string_view::npos || key.ends_with(kTemporarySuffix))
    return false;
  while (true) {
    const auto slash = key.find('/');
    const std::string_view part = key.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

void check_key(std::string_view key, std::string_view url) {
  if (is_valid_key(key)) return;
  throw Error(Errc::invalid_argument,
              "{}: '{}' is not a key: expected a relative path without empty, '.' or '..' parts",
              url, key);
}

void check_prefix(std::string_view prefix, std::string_view url) {
  if (prefix.empty()) return;
  if (prefix.back() == '/' && is_valid_key(prefix.substr(0, prefix.size() - 1))) return;
  throw Error(Errc::invalid_argument,
              "{}: '{}' is not a prefix: expected a folder name ending in '/', or nothing", url,
              prefix);
}

ByteRange resolve_range(ByteRange range, std::int64_t size, std::string_view url,
                        std::string_view key) {
  const std::int64_t end = range.end < 0 ? size : range.end;
  if (range.begin < 0 || (range.end >= 0 && range.end < range.begin)) {
    throw Error(Errc::invalid_argument, "{}: [{}, {}) of '{}' is not a range of bytes", url,
                range.begin, range.end, key);
  }
  if (range.begin > size || end > size) {
    throw Error(Errc::data_loss, "{}: '{}' has {} bytes: expected at least {}", url, key, size,
                std::max(range.begin, end));
  }
  return {range.begin, end};
}

std::vector<std::string> children_of(const std::vector<std::string>& keys,
                                     std::string_view prefix) {
  std::vector<std::string> names;
  for (const std::string& key : keys) {
    const std::string_view rest = std::string_view(key).substr(prefix.size());
    const auto slash = rest.find('/');
    const std::string_view name =
        rest.substr(0, slash == std::string_view::npos ? slash : slash + 1);
    if (names.empty() || names.back() != name) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<ValueInfo> Store::info(std::string_view key) const {
  const std::optional<std::int64_t> size_bytes = size(key);
  if (!size_bytes) return std::nullopt;
  return ValueInfo{*size_bytes};
}

std::optional<Bytes> Store::get_version(std::string_view key, ByteRange range,
                                        const std::string&) const {
  return get(key, range);
}

}  // namespace rastream
