// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace rastream {

/// Writes a whole file under a temporary name and renames it, so that a reader never sees a part.
/// Throws not_found, permission_denied or unavailable.
void write_text_file(const std::string& path, const std::string& text);

}  // namespace rastream
