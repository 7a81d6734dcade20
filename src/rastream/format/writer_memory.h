// SPDX-License-Identifier: Apache-2.0
// What a writer holds in memory while cells come, told before anything is written, for the bound on
// memory of a plan.
#pragma once

#include <cstdint>
#include <string>

#include "rastream/array/schema.h"

namespace rastream {

/// Most bytes that create_file(path) holds besides the chunks that it is given and their compressed
/// bytes: of a GeoTIFF the tiles that wait for cells, and those that each thread makes into
/// overviews. `variable` is what will be stored. 0 for formats that hand on each chunk.
std::int64_t writer_bytes(const std::string& path, const Schema& variable, std::int64_t n_threads);

}  // namespace rastream
