// SPDX-License-Identifier: Apache-2.0
// One cell as people read it.
#pragma once

#include <string>
#include <string_view>

#include "rastream/array/block.h"

namespace rastream {

/// The shortest text that reads back as the same cell: "0.1", "-3", "1+2j", "true"; `missing` for
/// NaN, and for a complex cell of which both parts are. Throws unsupported for text cells.
std::string cell_text(const Block& block, const Extents& index, std::string_view missing = "nan");

}  // namespace rastream
