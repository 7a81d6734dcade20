// SPDX-License-Identifier: Apache-2.0
// What the records of a zip archive begin with (PKWARE APPNOTE 6.3.10, sections 4.3.7 to 4.3.16).
#pragma once

#include <cstdint>

namespace rastream::zip {

inline constexpr std::uint32_t kLocalHeader = 0x04034b50;
inline constexpr std::uint32_t kEntry = 0x02014b50;  ///< of the central directory
inline constexpr std::uint32_t kEnd = 0x06054b50;
inline constexpr std::uint32_t kEnd64 = 0x06064b50;
inline constexpr std::uint32_t kLocator64 = 0x07064b50;

}  // namespace rastream::zip
