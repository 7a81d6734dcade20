// SPDX-License-Identifier: Apache-2.0
// Copies a file into another file or format: stored values, attributes and packing stay as they
// are, chunks and codecs are new. Each variable is a plan of its own, so memory is bounded, a copy
// that was interrupted goes on, and each chunk is decoded once and stored once.
#pragma once

#include "rastream/exec/copy_selection.h"
#include "rastream/exec/run_plan.h"

namespace rastream {

struct CopyReport {
  bool is_complete = false;  ///< false when stopped: copy again to go on
  std::int64_t n_variables = 0;
  std::int64_t n_cells = 0;
  std::int64_t n_tasks_resumed = 0;
  ReadStatistics read;       ///< measured, of this run
  double wanted_bytes = 0;   ///< decoded size of the source's chunks that hold a copied cell
  double written_bytes = 0;  ///< decoded size of the chunks stored, measured
  double target_bytes = 0;   ///< decoded size of the cells that this run had to store
  std::int64_t scratch_bytes = 0;
  std::int64_t bound_bytes = 0;  ///< the largest plan's
  std::int64_t peak_bytes = 0;
  double wall_s = 0;
  double cpu_s = 0;
  std::vector<std::string> left_out;     ///< variables that the target has no place for
  std::vector<RefusedVariable> refused;  ///< variables that cannot be read, and are not in the copy
};

/// Copies `in` to `out`, whose suffix names the format. Throws what opening, select_copy, planning
/// and writing throw, and invalid_argument naming variable and cell for a value that does not fit
/// options.dtype.
CopyReport copy_dataset(const std::string& in, const std::string& out, const CopyOptions& options,
                        const RunOptions& run);

}  // namespace rastream
