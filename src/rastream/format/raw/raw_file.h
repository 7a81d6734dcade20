// SPDX-License-Identifier: Apache-2.0
// Raw binary arrays, such as stacks of single-look complex radar images: a description (our JSON,
// a Doris metadata.res, or the header of a NumPy file) says what the bytes of other files are.
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// "raw": files named *.raw.json. Read only.
Format raw_format();
/// "npy": NumPy's files. Read only.
Format npy_format();
/// "doris": metadata.res of Doris 4 and 5. Read only.
Format doris_format();

}  // namespace rastream
