// SPDX-License-Identifier: Apache-2.0
// Bytes by key and range: a directory, memory, later HTTP, WebDAV and dCache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/base/bytes.h"

namespace rastream {

/// Half-open range of bytes; `end` < 0 means to the end of the value.
struct ByteRange {
  std::int64_t begin = 0;
  std::int64_t end = -1;
};

/// Keys are '/'-separated relative paths without empty, '.' or '..' parts (others: invalid_argument).
/// All methods are safe to call from many threads. Every Error carries the store's URL and the key.
class Store {
 public:
  virtual ~Store() = default;
  /// "file:///data/out.zarr", "memory://", ...
  virtual std::string url() const = 0;
  /// The value, or the bytes of `range`; nothing when the key is absent (absence is not an error).
  /// Throws data_loss when the range is not wholly inside the value.
  virtual std::optional<Bytes> get(std::string_view key, ByteRange range = {}) const = 0;
  /// Length of the value; nothing when absent.
  virtual std::optional<std::int64_t> size(std::string_view key) const = 0;
  /// Post-condition: a reader sees the old value or the whole new one, never a part, also after a crash.
  virtual void put(std::string_view key, std::span<const std::byte> value) = 0;
  /// No error when absent.
  virtual void erase(std::string_view key) = 0;
  /// All keys that start with `prefix` (a folder name ending in '/', or empty), sorted.
  virtual std::vector<std::string> list(std::string_view prefix) const = 0;
};

/// Opens a store by URL; a plain path is a file store. Throws unsupported for an unknown scheme.
std::unique_ptr<Store> open_store(const std::string& url);

}  // namespace rastream
