// SPDX-License-Identifier: Apache-2.0
// The checksum at the end of HDF5's newer metadata blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rastream {

/// Bob Jenkins' lookup3 (hashlittle) with the initial value 0: HDF5 File Format Specification 3.0,
/// section I ("Checksum").
std::uint32_t lookup3(std::span<const std::byte> bytes);

}  // namespace rastream
