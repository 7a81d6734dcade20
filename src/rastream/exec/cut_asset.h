// SPDX-License-Identifier: Apache-2.0
// The wanted part of a NetCDF, GeoTIFF or Zarr file as a smaller file of its own.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "rastream/catalog/item.h"
#include "rastream/geo/bbox.h"

namespace rastream {

struct AssetPart {
  std::optional<BBox> bbox = {};  ///< degrees: the cells that it touches
  std::string time = {};          ///< "FROM/TO": see time_windows; "": all
  bool is_all() const { return !bbox && time.empty(); }
};

struct CutOptions {
  std::int64_t memory_bytes = std::int64_t{2} << 30;
  std::int64_t n_threads = 1;
  std::stop_token stop = {};
};

/// True for what is cut, by its media type or the suffix of its name: NetCDF, HDF5, GeoTIFF, Zarr.
/// All else is copied whole.
bool is_cuttable(const Asset& asset);

/// True when the file `out` is what cut_file would write there: it is compared cell by cell.
bool is_cut_intact(const std::string& in, const std::string& out, const AssetPart& part,
                   const CutOptions& options);

/// Writes the part of `in` (a path or URL) to the path `out`, whose name says the format, whole or
/// not at all; what was there is replaced. A raster without times is not cut along them. Throws
/// what copy_dataset, box_windows and time_windows throw, and unavailable when stopped.
void cut_file(const std::string& in, const std::string& out, const AssetPart& part,
              const CutOptions& options);

}  // namespace rastream
