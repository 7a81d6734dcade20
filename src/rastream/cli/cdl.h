// SPDX-License-Identifier: Apache-2.0
// A file as CDL, the text of ncdump and ncgen (NetCDF User's Guide, appendix "CDL syntax").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rastream/cli/text_out.h"

namespace rastream {

/// Writes dimensions, variables with attributes, and, unless `header_only`, the stored cells of
/// `variables` ({}: all) in pieces that take about `memory_bytes`. Variables of groups below
/// keep their path with '/' as '_', since CDL's names cannot have it. Throws what opening and
/// reading throw.
void dump_cdl(TextOut& out, const std::string& path, const std::string& group,
              const std::vector<std::string>& variables, bool header_only,
              std::int64_t memory_bytes);

}  // namespace rastream
