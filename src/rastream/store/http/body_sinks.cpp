// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/body_sinks.h"

#include <algorithm>
#include <cstring>

namespace rastream {

void BytesSink::begin(const HttpResponse& head) {
  constexpr std::int64_t kMostReserved = 16 << 20;
  bytes_.clear();
  bytes_.reserve(
      static_cast<std::size_t>(std::clamp(head.content_length(), std::int64_t{0}, kMostReserved)));
}

void BytesSink::write(std::span<const std::byte> piece) {
  bytes_.insert(bytes_.end(), piece.begin(), piece.end());
}

std::size_t BytesSource::read(std::span<std::byte> into) {
  const std::size_t n = std::min(into.size(), bytes_.size() - at_);
  std::memcpy(into.data(), bytes_.data() + at_, n);
  at_ += n;
  return n;
}

}  // namespace rastream
