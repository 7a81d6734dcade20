// SPDX-License-Identifier: Apache-2.0
// "complex:PATH": the file PATH whose complex variables are stored as two real ones each. SNAP
// writes `i_NAME` and `q_NAME`, sarxarray `real` and `imag`. Only whoever asks for it by that
// prefix gets it, for nothing in a file says that two variables belong together. Rules:
// docs/formats/raw.md.
#pragma once

#include "rastream/format/format.h"

namespace rastream {

Format complex_pairs_format();

}  // namespace rastream
