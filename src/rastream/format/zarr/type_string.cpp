// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/type_string.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace rastream::zarr {

std::optional<TypeString> split_type(const std::string& text) {
  if (text.size() < 2 || std::string_view("<>|=").find(text[0]) == std::string_view::npos)
    return std::nullopt;
  TypeString t{text[0], text[1], 0, ""};
  const char* end = text.data() + text.size();
  const char* p = text.data() + 2;
  if (p != end && *p != '[') {
    const auto [after, error] = std::from_chars(p, end, t.size);
    if (error != std::errc() || t.size < 0 || t.size > (1 << 20)) return std::nullopt;
    p = after;
  }
  if (p == end) return t;
  if (*p != '[' || end[-1] != ']') return std::nullopt;
  t.unit.assign(p + 1, end - 1);
  return t;
}

std::optional<DType> number_type(char kind, std::int64_t size) {
  const std::string key = fmt::format("{}{}", kind, size);
  constexpr std::array<std::pair<std::string_view, DType>, 15> kTypes = {
      {{"b1", DType::bool_},
       {"i1", DType::int8},
       {"i2", DType::int16},
       {"i4", DType::int32},
       {"i8", DType::int64},
       {"u1", DType::uint8},
       {"u2", DType::uint16},
       {"u4", DType::uint32},
       {"u8", DType::uint64},
       {"f4", DType::float32},
       {"f8", DType::float64},
       {"c8", DType::complex64},
       {"c16", DType::complex128},
       {"M8", DType::int64},
       {"m8", DType::int64}}};
  for (const auto& [name, dtype] : kTypes) {
    if (name == key) return dtype;
  }
  return std::nullopt;
}

}  // namespace rastream::zarr
