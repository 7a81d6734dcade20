// SPDX-License-Identifier: Apache-2.0
// Runs a plan into a file, or into memory: plan, resume, execute, commit.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rastream/exec/place.h"
#include "rastream/exec/run_plan.h"
#include "rastream/graph/data_array.h"

namespace rastream {

struct WriteOptions {
  RunOptions run;
  std::string group;
  bool overwrite = false;
  int zarr_format = 2;
  std::string compressor;       ///< "": the format's own, zstd for Zarr and deflate for GeoTIFF
  bool cloud_optimized = true;  ///< GeoTIFF: with overviews, a third more tiles
  std::string resampling;       ///< of overviews, see CreateOptions
  std::string interleave;       ///< GeoTIFF: of bands, see CreateOptions
  std::map<std::string, std::int64_t>
      chunks;  ///< chunk length by dimension; others as the array has them
  /// Where in a dataset that exists the cells go, whose chunks, codecs and attributes stay as they
  /// are. Appending to what does not exist makes it.
  WritePlace place = {};
};

/// The targets of a dataset's lazy variables with their stored chunks.
std::vector<Target> targets_of(const Dataset& dataset, const WriteOptions& options);

/// Writes `dataset` to `path` (format by suffix). Nothing is under the final name before everything
/// is. A run that was stopped or killed goes on where it was when the same dataset is written
/// again. Throws what planning, reading, computing and writing throw.
///
/// With a place: every variable and coordinate must be in what exists and fit there (see
/// Placement). Those without a dimension of the place must be equal to what is stored, and so must
/// the labels of a region; labels of the appended dimension must go on where the stored ones end,
/// and are stored in their units of time. All cells become visible at once, or none.
RunReport write_dataset(const Dataset& dataset, const std::string& path,
                        const WriteOptions& options);

/// The cells of `array`, made through a plan. Throws unavailable when options.stop ended it.
OwnedBlock compute(const Array& array, const RunOptions& options = {});

}  // namespace rastream
