// SPDX-License-Identifier: Apache-2.0
// Output chunks that no single column fills: they wait for cells of other columns or slabs, in
// memory or, beyond Nest::most_waiting, in a scratch file.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/plan/program.h"

namespace rastream {

/// Bytes of chunks that wait at most, all outputs together, when tasks run in order; 0 when columns
/// and slabs end where chunks end. `target_chunks`: the grid in which each output is stored.
std::int64_t waiting_bytes(const Program& program, const std::vector<ChunkGrid>& target_chunks);

/// How many of these bytes wait in memory: Nest::most_waiting, unless scratch would need as much.
std::int64_t waiting_in_memory(const Program& program, const std::vector<ChunkGrid>& target_chunks);

/// The part of the memory bound for them: what waits in memory, and where scratch is used the
/// groups that threads put together.
std::int64_t bound_waiting(const Program& program, const std::vector<ChunkGrid>& target_chunks);

/// For each output the boxes of whole chunks that wait together: one chunk, or as many small ones
/// that the same columns fill as make about 2 MiB, so that scratch is written in large pieces.
std::vector<ChunkGrid> waiting_groups(const Program& program,
                                      const std::vector<ChunkGrid>& target_chunks);

}  // namespace rastream
