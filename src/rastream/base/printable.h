// SPDX-License-Identifier: Apache-2.0
// Text of others on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace rastream {

/// Text without control characters, which would move a terminal's cursor: "\n" becomes "\x0a".
std::string printable(std::string_view text);

}  // namespace rastream
