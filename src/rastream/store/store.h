// SPDX-License-Identifier: Apache-2.0
// Bytes by key and range: a directory, memory, a server.
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

/// What is known of a value without reading it.
struct ValueInfo {
  std::int64_t size_bytes = 0;
  /// Another text for other bytes: an ETag, a time of change; "" when nothing is known.
  std::string version = {};
  bool operator==(const ValueInfo&) const = default;
};

/// Keys are '/'-separated relative paths without empty, '.' or '..' parts and without NUL (others:
/// invalid_argument). All methods are safe to call from many threads. Every Error carries the
/// store's URL and the key.
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
  /// Length and version of the value; nothing when absent.
  virtual std::optional<ValueInfo> info(std::string_view key) const;
  /// As get, but throws data_loss when the value is known to be of another version by now.
  virtual std::optional<Bytes> get_version(std::string_view key, ByteRange range,
                                           const std::string& version) const;
  /// Post-condition: a reader sees the old value or the whole new one, never a part, also after a
  /// crash.
  virtual void put(std::string_view key, std::span<const std::byte> value) = 0;
  /// No error when absent.
  virtual void erase(std::string_view key) = 0;
  /// All keys that start with `prefix` (a folder name ending in '/', or empty), sorted.
  virtual std::vector<std::string> list(std::string_view prefix) const = 0;
  /// Names one level below `prefix`, sorted; a folder's name ends in '/'. Walks a hierarchy without
  /// listing its leaves.
  virtual std::vector<std::string> children(std::string_view prefix) const = 0;
};

/// True when `key` may name a value: see Store. Names ending in kTemporarySuffix are reserved for
/// puts under way.
bool is_valid_key(std::string_view key);
/// Throws invalid_argument, naming `url` and the key, unless is_valid_key(key).
void check_key(std::string_view key, std::string_view url);
/// Throws invalid_argument unless `prefix` is empty or a valid key followed by '/'.
void check_prefix(std::string_view prefix, std::string_view url);
/// The bytes [begin, end) that `range` means in a value of `size` bytes. Throws data_loss or
/// invalid_argument.
ByteRange resolve_range(ByteRange range, std::int64_t size, std::string_view url,
                        std::string_view key);

/// What Store::children is of a store with the sorted `keys` below `prefix`.
std::vector<std::string> children_of(const std::vector<std::string>& keys, std::string_view prefix);

inline constexpr std::string_view kTemporarySuffix = ".rastream-tmp";

/// Opens a store by URL or public_name(); a plain path is a file store. Throws unsupported for an
/// unknown scheme.
std::unique_ptr<Store> open_store(const std::string& url);

}  // namespace rastream
