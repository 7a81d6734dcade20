// SPDX-License-Identifier: Apache-2.0
// Writes a Zarr group: staged, journalled, and put under its name as a whole. See
// docs/formats/zarr.md.
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// A writer of group options.group of the store in folder `path` ("" = the store itself), in Zarr
/// options.zarr_format. finish() renames the group into place, then brings the consolidated
/// metadata of the groups above it up to date under a lock, so that groups written by other runs at
/// the same time are all in it. Throws invalid_argument (group exists, bad group name, the store
/// has another Zarr version), unavailable (another run is writing the same group; disk full),
/// unsupported (a store that is not a folder).
std::unique_ptr<DatasetWriter> create_zarr(const std::string& path, const CreateOptions& options);

}  // namespace rastream
