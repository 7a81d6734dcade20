// SPDX-License-Identifier: Apache-2.0
// A whole file or none.
#pragma once

#include <string>
#include <string_view>

namespace rastream {

/// Writes `bytes` beside `path` under a temporary name, flushes them to disk and renames, so that a
/// reader sees the old file or the whole new one. Throws not_found, permission_denied,
/// invalid_argument or unavailable, as errno says.
void write_picture(const std::string& path, std::string_view bytes);

}  // namespace rastream
