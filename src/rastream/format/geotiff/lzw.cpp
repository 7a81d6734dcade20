// SPDX-License-Identifier: Apache-2.0
// LZW without a table of strings: a string that has a code was already put out once, so a code is
// where in the output, and how long. Every string is copied in pieces of 8 bytes.
#include <algorithm>
#include <array>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/geotiff/tiff_codec.h"

namespace rastream::geotiff {
namespace {

constexpr unsigned kClear = 256;
constexpr unsigned kEnd = 257;
constexpr unsigned kFirstFree = 258;
constexpr unsigned kCodes = 4096;
constexpr std::size_t kPiece = 8;

/// Codes of 9 to 12 bits, most significant bit first. After the last byte come zeros; `is_over`
/// tells.
class Codes {
 public:
  explicit Codes(std::span<const std::byte> in) : at_(in.data()), end_(in.data() + in.size()) {}

  unsigned next(int width) {
    if (n_bits_ < width) refill();
    n_bits_ -= width;
    const auto code = static_cast<unsigned>(bits_ >> (64 - width));
    bits_ <<= width;
    return code;
  }
  /// True when the last code was not wholly in the input.
  bool is_over() const { return n_bits_ < 0; }

 private:
  void refill() {
    if (end_ - at_ >= 8) {
      std::uint64_t word;
      std::memcpy(&word, at_, sizeof(word));
      bits_ |= __builtin_bswap64(word) >> n_bits_;
      const int n_bytes = (63 - n_bits_) / 8;
      at_ += n_bytes;
      n_bits_ += 8 * n_bytes;
      // Bits of a byte that is not counted yet would be or-ed in again by the next refill: the same
      // ones, at the same place.
      return;
    }
    while (n_bits_ <= 56 && at_ != end_) {
      bits_ |= std::to_integer<std::uint64_t>(*at_++) << (56 - n_bits_);
      n_bits_ += 8;
    }
  }

  const std::byte* at_;
  const std::byte* end_;
  std::uint64_t bits_ = 0;  ///< the next bit is the highest one
  int n_bits_ = 0;
};

/// The strings of one byte, and enough after them to be read in pieces.
constexpr auto kLiterals = [] {
  std::array<std::uint8_t, 256 + kPiece> out{};
  for (std::size_t i = 0; i < 256; ++i) out[i] = static_cast<std::uint8_t>(i);
  return out;
}();

struct Table {
  std::array<const std::uint8_t*, kCodes> text;
  std::array<std::uint32_t, kCodes> length;

  Table() {
    for (unsigned c = 0; c < 256; ++c) {
      text[c] = &kLiterals[c];
      length[c] = 1;
    }
  }
};

/// Copies `n` bytes that lie wholly before `to`; up to 7 bytes after them are overwritten.
void copy_pieces(const std::uint8_t* from, std::uint8_t* to, std::size_t n) {
  for (std::size_t i = 0; i < n; i += kPiece) std::memcpy(to + i, from + i, kPiece);
}

[[noreturn]] void damaged(const char* what, std::size_t n_done, std::size_t n_expected) {
  throw Error(Errc::data_loss, "damaged LZW data: {} after {} of {} bytes", what, n_done,
              n_expected);
}

}  // namespace

bool is_old_lzw(std::span<const std::byte> in) {
  return in.size() >= 2 && in[0] == std::byte{0} && (in[1] & std::byte{1}) != std::byte{0};
}

void decode_lzw(std::span<const std::byte> in, std::span<std::byte> out) {
  if (is_old_lzw(in))
    throw Error(Errc::unsupported, "LZW data of before TIFF 5.0 beside newer ones");
  Table table;
  Codes codes(in);
  auto* const begin = reinterpret_cast<std::uint8_t*>(out.data());
  auto* const end = begin + out.size();
  std::uint8_t* to = begin;
  const std::uint8_t* previous = nullptr;  // what the last code put out; nullptr after a clear
  std::uint32_t previous_length = 0;
  unsigned next = kFirstFree;
  int width = 9;
  while (to != end) {
    const unsigned code = codes.next(width);
    if (codes.is_over()) damaged("it ends", static_cast<std::size_t>(to - begin), out.size());
    if (code == kClear) {
      next = kFirstFree;
      width = 9;
      previous = nullptr;
      continue;
    }
    if (code == kEnd) damaged("it ends", static_cast<std::size_t>(to - begin), out.size());
    // The new code is the last string and the first byte of this one, which follow each other in
    // the output. When it is this very code, that byte is the last string's own first.
    const bool is_new = code == next && previous != nullptr && code >= kFirstFree;
    if (code >= kFirstFree && code >= next && !is_new)
      damaged("a code that means nothing", static_cast<std::size_t>(to - begin), out.size());
    if (previous == nullptr && code > 255)
      damaged("a code that means nothing", static_cast<std::size_t>(to - begin), out.size());
    const std::uint8_t* text = is_new ? previous : table.text[code];
    const std::size_t length = is_new ? previous_length + 1 : table.length[code];
    const auto left = static_cast<std::size_t>(end - to);
    if (left >= length + kPiece) {
      copy_pieces(text, to, is_new ? previous_length : length);
      if (is_new) to[previous_length] = *previous;
    } else {
      // Byte by byte, for a new code's last byte may be one that this loop makes.
      for (std::size_t i = 0; i < std::min(length, left); ++i) to[i] = text[i];
    }
    if (previous != nullptr && next < kCodes) {
      table.text[next] = previous;
      table.length[next] = previous_length + 1;
      ++next;
      // TIFF switches one code earlier than the table is full.
      if (next == (1U << width) - 1 && width < 12) ++width;
    }
    previous = to;
    previous_length = static_cast<std::uint32_t>(length);
    to += std::min(length, left);
  }
}

}  // namespace rastream::geotiff
