// SPDX-License-Identifier: Apache-2.0
// The metadata of an array that is to be written, from its VariableSpec.
#pragma once

#include <optional>

#include "rastream/format/format.h"
#include "rastream/format/zarr/metadata.h"

namespace rastream::zarr {

/// The documents as they will stand in the store, and the same as the reader understands them.
struct NewArray {
  Json document;    ///< .zarray or zarr.json
  Json attributes;  ///< .zattrs; null for v3
  ArrayMetadata metadata;
  bool may_skip_fill = false;  ///< chunks of fill values need not be stored
};

/// Throws invalid_argument for irregular chunks, an unknown compressor or level, a fill value that
/// is no cell of the dtype, or (v2, where they are one thing) an attribute `_FillValue` that
/// differs from the fill value.
NewArray make_new_array(const VariableSpec& spec, int zarr_format);

/// The same for text cells: v2 `<U`, v3 string with vlen-utf8; one chunk. `n_characters` is the
/// longest cell's length.
NewArray make_new_text_array(const VariableSpec& spec, int zarr_format, std::int64_t n_characters);

}  // namespace rastream::zarr
