// SPDX-License-Identifier: Apache-2.0
// Every other raster of local files that GDAL opens: JPEG 2000, VRT, ERDAS Imagine, ASCII grids,
// PNG, GRIB, ENVI, ...
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// Reading only. A file is seen as a GeoTIFF is (see geotiff.h): `band_data`, `band`, `x`, `y`,
/// `spatial_ref`, `mask`, and groups `overview_1`, ...; all cells come through GDAL. The suffix
/// chooses the format; a file whose suffix no format has is asked of GDAL, but never taken for a
/// VRT.
///
/// A VRT names other files and is read with their cells. It may name any local file that the user
/// may read, as a symbolic link may. It cannot reach the network, run Python or open what NetCDF,
/// HDF5 and Zarr files hold; see gdal_drivers.h.
Format gdal_format();

}  // namespace rastream
