// SPDX-License-Identifier: Apache-2.0
// Reads a copy back and compares it with its source, metadata, and cell by cell and bit by bit,
// without holding either in memory and with each chunk of both decoded once, however differently
// they are cut.
//
// Each cell is mixed with its index into a 64-bit number; the numbers of all cells of a chunk of
// the copy are added up, once from the source's chunks and once from the copy's. A chunk whose two
// sums differ is then looked at cell by cell.
#pragma once

#include <cstdint>
#include <cstdio>
#include <stop_token>
#include <string>
#include <vector>

#include "rastream/exec/copy_selection.h"

namespace rastream {

struct CompareReport {
  std::int64_t n_cells = 0;
  std::int64_t n_chunks_different = 0;
  /// First a line for each attribute, dimension, coordinate or CRS that differs
  /// (compare_metadata.h), then one for each variable whose cells do: the number of chunks, and
  /// the first cell.
  std::vector<std::string> differences;
  std::int64_t decoded_bytes = 0;  ///< of chunks of both, measured
  double wall_s = 0;
  bool is_complete = true;  ///< false when stopped: then the rest says nothing
};

/// Compares what copy_dataset(in, out, options) has made. Holds at most about `memory_bytes`
/// besides the program: threads wait where their chunks do not fit into it, and only a chunk of
/// which three do not fit is decoded more than once. Shows its progress on `progress` if there is
/// one. Throws what opening and reading throw.
CompareReport compare_copy(const std::string& in, const std::string& out,
                           const CopyOptions& options, std::int64_t memory_bytes,
                           std::int64_t n_threads, const std::stop_token& stop = {},
                           std::FILE* progress = nullptr);

}  // namespace rastream
