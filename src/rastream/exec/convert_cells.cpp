// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/convert_cells.h"

#include <cmath>
#include <limits>

#include "rastream/array/chunk_grid.h"
#include "rastream/base/error.h"

namespace rastream {
namespace {

/// True when `v` lies where To has values, so that a cast is defined.
template <typename To, typename From>
bool is_in_range(From v) {
  if constexpr (std::is_floating_point_v<From>) {
    const From most = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    return v >= static_cast<From>(std::numeric_limits<To>::lowest()) && v < most;
  } else {
    return std::in_range<To>(v);
  }
}

template <typename To, typename From>
bool convert(From v, To& out) {
  if constexpr (std::is_same_v<From, To>) {
    out = v;
    return true;
  } else if constexpr (std::is_same_v<From, bool>) {
    out = static_cast<To>(v ? 1 : 0);
    return true;
  } else if constexpr (std::is_same_v<To, bool>) {
    out = v == From{1};
    return v == From{0} || v == From{1};
  } else if constexpr (std::is_floating_point_v<To> && std::is_floating_point_v<From>) {
    out = static_cast<To>(v);
    return std::isinf(out) == std::isinf(v);
  } else if constexpr (std::is_floating_point_v<To>) {
    out = static_cast<To>(v);
    return is_in_range<From>(out) && static_cast<From>(out) == v;
  } else {
    if (!is_in_range<To>(v)) return false;
    out = static_cast<To>(v);
    return static_cast<From>(out) == v;
  }
}

/// The first cell of a row that does not fit; -1 when all do.
template <typename To, typename From>
std::int64_t convert_row(const std::byte* from, std::int64_t from_stride, std::byte* to,
                         std::int64_t to_stride, std::int64_t n) {
  std::int64_t bad = -1;
  for (std::int64_t i = n; i-- > 0;) {
    To out{};
    if (!convert(*reinterpret_cast<const From*>(from + i * from_stride), out)) bad = i;
    *reinterpret_cast<To*>(to + i * to_stride) = out;
  }
  return bad;
}

}  // namespace

std::optional<Extents> convert_cells(const Block& from, const Block& to) {
  if (from.dtype == to.dtype) {
    copy_cells(from, to);
    return std::nullopt;
  }
  std::optional<Extents> bad;
  const std::size_t rank = to.rank();
  Region rows = to.region;
  const std::int64_t n = rank ? to.size(rank - 1) : 1;
  if (rank) rows.end[rank - 1] = rows.begin[rank - 1] + (n > 0 ? 1 : 0);
  visit_dtype(from.dtype, [&]<typename From>(From) {
    visit_dtype(to.dtype, [&]<typename To>(To) {
      for_each_index(rows, [&](const Extents& row) {
        const std::int64_t at =
            convert_row<To, From>(from.at(row), rank ? from.strides[rank - 1] : 0, to.at(row),
                                  rank ? to.strides[rank - 1] : 0, n);
        if (at < 0 || bad) return;
        bad = row;
        if (rank) (*bad)[rank - 1] += at;
      });
    });
  });
  return bad;
}

std::optional<Numbers> convert_numbers(const Numbers& numbers, DType dtype) {
  Numbers out;
  out.dtype = dtype;
  bool fits = true;
  visit_dtype(dtype, [&]<typename To>(To) {
    const auto add = [&](auto value) {
      To converted{};
      fits = fits && convert(value, converted);
      if constexpr (std::is_floating_point_v<To>)
        out.floats.push_back(static_cast<double>(converted));
      else
        out.integers.push_back(static_cast<std::int64_t>(converted));
    };
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (is_floating(numbers.dtype))
        add(numbers.floats[i]);
      else if (numbers.dtype == DType::uint64)
        add(static_cast<std::uint64_t>(numbers.integers[i]));
      else
        add(numbers.integers[i]);
    }
  });
  return fits ? std::optional(out) : std::nullopt;
}

Attributes convert_attributes(const Attributes& attributes, DType dtype,
                              const std::string& variable) {
  Attributes out = attributes;
  for (const char* name :
       {"_FillValue", "missing_value", "valid_min", "valid_max", "valid_range"}) {
    const Attribute* attribute = attributes.find(name);
    const auto* numbers = attribute ? std::get_if<Numbers>(attribute) : nullptr;
    if (!numbers) continue;
    const auto converted = convert_numbers(*numbers, dtype);
    if (!converted) {
      throw Error(Errc::invalid_argument,
                  "variable '{}': attribute {} = {} does not fit {}: choose a wider --dtype",
                  variable, name, fmt::join(attributes.numbers(name), ", "), to_string(dtype));
    }
    out.set(name, *converted);
  }
  return out;
}

}  // namespace rastream
