// SPDX-License-Identifier: Apache-2.0
// Classic NetCDF: CDF-1, CDF-2 (64-bit offset) and CDF-5 (64-bit data).
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// The read-only format "netcdf3". Header and cells are read without netcdf-c, so reading needs no
/// lock. Variables along the unlimited dimension have one chunk a record, others one chunk; char
/// variables lose their last dimension, which runs along the text. open() throws not_found,
/// permission_denied, invalid_argument for a folder, data_loss for a damaged file or one that is
/// shorter than its header says. Format: NetCDF Classic Format Specification, and PnetCDF's CDF-5
/// specification.
Format netcdf_classic_format();

}  // namespace rastream
