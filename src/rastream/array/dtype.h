// SPDX-License-Identifier: Apache-2.0
// The type of an array's cells, NumPy's names and NumPy 2's promotion rules.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace rastream {

enum class DType : std::uint8_t {
  bool_,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  complex64,   ///< two float32, real and imaginary; few operators take them (see visit_cell)
  complex128,  ///< two float64
  string,      ///< text of any length; coordinates only, never in a kernel
};

std::string_view to_string(DType dtype);   ///< "float32"
DType parse_dtype(std::string_view name);  ///< inverse of to_string; throws invalid_argument
std::size_t item_size(DType dtype);        ///< bytes of a cell; 0 for string
constexpr bool is_floating(DType d) { return d == DType::float32 || d == DType::float64; }
constexpr bool is_complex(DType d) { return d == DType::complex64 || d == DType::complex128; }
constexpr bool is_integer(DType d) { return d >= DType::int8 && d <= DType::uint64; }
constexpr bool is_signed_integer(DType d) { return d >= DType::int8 && d <= DType::int64; }

/// The dtype of an arithmetic result: NumPy 2's promotion table. int64 with uint64, and any integer
/// of 32 bits or more with float32, give float64; a complex one stays complex.
DType promote(DType a, DType b);

/// The dtype of an array with dtype `array` combined with a Python-like literal (weak): a floating
/// literal lifts integers and bool to float64, an integer literal lifts bool to int64; otherwise
/// the array's dtype stays.
DType promote_literal(DType array, bool literal_is_floating);

template <typename T>
struct DTypeOf;
#define RASTREAM_DTYPE(type, name)              \
  template <>                                   \
  struct DTypeOf<type> {                        \
    static constexpr DType value = DType::name; \
  };
RASTREAM_DTYPE(bool, bool_)
RASTREAM_DTYPE(std::int8_t, int8)
RASTREAM_DTYPE(std::int16_t, int16)
RASTREAM_DTYPE(std::int32_t, int32)
RASTREAM_DTYPE(std::int64_t, int64)
RASTREAM_DTYPE(std::uint8_t, uint8)
RASTREAM_DTYPE(std::uint16_t, uint16)
RASTREAM_DTYPE(std::uint32_t, uint32)
RASTREAM_DTYPE(std::uint64_t, uint64)
RASTREAM_DTYPE(float, float32)
RASTREAM_DTYPE(double, float64)
RASTREAM_DTYPE(std::complex<float>, complex64)
RASTREAM_DTYPE(std::complex<double>, complex128)
#undef RASTREAM_DTYPE
template <typename T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

/// The dtype of the real and imaginary part: float32 of complex64; other dtypes are their own.
DType part_of(DType dtype);

[[noreturn]] void throw_no_kernel(DType dtype);

/// Calls f(T{}) with the C++ type of a real `dtype`. Throws unsupported for complex ones and
/// string.
template <typename F>
decltype(auto) visit_dtype(DType dtype, F&& f) {
  switch (dtype) {
    case DType::bool_: return f(bool{});
    case DType::int8: return f(std::int8_t{});
    case DType::int16: return f(std::int16_t{});
    case DType::int32: return f(std::int32_t{});
    case DType::int64: return f(std::int64_t{});
    case DType::uint8: return f(std::uint8_t{});
    case DType::uint16: return f(std::uint16_t{});
    case DType::uint32: return f(std::uint32_t{});
    case DType::uint64: return f(std::uint64_t{});
    case DType::float32: return f(float{});
    case DType::float64: return f(double{});
    case DType::complex64:
    case DType::complex128:
    case DType::string: break;
  }
  throw_no_kernel(dtype);
}

/// The same with the complex dtypes, for what stores, copies and compares cells.
template <typename F>
decltype(auto) visit_cell(DType dtype, F&& f) {
  switch (dtype) {
    case DType::complex64: return f(std::complex<float>{});
    case DType::complex128: return f(std::complex<double>{});
    default: return visit_dtype(dtype, std::forward<F>(f));
  }
}

/// Calls f with an unsigned integer of `item_bytes` (1, 2, 4 or 8; a pair of them for 16), to move
/// cells or compare their bits without caring for their dtype.
template <typename F>
decltype(auto) visit_bits(std::int64_t item_bytes, F&& f) {
  switch (item_bytes) {
    case 1: return f(std::uint8_t{});
    case 2: return f(std::uint16_t{});
    case 4: return f(std::uint32_t{});
    case 16: return f(std::array<std::uint64_t, 2>{});
    default: return f(std::uint64_t{});
  }
}

}  // namespace rastream
