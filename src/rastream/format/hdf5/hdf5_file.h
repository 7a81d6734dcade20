// SPDX-License-Identifier: Apache-2.0
// NetCDF-4 and plain HDF5 files: metadata by libhdf5, cells by our own chunk reader.
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// The read-only format "netcdf4". A group's own variables and the dimensions that they use are
/// listed; attributes by which netCDF-4 marks its dimensions are not. open() throws not_found,
/// permission_denied, invalid_argument for a folder, data_loss for a truncated or damaged file; its
/// files throw unsupported for a chunk whose filter is not installed.
Format netcdf4_format();

}  // namespace rastream
