// SPDX-License-Identifier: Apache-2.0
// What becomes of a VariableSpec in NetCDF-4: its layout, filters, fill value and name, checked.
#pragma once

#include "rastream/format/format.h"
#include "rastream/format/hdf5/new_file.h"

namespace rastream {

/// Chunked by spec.schema.chunks; one run of cells when it has no dimensions or no cells, holds
/// text, or is one chunk that is not compressed and cannot grow. "zstd" (which only readers with a
/// plugin could undo), "gzip", "deflate" and "zlib" are shuffle and deflate, 4 unless spec.level
/// says otherwise. Throws invalid_argument for a name, compressor, level or fill value that cannot
/// be, unsupported for chunks of 2 GiB or more.
NewVariable make_new_variable(const VariableSpec& spec, const std::vector<std::string>& unlimited);

/// The chunk that begins where `region` does: as long as all others, also past the array's end. The
/// region itself when the variable is not chunked.
Region stored_chunk(const NewVariable& variable, const Region& region);

/// Throws invalid_argument when `name` cannot name a `what` in NetCDF (NUG, "NetCDF names").
void check_netcdf_name(const std::string& name, std::string_view what);
/// The same for each part of "group/group/what".
void check_netcdf_path(const std::string& path, std::string_view what);

}  // namespace rastream
