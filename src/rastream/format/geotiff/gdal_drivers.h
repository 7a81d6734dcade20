// SPDX-License-Identifier: Apache-2.0
// Which of GDAL's drivers and virtual file systems this program has: those that read rasters from
// local files. A VRT names other files, and may be somebody else's: without a network driver it
// cannot make the reader ask a server.
#pragma once

#include <string>
#include <vector>

namespace rastream::geotiff {

/// Registers the drivers of raster_drivers(), once a process, takes those away that GDAL brings
/// beside them (what the process had registered before stays), and makes every virtual file system
/// but those on local bytes refuse to open. With RASTREAM_GDAL_NETWORK=1 in the environment the
/// file systems stay as they are.
void register_raster_drivers();

/// GDAL's names of the drivers that may open a raster. NetCDF, HDF5 and Zarr are not among them:
/// those are read by our own code.
const std::vector<std::string>& raster_drivers();

}  // namespace rastream::geotiff
