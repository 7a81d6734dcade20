// SPDX-License-Identifier: Apache-2.0
// Runs of neighbouring cells that are equal in every row, as in a day length that hangs on the
// latitude alone: what is computed from such cells is computed once for each run.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/array/block.h"

namespace rastream {

class EqualRuns {
 public:
  /// True while the cells are packed, one for each run.
  bool is_packed() const { return is_packed_; }
  std::int64_t size() const { return static_cast<std::int64_t>(starts_.size()) - 1; }

  void unpack() { is_packed_ = false; }
  /// Looks for runs again, though earlier cells had none that were worth it.
  void retry() { is_hopeless_ = false; }

  /// Packs dense rows of `width` cells in place to size() cells a row, if runs are long enough on
  /// average; is_packed() then holds.
  void pack(std::byte* cells, std::int64_t rows, std::int64_t width, std::int64_t item_bytes);

  /// Writes one packed row out over all its cells; `to` has room for `width` of them.
  void spread_row(const std::byte* packed, std::byte* to, std::int64_t item_bytes) const;

 private:
  bool is_packed_ = false;
  bool is_hopeless_ = false;
  std::vector<std::int32_t> starts_;  // of each run, then the width
  std::vector<std::uint8_t> differs_;
};

}  // namespace rastream
