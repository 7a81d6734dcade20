// SPDX-License-Identifier: Apache-2.0
// The header of a NumPy file: a Python literal that says what the bytes behind it are (NEP 1, "A
// Simple File Format for NumPy Arrays"; versions 1.0 to 3.0).
#pragma once

#include <string>
#include <string_view>

#include "rastream/format/raw/description.h"

namespace rastream::raw {

/// True when `head` begins as a NumPy file does.
bool is_npy(std::string_view head);

/// The array of the file at `path`, of which `head` holds at least the first 64 KiB: one variable
/// named as the file is, its dims dim_0, dim_1, ... Throws data_loss, naming `path`, for a header
/// that is truncated or malformed; unsupported, naming the type, for objects, text, times and
/// records.
Description parse_npy(std::string_view head, const std::string& path);

/// No header of an array of numbers is larger.
inline constexpr std::size_t kMaxNpyHeaderBytes = std::size_t{64} << 10;

}  // namespace rastream::raw
