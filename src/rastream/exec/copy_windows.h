// SPDX-License-Identifier: Apache-2.0
// Parts of a file as ranges of indices, from places and times as people write them.
#pragma once

#include <map>
#include <string>

#include "rastream/exec/copy_selection.h"
#include "rastream/geo/bbox.h"

namespace rastream {

/// Columns and rows of the grid of `path` that a longitude-latitude box touches (the rule of
/// clip_box). The grid is the one of dimensions x and y with their CRS, or of longitude and
/// latitude. Throws invalid_argument when there is no such grid or the box lies outside.
std::map<std::string, IndexRange> box_windows(const std::string& path, const std::string& group,
                                              const BBox& lonlat);

/// Steps of the time dimension from `text` = "FROM/TO", partial dates such as 2001-05 that are both
/// included; one may be left out. Throws invalid_argument when there is no coordinate with time
/// units, its times are not in order, or none is in the range.
std::map<std::string, IndexRange> time_windows(const std::string& path, const std::string& group,
                                               const std::string& text);

}  // namespace rastream
