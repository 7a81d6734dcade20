// SPDX-License-Identifier: Apache-2.0
// What a plan will do, in words: files, bytes, read amplification, tasks, the loop nest, peak
// memory.
#pragma once

#include <string>

#include "rastream/plan/plan.h"

namespace rastream {

/// Text of some 20 lines plus one a node. Reads metadata, never cells. Deterministic: the same
/// plan, the same text.
std::string explain(const Plan& plan);

}  // namespace rastream
