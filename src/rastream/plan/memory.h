// SPDX-License-Identifier: Apache-2.0
// The bound on peak memory, proved before anything runs.
#pragma once

#include "rastream/plan/program.h"
#include "rastream/plan/tile.h"

namespace rastream {

/// An upper bound for run_task over all tasks of the program with its plan's number of threads.
/// `targets` tells the chunks in which outputs are stored; chunks that several tasks fill wait in
/// memory.
MemoryBound bound_memory(const Program& program, const TileLayout& layout,
                         const std::vector<ChunkGrid>& target_chunks);

/// The node whose share of the state is largest, for the message that refuses a plan.
std::string largest_holder(const Program& program, const TileLayout& layout);

}  // namespace rastream
