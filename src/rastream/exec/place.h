// SPDX-License-Identifier: Apache-2.0
// Where in a dataset that exists another one goes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace rastream {

/// A half-open range of indices.
struct IndexRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// As Xarray's to_zarr has it: `append_dim` and `region`. Invariant: one of them at most.
struct WritePlace {
  std::string append;                        ///< the dimension along which the stored one grows
  std::map<std::string, IndexRange> region;  ///< the cells that are replaced, by dimension
  bool is_new() const { return append.empty() && region.empty(); }
};

}  // namespace rastream
