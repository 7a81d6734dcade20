// SPDX-License-Identifier: Apache-2.0
// Reads every chunk of a file of any format and names all that cannot be decoded.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rastream/format/format.h"

namespace rastream {

struct FileCheck {
  std::int64_t n_variables = 0;
  std::int64_t n_chunks = 0;  ///< that were read
  std::int64_t decoded_bytes = 0;
  std::vector<std::string> problems;  ///< one line each, in the order of variables and chunks
};

/// Reads all cells of all variables, chunk by chunk, on `n_threads` threads. A chunk that cannot be
/// read is a problem and the rest goes on; a variable that cannot be read at all is one problem.
/// Nothing is compared with a manifest (see verify_zarr). `on_progress` gets the share done. Throws
/// nothing for what is wrong with the file's chunks.
FileCheck check_file(const DatasetFile& file, std::int64_t n_threads,
                     const std::function<void(double)>& on_progress = {});

}  // namespace rastream
