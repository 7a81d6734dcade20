// SPDX-License-Identifier: Apache-2.0
// A file as a dataset with the meaning that the CF conventions give it.
#pragma once

#include <string>
#include <vector>

#include "rastream/graph/data_array.h"

namespace rastream {

struct OpenOptions {
  std::string group;
  std::vector<std::string> variables;  ///< only these and their coordinates; empty for all
  bool decode = true;                  ///< false: stored values, all variables as they are
};

/// Opens `path` lazily; labels of one dimension are read at once, all else when it is asked for.
///
/// Decoding (CF 1.11): _FillValue, missing_value (§2.5.1), valid_min, valid_max, valid_range and
/// scale_factor, add_offset (§8.1) through cf_decode; what `coordinates`, `bounds` and
/// `grid_mapping` (§5.6, §7.1) name becomes a coordinate, as Xarray's decode_coords="all" does; x
/// and y in km become metres where the grid mapping's CRS is in metres. Times stay numbers with
/// `units` and `calendar` (see TimeUnits). Throws what open_file throws, and not_found for a
/// variable that is not there.
Dataset open_dataset(const std::string& path, const OpenOptions& options = {});

/// One variable of a file: open_dataset(path)[variable]. When `variable` is empty the file must
/// hold just one variable with cells.
DataArray open_data_array(const std::string& path, const std::string& variable,
                          const std::string& group = "");

}  // namespace rastream
