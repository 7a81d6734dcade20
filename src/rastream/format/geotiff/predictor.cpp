// SPDX-License-Identifier: Apache-2.0
// Running sums in vectors of 16 bytes: each vector is summed within itself by shifts, which does
// not wait for the one before; only one addition does.
#include "rastream/format/geotiff/predictor.h"

#include <array>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/format/geotiff/predictor.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::geotiff {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
template <typename T>
using Vector16 = hn::CappedTag<T, 16 / sizeof(T)>;

/// All lanes of the result are the last one of `v`.
template <typename D, typename V>
HWY_INLINE V last_lane(D d, V v) {
  const hn::Repartition<std::uint8_t, D> d8;
  constexpr std::size_t kBytes = sizeof(hn::TFromD<D>);
  HWY_ALIGN std::uint8_t from[16];
  for (std::size_t i = 0; i < 16; ++i)
    from[i] = static_cast<std::uint8_t>(16 - kBytes + i % kBytes);
  return hn::BitCast(d, hn::TableLookupBytes(hn::BitCast(d8, v), hn::Load(d8, from)));
}

/// values[i] += values[i - 1], vector by vector; returns how many were done, and their sum.
template <typename T>
HWY_INLINE std::size_t sum_vectors(T* values, std::size_t n, T& sum) {
  constexpr std::size_t kLanes = 16 / sizeof(T);
  const Vector16<T> d;
  auto carry = hn::Zero(d);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    auto v = hn::LoadU(d, values + i);
    v = hn::Add(v, hn::ShiftLeftLanes<1>(d, v));
    if constexpr (kLanes > 2) v = hn::Add(v, hn::ShiftLeftLanes<2>(d, v));
    if constexpr (kLanes > 4) v = hn::Add(v, hn::ShiftLeftLanes<4>(d, v));
    if constexpr (kLanes > 8) v = hn::Add(v, hn::ShiftLeftLanes<8>(d, v));
    hn::StoreU(hn::Add(v, carry), d, values + i);
    carry = hn::Add(carry, last_lane(d, v));
  }
  sum = hn::GetLane(carry);
  return i;
}
#else
template <typename T>
HWY_INLINE std::size_t sum_vectors(T*, std::size_t, T&) {
  return 0;
}
#endif

/// values[i] += values[i - 1], from the left.
template <typename T>
HWY_INLINE void sum_up(T* values, std::size_t n) {
  T sum = 0;
  std::size_t i = sum_vectors(values, n, sum);
  for (; i < n; ++i) values[i] = sum = static_cast<T>(sum + values[i]);
}

void sum_up_8(std::uint8_t* v, std::size_t n) { sum_up(v, n); }
void sum_up_16(std::uint16_t* v, std::size_t n) { sum_up(v, n); }
void sum_up_32(std::uint32_t* v, std::size_t n) { sum_up(v, n); }
void sum_up_64(std::uint64_t* v, std::size_t n) { sum_up(v, n); }

/// Joins four planes of n bytes, the highest first, to n values of four bytes.
void join_4(const std::uint8_t* planes, std::size_t n, std::uint8_t* out) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreInterleaved4(hn::LoadU(d, planes + 3 * n + i), hn::LoadU(d, planes + 2 * n + i),
                          hn::LoadU(d, planes + n + i), hn::LoadU(d, planes + i), d, out + 4 * i);
  }
  for (; i < n; ++i) {
    for (std::size_t k = 0; k < 4; ++k) out[4 * i + k] = planes[(3 - k) * n + i];
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rastream::geotiff
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream::geotiff {
namespace {

HWY_EXPORT(sum_up_8);
HWY_EXPORT(sum_up_16);
HWY_EXPORT(sum_up_32);
HWY_EXPORT(sum_up_64);
HWY_EXPORT(join_4);

void sum_values(std::uint8_t* v, std::size_t n) { HWY_DYNAMIC_DISPATCH(sum_up_8)(v, n); }
void sum_values(std::uint16_t* v, std::size_t n) { HWY_DYNAMIC_DISPATCH(sum_up_16)(v, n); }
void sum_values(std::uint32_t* v, std::size_t n) { HWY_DYNAMIC_DISPATCH(sum_up_32)(v, n); }
void sum_values(std::uint64_t* v, std::size_t n) { HWY_DYNAMIC_DISPATCH(sum_up_64)(v, n); }

/// values[i] += values[i - kStride], with the sums in registers. REQUIRES: kStride divides n.
template <std::size_t kStride, typename T>
void sum_in_registers(T* values, std::size_t n) {
  std::array<T, kStride> sums{};
  for (std::size_t i = 0; i < n; i += kStride) {
    for (std::size_t k = 0; k < kStride; ++k)
      values[i + k] = sums[k] = static_cast<T>(sums[k] + values[i + k]);
  }
}

/// values[i] += values[i - stride]. REQUIRES: stride divides n.
template <typename T>
void sum_with_stride(T* values, std::size_t n, std::size_t stride) {
  switch (stride) {
    case 1: return sum_values(values, n);
    case 2: return sum_in_registers<2>(values, n);
    case 3: return sum_in_registers<3>(values, n);
    case 4: return sum_in_registers<4>(values, n);
    default: break;
  }
  for (std::size_t i = stride; i < n; ++i)
    values[i] = static_cast<T>(values[i] + values[i - stride]);
}

template <typename T>
void undo_differences_of(std::byte* row, const RowShape& shape) {
  sum_with_stride(reinterpret_cast<T*>(row), static_cast<std::size_t>(shape.n_values()),
                  static_cast<std::size_t>(shape.samples));
}

/// Joins planes of bytes, the highest first, to little-endian values.
template <std::size_t kBytes>
void join(const std::byte* __restrict planes, std::size_t n, std::byte* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < kBytes; ++k) out[kBytes * i + k] = planes[(kBytes - 1 - k) * n + i];
  }
}

template <typename T, typename F>
void replace_each(std::byte* values, std::int64_t n, F&& f) {
  T* v = reinterpret_cast<T*>(values);
  for (std::int64_t i = 0; i < n; ++i) v[i] = f(v[i]);
}

}  // namespace

void undo_differences(std::byte* row, const RowShape& shape) {
  switch (shape.bytes) {
    case 1: return undo_differences_of<std::uint8_t>(row, shape);
    case 2: return undo_differences_of<std::uint16_t>(row, shape);
    case 4: return undo_differences_of<std::uint32_t>(row, shape);
    default: return undo_differences_of<std::uint64_t>(row, shape);
  }
}

void undo_floating_predictor(std::byte* row, const RowShape& shape, std::byte* out) {
  sum_with_stride(reinterpret_cast<std::uint8_t*>(row), static_cast<std::size_t>(shape.n_bytes()),
                  static_cast<std::size_t>(shape.samples));
  const auto n = static_cast<std::size_t>(shape.n_values());
  switch (shape.bytes) {
    case 2: return join<2>(row, n, out);
    case 4:
      return HWY_DYNAMIC_DISPATCH(join_4)(reinterpret_cast<const std::uint8_t*>(row), n,
                                          reinterpret_cast<std::uint8_t*>(out));
    default: return join<8>(row, n, out);
  }
}

void swap_bytes(std::byte* values, std::int64_t n, std::int64_t bytes) {
  switch (bytes) {
    case 2:
      return replace_each<std::uint16_t>(values, n, [](auto v) { return __builtin_bswap16(v); });
    case 4:
      return replace_each<std::uint32_t>(values, n, [](auto v) { return __builtin_bswap32(v); });
    case 8:
      return replace_each<std::uint64_t>(values, n, [](auto v) { return __builtin_bswap64(v); });
    default: return;
  }
}

}  // namespace rastream::geotiff
#endif  // HWY_ONCE
