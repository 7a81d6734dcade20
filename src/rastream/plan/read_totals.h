// SPDX-License-Identifier: Apache-2.0
// What a plan reads: chunks, bytes, and how often each chunk is decoded. From metadata alone.
#pragma once

#include <cstdint>

#include "rastream/plan/program.h"

namespace rastream {

/// What the files of a plan hold and how much of it is decoded, besides what is read once for all
/// tasks.
struct ReadTotals {
  std::int64_t n_files = 0;
  std::int64_t n_chunks = 0;  ///< distinct chunks with at least one wanted cell
  std::int64_t n_reads = 0;   ///< chunk reads of the plan; the same chunk may be among them again
  double stored_bytes = 0;    ///< of those chunks, where the format tells without reading; else 0
  double wanted_bytes = 0;    ///< decoded bytes of those chunks, whole and each once
  double decoded_bytes = 0;   ///< decoded bytes of all chunk reads of the plan
  double amplification() const { return wanted_bytes > 0 ? decoded_bytes / wanted_bytes : 1.0; }
};

ReadTotals read_totals(const Program& program);
ReadTotals read_totals(const Plan& plan);

}  // namespace rastream
