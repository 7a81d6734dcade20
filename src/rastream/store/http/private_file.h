// SPDX-License-Identifier: Apache-2.0
// Files with secrets in them.
#pragma once

#include <filesystem>
#include <string>

namespace rastream {

/// The text of a file that its owner alone can read. Throws permission_denied when the group or
/// others may, or when it is another user's; not_found; data_loss for more than 1 MiB.
std::string read_private_file(const std::filesystem::path& path);

}  // namespace rastream
