// SPDX-License-Identifier: Apache-2.0
// What a plan will do, in words: files, bytes, read amplification, tasks, the loop nest, peak
// memory.
#pragma once

#include <string>

#include "rastream/plan/plan.h"

namespace rastream {

/// What the files of a plan hold and how much of it is decoded, besides what is read once for all
/// tasks.
struct ReadTotals {
  std::int64_t n_files = 0;
  std::int64_t n_chunks = 0;  ///< distinct chunks with at least one wanted cell
  std::int64_t n_reads = 0;   ///< chunk reads of the plan; the same chunk may be among them again
  double stored_bytes = 0;    ///< of those chunks, where the format tells without reading; else 0
  double wanted_bytes = 0;    ///< decoded bytes of those chunks, each once
  double decoded_bytes = 0;   ///< decoded bytes of all chunk reads of the plan
  double amplification() const { return wanted_bytes > 0 ? decoded_bytes / wanted_bytes : 1.0; }
};

ReadTotals read_totals(const Plan& plan);

/// Text of some 20 lines plus one a node. Reads metadata, never cells. Deterministic: the same
/// plan, the same text.
std::string explain(const Plan& plan);

}  // namespace rastream
