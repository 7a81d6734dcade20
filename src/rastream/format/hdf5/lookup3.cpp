// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/lookup3.h"

#include <array>
#include <bit>
#include <cstring>

namespace rastream {
namespace {

using Words = std::array<std::uint32_t, 3>;

void mix(Words& w) {
  auto& [a, b, c] = w;
  a -= c, a ^= std::rotl(c, 4), c += b;
  b -= a, b ^= std::rotl(a, 6), a += c;
  c -= b, c ^= std::rotl(b, 8), b += a;
  a -= c, a ^= std::rotl(c, 16), c += b;
  b -= a, b ^= std::rotl(a, 19), a += c;
  c -= b, c ^= std::rotl(b, 4), b += a;
}

void mix_last(Words& w) {
  auto& [a, b, c] = w;
  c ^= b, c -= std::rotl(b, 14);
  a ^= c, a -= std::rotl(c, 11);
  b ^= a, b -= std::rotl(a, 25);
  c ^= b, c -= std::rotl(b, 16);
  a ^= c, a -= std::rotl(c, 4);
  b ^= a, b -= std::rotl(a, 14);
  c ^= b, c -= std::rotl(b, 24);
}

/// Adds up to twelve bytes, missing ones as zeros.
void add(Words& w, std::span<const std::byte> bytes) {
  Words read{};
  std::memcpy(read.data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; i < 3; ++i) w[i] += read[i];
}

}  // namespace

std::uint32_t lookup3(std::span<const std::byte> bytes) {
  Words w;
  w.fill(0xdeadbeef + static_cast<std::uint32_t>(bytes.size()));
  if (bytes.empty()) return w[2];
  while (bytes.size() > 12) {
    add(w, bytes.first(12));
    mix(w);
    bytes = bytes.subspan(12);
  }
  add(w, bytes);
  mix_last(w);
  return w[2];
}

}  // namespace rastream
