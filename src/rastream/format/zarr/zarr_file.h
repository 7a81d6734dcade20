// SPDX-License-Identifier: Apache-2.0
// Zarr as a format: versions 2 and 3, read and written. Layout and choices: docs/formats/zarr.md.
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// The rows of format/registry.cpp. `open` takes a folder or a store's URL, and opens a group or a
/// single array. `create` takes a folder; see zarr/writer.h for how it is written.
Format zarr_format();
/// The same in a zip archive, as zarr-python's ZipStore has it.
Format zarr_zip_format();
/// Kerchunk's references: Zarr v2 whose chunks are byte ranges of other files; read only. See
/// open_reference_store.
Format reference_format();

}  // namespace rastream
