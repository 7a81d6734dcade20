// SPDX-License-Identifier: Apache-2.0
// 64 characters at a time, as masks of bits: Langdale and Lemire, "Parsing gigabytes of JSON per
// second", VLDB Journal 28 (2019), section 3.1.
#include "rastream/base/json_brackets.h"

#include <bit>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/base/json_brackets.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Where the quotes, brackets and backslashes of 64 characters are; the first is the lowest bit.
struct Block64 {
  std::uint64_t quotes = 0;
  std::uint64_t opening = 0;
  std::uint64_t closing = 0;
  std::uint64_t backslashes = 0;
};

Block64 classify(const char* p) {
  const hn::CappedTag<std::uint8_t, 64> d;
  Block64 block;
  for (std::size_t i = 0; i < 64; i += hn::Lanes(d)) {
    const auto text = hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(p) + i);
    const auto folded = hn::Or(text, hn::Set(d, 0x20));  // makes [ and ] { and }
    const auto bits = [&](auto mask) {
      std::uint8_t bytes[8] = {};
      hn::StoreMaskBits(d, mask, bytes);
      std::uint64_t out;
      hwy::CopyBytes<8>(bytes, &out);
      return out << i;
    };
    block.quotes |= bits(hn::Eq(text, hn::Set(d, '"')));
    block.opening |= bits(hn::Eq(folded, hn::Set(d, '{')));
    block.closing |= bits(hn::Eq(folded, hn::Set(d, '}')));
    block.backslashes |= bits(hn::Eq(text, hn::Set(d, '\\')));
  }
  return block;
}

/// Clears the quotes that a backslash escapes. `is_escaped`: the first character is; becomes
/// whether the one behind the block is.
void drop_escaped(Block64& block, bool& is_escaped) {
  std::uint64_t escaped = is_escaped ? 1 : 0;
  std::uint64_t rest = block.backslashes & ~escaped;
  is_escaped = false;
  while (rest != 0) {
    const int at = std::countr_zero(rest);
    if (at == 63) {
      is_escaped = true;
      break;
    }
    const std::uint64_t next = std::uint64_t{2} << at;
    escaped |= next;
    rest &= ~(next | (next - 1));
  }
  block.quotes &= ~escaped;
}

/// Bit i is the parity of the bits 0 to i.
std::uint64_t prefix_parity(std::uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

const char* skip_brackets_impl(const char* p, const char* end) {
  int depth = 0;
  std::uint64_t in_string = 0;  // all bits or none
  bool is_escaped = false;
  for (; p < end; p += 64) {
    Block64 block = classify(p);
    if (block.backslashes != 0 || is_escaped) drop_escaped(block, is_escaped);
    const std::uint64_t strings = prefix_parity(block.quotes) ^ in_string;
    in_string = strings >> 63U ? ~std::uint64_t{0} : 0;
    const std::uint64_t opening = block.opening & ~strings;
    std::uint64_t closing = block.closing & ~strings;
    if (std::popcount(closing) >= depth) {
      // The end may be here: the depth behind each closing bracket tells.
      for (int n_closed = 1; closing != 0; ++n_closed, closing &= closing - 1) {
        const int at = std::countr_zero(closing);
        const std::uint64_t before = (std::uint64_t{1} << at) - 1;
        if (depth + std::popcount(opening & before) == n_closed)
          return p + at < end ? p + at + 1 : nullptr;
      }
    }
    depth += std::popcount(opening) - std::popcount(block.closing & ~strings);
  }
  return nullptr;
}

}  // namespace
}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(skip_brackets_impl);

const char* skip_brackets(const char* begin, const char* end) {
  return HWY_DYNAMIC_DISPATCH(skip_brackets_impl)(begin, end);
}

}  // namespace rastream
#endif
