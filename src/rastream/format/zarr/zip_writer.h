// SPDX-License-Identifier: Apache-2.0
// Writes a Zarr store as a zip archive, which zarr-python calls a ZipStore.
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// A writer of the archive `path`. The store is written as a folder in a staging folder beside
/// `path`, resumable like any other, and packed by finish(): entries stored, sorted by name, so
/// that equal cells make equal bytes whatever wrote first. Throws as create_zarr.
std::unique_ptr<DatasetWriter> create_zarr_zip(const std::string& path,
                                               const CreateOptions& options);

}  // namespace rastream
