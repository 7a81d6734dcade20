// SPDX-License-Identifier: Apache-2.0
// What this process has taken so far (getrusage).
#pragma once

#include <cstdint>

namespace rastream {

/// CPU time of all threads, user and system.
double cpu_seconds();
/// Peak resident memory.
std::int64_t peak_resident_bytes();

}  // namespace rastream
