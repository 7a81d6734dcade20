// SPDX-License-Identifier: Apache-2.0
// Which instruction sets kernels are compiled for: AVX-512, AVX2 with FMA, and the compiler's
// baseline. The first two give the same bits; a machine without FMA may differ in the last bits of
// transcendental functions. Include before any Highway header.
#pragma once

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
