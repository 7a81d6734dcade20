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

/// A writer that changes group options.group of the store in folder `path`, whoever wrote it. Only
/// the objects that hold a written cell are made anew, in the staging folder; finish() links all
/// other files beside them and exchanges the group with that in one step. Objects that are written
/// in part are read and stored whole. Throws as create_zarr, not_found when there is no such group,
/// and from add(): not_found, invalid_argument for other dims or another dtype, unsupported for an
/// array that is only read (such as one with a codec that does not encode).
std::unique_ptr<DatasetWriter> update_zarr(const std::string& path, const CreateOptions& options);

}  // namespace rastream
