// SPDX-License-Identifier: Apache-2.0
// A region as another index space sees it: a window, a group's part, a copy.
#pragma once

#include "rastream/array/region.h"

namespace rastream {

/// `region` with `by` added to its indices. REQUIRES: by.size() >= region.rank(); no overflow.
inline Region moved(Region region, const Extents& by) {
  for (std::size_t i = 0; i < region.rank(); ++i) {
    region.begin[i] += by[i];
    region.end[i] += by[i];
  }
  return region;
}

/// The inverse of moved().
inline Region moved_back(Region region, const Extents& by) {
  for (std::size_t i = 0; i < region.rank(); ++i) {
    region.begin[i] -= by[i];
    region.end[i] -= by[i];
  }
  return region;
}

}  // namespace rastream
