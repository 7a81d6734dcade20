// SPDX-License-Identifier: Apache-2.0
// Orders the nodes of one level into instructions, with the loops over inner dimensions closed as
// early as they can be.
#pragma once

#include <vector>

#include "rastream/plan/program.h"

namespace rastream {

/// Fills level.instructions and level.loops from level.members and `pushes` (the reductions that a
/// walk feeds). Post-condition: an instruction follows those that make its inputs; each loop
/// dimension's nodes stand inside one loop.
void write_instructions(const Program& program, int number, bool is_walk,
                        const std::vector<int>& pushes, Level& level);

/// Fills Loop::in_runs once the nodes' spaces are known.
void note_loops_in_runs(const Program& program, Level& level);

}  // namespace rastream
