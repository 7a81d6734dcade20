// SPDX-License-Identifier: Apache-2.0
// Sizes in bytes as people write them, checked size arithmetic, and owned byte buffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rastream {

using Bytes = std::vector<std::byte>;

/// Parses "512MiB", "2 GiB", "1.5GB", "4096", case-insensitively. Throws invalid_argument.
std::int64_t parse_bytes(std::string_view text);

/// "512 MiB", "1.4 GiB", "17 B": binary units, at most three significant digits.
std::string format_bytes(double size_bytes);

/// a * b, or throws data_loss "<what>: size overflows" (sizes come from files, so overflow is bad
/// data).
std::int64_t checked_multiply(std::int64_t a, std::int64_t b, std::string_view what);

/// a / b rounded up, for any a: (a + b - 1) / b would overflow for sizes that a hostile file
/// claims. REQUIRES: a >= 0, b > 0.
constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return a / b + (a % b != 0); }

/// Memory that is not zeroed, 64-byte aligned, and returned to the system when large.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size_bytes);
  std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<std::byte> span() const { return {data_.get(), size_}; }
  /// Grows to at least `size_bytes`; the contents are lost when it grows.
  void reserve(std::size_t size_bytes);

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  std::unique_ptr<std::byte[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace rastream
