// SPDX-License-Identifier: Apache-2.0
// Cells that only libhdf5 can find or decode: text, foreign filters, and chunk indexes other than
// the B-tree. Slower, as every call waits for the library's lock.
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

  struct RawChunk {
    std::size_t size_bytes = 0;
    std::uint32_t filter_mask = 0;
  };
  /// The stored bytes of the chunk whose first cell is `begin`, into `out`; nothing when it was
  /// never written. Throws data_loss when it would take more than `max_bytes`.
  std::optional<RawChunk> read_raw_chunk(const DatasetMetadata& dataset, const Extents& begin,
                                         std::uint64_t max_bytes, Buffer& out);
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
