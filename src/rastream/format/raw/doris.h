// SPDX-License-Identifier: Apache-2.0
// The metadata.res of Doris 4 and 5 (Delft's InSAR processor): what a single-look complex image is,
// where its cells are, and when and how it was taken.
#pragma once

#include "rastream/format/raw/description.h"

namespace rastream::raw {

/// True when `head`, the first bytes of a file, are those of a Doris result file.
bool is_doris_result(std::string_view head);

/// The image of the last of the sections crop and resample: variable "slc" with dimensions azimuth
/// (lines) and range (pixels), complex_real4 or complex_short, little endian, in Data_output_file
/// beside `path`. The fields of section readfiles are attributes. Throws data_loss naming the field
/// that is missing or cannot be read.
Description parse_doris_result(std::string_view text, const std::string& path);

}  // namespace rastream::raw
