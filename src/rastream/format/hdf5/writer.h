// SPDX-License-Identifier: Apache-2.0
// Writes NetCDF-4: many threads compress, one commits. See docs/formats/netcdf4-writing.md and
// docs/adr/0007-netcdf4-writing.md.
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// A writer of group options.group of the file `path` ("" = the whole file). Chunks are shuffled
/// and deflated by the threads that write them and kept in a journal beside the file; finish() puts
/// them into a new file in order, by libhdf5, and renames it. Other groups of a file that exists
/// are copied. Throws invalid_argument (exists, bad name), unavailable (another run is writing the
/// same; disk full), unsupported (not a local file).
std::unique_ptr<DatasetWriter> create_netcdf4(const std::string& path,
                                              const CreateOptions& options);

}  // namespace rastream
