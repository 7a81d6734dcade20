// SPDX-License-Identifier: Apache-2.0
// Reads numbers off a run of bytes that came from a file, and never past its end: the parsers of
// HDF5 and classic NetCDF metadata are built on it, so that no length found in a file is believed
// before it is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rastream {

/// A position in bytes that the caller keeps alive. Every method throws data_loss when fewer bytes
/// are left than asked.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : rest_(bytes) {}

  /// The next `n_bytes` (at most 8) as an unsigned integer, least significant byte first.
  std::uint64_t little(std::size_t n_bytes);
  /// The same, most significant byte first.
  std::uint64_t big(std::size_t n_bytes);
  std::uint8_t byte() { return static_cast<std::uint8_t>(little(1)); }
  std::span<const std::byte> take(std::size_t n_bytes);
  void skip(std::size_t n_bytes) { take(n_bytes); }
  std::size_t n_left() const { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace rastream
