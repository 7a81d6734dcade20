// SPDX-License-Identifier: Apache-2.0
// NumPy's type strings, such as "<f4" (NumPy reference, "The array interface protocol", typestr).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rastream/array/dtype.h"

namespace rastream::zarr {

/// "<f4" in parts. `unit` is what stands in brackets.
struct TypeString {
  char byte_order;
  char kind;
  std::int64_t size;
  std::string unit;
};

/// Nothing for what is no type string.
std::optional<TypeString> split_type(const std::string& text);

/// The dtype of numbers of this kind and size; nothing where there is none. datetime64 is int64.
std::optional<DType> number_type(char kind, std::int64_t size);

}  // namespace rastream::zarr
