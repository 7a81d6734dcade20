// SPDX-License-Identifier: Apache-2.0
// Whether a copy means what its source means: dimensions, dtypes, attributes, nodata, coordinates
// and CRS. Cells are the business of compare_copy.
#pragma once

#include <string>
#include <vector>

#include "rastream/exec/copy_selection.h"

namespace rastream {

/// One line for each thing that differs between `copy` and what `selection` says that it should be.
/// Values of attributes are compared, not their dtypes, for JSON has one kind of number and one of
/// text. What may differ, because it tells how a file is stored (docs/commands.md):
///  - `_FillValue` in the dtype of the cells; one that the source has not, when it is NaN of
///    floating cells or the value that absent chunks of the source have; none of complex cells;
///  - in a GeoTIFF: names of dimensions, attributes without a place there, and coordinates that are
///    off by up to a thousandth of a step. Its CRS has the same positions, if not the same words.
std::vector<std::string> metadata_differences(const DatasetTree& source,
                                              const CopySelection& selection,
                                              const DatasetTree& copy);

}  // namespace rastream
