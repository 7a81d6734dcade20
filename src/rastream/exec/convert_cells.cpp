// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/convert_cells.h"

#include "rastream/array/chunk_grid.h"
#include "rastream/array/exact_cell.h"
#include "rastream/base/error.h"

namespace rastream {
namespace {

/// The first cell of a row that does not fit; -1 when all do.
template <typename To, typename From>
std::int64_t convert_row(const std::byte* from, std::int64_t from_stride, std::byte* to,
                         std::int64_t to_stride, std::int64_t n) {
  std::int64_t bad = -1;
  for (std::int64_t i = n; i-- > 0;) {
    To out{};
    if (!convert_cell(*reinterpret_cast<const From*>(from + i * from_stride), out)) bad = i;
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
      fits = fits && convert_cell(value, converted);
      if constexpr (std::is_floating_point_v<To>)
        out.floats.push_back(static_cast<double>(converted));
      else
        out.integers.push_back(static_cast<std::int64_t>(converted));
    };
    for (std::size_t i = 0; i < numbers.size(); ++i) visit_number(numbers, i, add);
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
