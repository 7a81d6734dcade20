// SPDX-License-Identifier: Apache-2.0
// Texts compared as CQL2 does: without regard to case or accents, and with patterns.
#pragma once

#include <string>
#include <string_view>

namespace rastream {

/// Case folded as Unicode does it in full ("Straße" and "STRASSE" are the same). Text that is not
/// UTF-8 comes back as it is.
std::string without_case(const std::string& text);
/// Without combining marks ("débárquér" is "debarquer"); likewise.
std::string without_accents(const std::string& text);

/// LIKE: '%' is any text, '_' any one character, and '\' takes the meaning of what follows it
/// away. Time is proportional to the product of both lengths at most.
bool matches_pattern(std::string_view text, std::string_view pattern);

/// A pattern that matches `text` alone.
std::string escape_pattern(std::string_view text);

}  // namespace rastream
