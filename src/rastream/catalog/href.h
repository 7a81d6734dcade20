// SPDX-License-Identifier: Apache-2.0
// References between the documents of a static catalog, as paths of this machine.
#pragma once

#include <string>
#include <string_view>

namespace rastream {

/// The absolute, normalised path that `href` names from the document `base_file`: relative paths
/// (with
/// ".."), absolute paths and file:// URLs. Throws unsupported "not a local path" for any other
/// scheme, data_loss for an empty href or one with a NUL.
std::string resolve_href(std::string_view href, const std::string& base_file);

/// How `target_file` is written in `base_file`: "./na-1980/na-1980.json".
std::string relative_href(const std::string& target_file, const std::string& base_file);

}  // namespace rastream
