// SPDX-License-Identifier: Apache-2.0
// Words to find in texts, for servers that do not look for them (OGC API - Features, part 9, and
// the free-text extension of STAC API).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rastream {

/// "sentinel optical" has both words, "sentinel,landsat" or "sentinel OR landsat" one of them,
/// "\"surface temperature\"" these words in a row, "-radar" and "NOT radar" not that word; "+x" is
/// x, and brackets group. Words are those of Unicode letters and digits, without regard to case
/// and accents. Throws invalid_argument for brackets that do not close and for nothing to find.
bool has_words(std::string_view q, const std::vector<std::string>& texts);

}  // namespace rastream
