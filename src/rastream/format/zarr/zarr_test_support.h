// SPDX-License-Identifier: Apache-2.0
// What the Zarr tests share beside format_test_support.h.
#pragma once

#include <string>

#include "rastream/format/format_test_support.h"

namespace rastream {

inline const std::string kSharedZarr = "../shared/data/zarr/";

}  // namespace rastream
