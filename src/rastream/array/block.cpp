// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/block.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace rastream {
namespace {

template <typename T>
constexpr bool kIsComplex = false;
template <typename T>
constexpr bool kIsComplex<std::complex<T>> = true;

template <typename To, typename From>
To convert(From v) {
  if constexpr (kIsComplex<To>) {
    using Part = typename To::value_type;
    if constexpr (kIsComplex<From>) {
      return {static_cast<Part>(v.real()), static_cast<Part>(v.imag())};
    } else {
      return {static_cast<Part>(v), Part{}};
    }
  } else if constexpr (std::is_same_v<To, bool>) {
    return v != From{};
  } else if constexpr (kIsComplex<From>) {
    return convert<To>(v.real());
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    const From whole = std::trunc(v);
    if (!(whole >= static_cast<From>(std::numeric_limits<To>::lowest()) &&
          whole < std::ldexp(From{1}, std::numeric_limits<To>::digits))) {
      return To{};
    }
    return static_cast<To>(whole);
  } else {
    return static_cast<To>(v);
  }
}

/// Calls f(from, to) with the addresses of each innermost row.
template <typename F>
void for_each_row(const Block& from, const Block& to, F&& f) {
  const std::size_t rank = to.rank();
  if (to.region.is_empty()) return;
  if (rank == 0) {
    f(from.data, to.data);
    return;
  }
  Extents offset(rank);
  const std::byte* source = from.at(to.region.begin);
  std::byte* target = to.data;
  while (true) {
    f(source, target);
    std::size_t axis = rank - 1;
    while (true) {
      if (axis == 0) return;
      --axis;
      source += from.strides[axis];
      target += to.strides[axis];
      if (++offset[axis] < to.size(axis)) break;
      source -= offset[axis] * from.strides[axis];
      target -= offset[axis] * to.strides[axis];
      offset[axis] = 0;
    }
  }
}

template <typename From, typename To>
void copy_row(const std::byte* from, std::int64_t from_stride, std::byte* to,
              std::int64_t to_stride, std::int64_t n) {
  constexpr auto kFrom = static_cast<std::int64_t>(sizeof(From));
  constexpr auto kTo = static_cast<std::int64_t>(sizeof(To));
  if (from_stride == kFrom && to_stride == kTo) {
    const From* __restrict source = reinterpret_cast<const From*>(from);
    To* __restrict target = reinterpret_cast<To*>(to);
    if constexpr (std::is_same_v<From, To>) {
      std::memcpy(target, source, static_cast<std::size_t>(n) * sizeof(To));
    } else {
      for (std::int64_t i = 0; i < n; ++i) target[i] = convert<To>(source[i]);
    }
    return;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    *reinterpret_cast<To*>(to + i * to_stride) =
        convert<To>(*reinterpret_cast<const From*>(from + i * from_stride));
  }
}

}  // namespace

std::byte* Block::at(const Extents& index) const {
  std::byte* p = data;
  for (std::size_t i = 0; i < rank(); ++i) p += (index[i] - region.begin[i]) * strides[i];
  return p;
}

Block Block::sub(const Region& inner) const { return {inner, dtype, at(inner.begin), strides}; }

bool Block::is_c_contiguous() const {
  return strides == c_strides(region.shape(), item_size(dtype));
}

Extents c_strides(const Extents& shape, std::size_t item_size_bytes) {
  Extents s(shape.size());
  auto stride = static_cast<std::int64_t>(item_size_bytes);
  for (std::size_t i = shape.size(); i-- > 0;) {
    s[i] = stride;
    if (i > 0) stride *= shape[i];  // the product of all may overflow where one of them is 0
  }
  return s;
}

Block dense_block(const Region& region, DType dtype, std::byte* data) {
  return {region, dtype, data, c_strides(region.shape(), item_size(dtype))};
}

void copy_cells(const Block& from, const Block& to) {
  visit_cell(from.dtype, [&]<typename From>(From) {
    visit_cell(to.dtype, [&]<typename To>(To) {
      const std::size_t last = to.rank() ? to.rank() - 1 : 0;
      const std::int64_t n = to.rank() ? to.size(last) : 1;
      const std::int64_t from_stride = to.rank() ? from.strides[last] : 0;
      const std::int64_t to_stride = to.rank() ? to.strides[last] : 0;
      for_each_row(from, to, [&](const std::byte* source, std::byte* target) {
        copy_row<From, To>(source, from_stride, target, to_stride, n);
      });
    });
  });
}

void fill_cells(const Block& to, double value) {
  Block one;
  one.dtype = DType::float64;
  one.data = reinterpret_cast<std::byte*>(&value);
  one.region = to.region;
  one.strides = Extents(to.rank());
  copy_cells(one, to);
}

double cell_as_double(const Block& block, const Extents& index) {
  return visit_cell(block.dtype, [&]<typename T>(T) {
    return convert<double>(*reinterpret_cast<T*>(block.at(index)));
  });
}

OwnedBlock::OwnedBlock(const Region& region, DType dtype)
    : buffer_(static_cast<std::size_t>(region.n_cells()) * item_size(dtype) + 1),
      view_(dense_block(region, dtype, buffer_.data())) {}

}  // namespace rastream
