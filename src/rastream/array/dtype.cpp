// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/dtype.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::array<std::string_view, 14> kNames = {
    "bool",   "int8",   "int16",   "int32",   "int64",     "uint8",      "uint16",
    "uint32", "uint64", "float32", "float64", "complex64", "complex128", "string"};
constexpr std::array<std::size_t, 14> kSizes = {1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 8, 16, 0};

DType signed_of_size(std::size_t size_bytes) {
  return size_bytes == 1   ? DType::int8
         : size_bytes == 2 ? DType::int16
         : size_bytes == 4 ? DType::int32
                           : DType::int64;
}

}  // namespace

std::string_view to_string(DType dtype) { return kNames[static_cast<std::size_t>(dtype)]; }

DType parse_dtype(std::string_view name) {
  const auto it = std::find(kNames.begin(), kNames.end(), name);
  if (it == kNames.end())
    throw Error(Errc::invalid_argument, "'{}' is not a dtype: expected float32, int16, ...", name);
  return static_cast<DType>(it - kNames.begin());
}

std::size_t item_size(DType dtype) { return kSizes[static_cast<std::size_t>(dtype)]; }

DType promote(DType a, DType b) {
  if (a == b) return a;
  if (a == DType::string || b == DType::string) {
    throw Error(Errc::invalid_argument, "no arithmetic between {} and {}", to_string(a),
                to_string(b));
  }
  if (is_complex(a) || is_complex(b)) {
    const bool is_narrow = promote(part_of(a), part_of(b)) == DType::float32;
    return is_narrow ? DType::complex64 : DType::complex128;
  }
  if (a == DType::bool_) return b;
  if (b == DType::bool_) return a;
  if (is_floating(a) || is_floating(b)) {
    if (is_floating(a) && is_floating(b)) return DType::float64;
    const DType floating = is_floating(a) ? a : b;
    const DType integer = is_floating(a) ? b : a;
    return floating == DType::float32 && item_size(integer) <= 2 ? DType::float32 : DType::float64;
  }
  if (is_signed_integer(a) == is_signed_integer(b)) return item_size(a) >= item_size(b) ? a : b;
  const std::size_t signed_size = item_size(is_signed_integer(a) ? a : b);
  const std::size_t unsigned_size = item_size(is_signed_integer(a) ? b : a);
  if (signed_size > unsigned_size) return signed_of_size(signed_size);
  return unsigned_size == 8 ? DType::float64 : signed_of_size(unsigned_size * 2);
}

DType promote_literal(DType array, bool literal_is_floating) {
  if (literal_is_floating && !is_floating(array) && !is_complex(array)) return DType::float64;
  if (!literal_is_floating && array == DType::bool_) return DType::int64;
  return array;
}

DType part_of(DType dtype) {
  if (!is_complex(dtype)) return dtype;
  return dtype == DType::complex64 ? DType::float32 : DType::float64;
}

void throw_no_kernel(DType dtype) {
  throw Error(Errc::unsupported, "no arithmetic on arrays of dtype {}", to_string(dtype));
}

}  // namespace rastream
