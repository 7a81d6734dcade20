// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/cursor.h"

#include "rastream/base/error.h"

namespace rastream {

std::span<const std::byte> Cursor::take(std::size_t n_bytes) {
  if (n_bytes > rest_.size()) {
    throw Error(Errc::data_loss, "metadata ends early: {} bytes expected, {} left", n_bytes,
                rest_.size());
  }
  const auto taken = rest_.first(n_bytes);
  rest_ = rest_.subspan(n_bytes);
  return taken;
}

std::uint64_t Cursor::little(std::size_t n_bytes) {
  const auto bytes = take(n_bytes);
  std::uint64_t value = 0;
  for (std::size_t i = n_bytes; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

std::uint64_t Cursor::big(std::size_t n_bytes) {
  std::uint64_t value = 0;
  for (const auto b : take(n_bytes)) value = value << 8 | std::to_integer<std::uint64_t>(b);
  return value;
}

}  // namespace rastream
