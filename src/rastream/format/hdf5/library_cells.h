// SPDX-License-Identifier: Apache-2.0
// Cells that only libhdf5 can decode: text and foreign filters. Slower, as every call waits for the
// library's lock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rastream/base/bytes.h"
#include "rastream/format/hdf5/metadata.h"

namespace rastream {

/// A file that is opened by libhdf5 when first needed. Safe to call from many threads.
class LibraryCells {
 public:
  explicit LibraryCells(std::string path);
  ~LibraryCells();
  LibraryCells(const LibraryCells&) = delete;
  LibraryCells& operator=(const LibraryCells&) = delete;

  /// Fills `out`, which is dense and of the dataset's own dtype, through the library's filters.
  /// Throws unsupported when a filter is not installed, data_loss when the cells cannot be read.
  void read_cells(const DatasetMetadata& dataset, const Block& out);
  /// All texts of a dataset of text; for char, the last dimension runs along the text.
  std::vector<std::string> read_texts(const DatasetMetadata& dataset, std::uint64_t file_bytes);

 private:
  class Library;
  std::string path_;
  std::unique_ptr<Library> library_;
};

}  // namespace rastream
