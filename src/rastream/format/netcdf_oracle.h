// SPDX-License-Identifier: Apache-2.0
// For tests: netcdf-c's own view of a file, against which ours is held.
#pragma once

#include <string>

#include "rastream/format/format.h"

namespace rastream {

/// True when netcdf-c opens the file.
bool netcdf_can_open(const std::string& path);

/// Expects dimensions, attributes, and every cell of every variable of `file`, opened at `group`,
/// to be netcdf-c's, and every variable that is not shown to have a reason. Returns the number of
/// variables compared.
int expect_equal_to_netcdf(const DatasetFile& file, const std::string& group = "");

}  // namespace rastream
