// SPDX-License-Identifier: Apache-2.0
// Names of remote values without the queries that tokens hide in.
#pragma once

#include <string>

namespace rastream {

/// The name by which a value is known from here on: `path_or_url`, but of a URL with a query the
/// query is kept in this process and "?kept=" and its hash stand for it. May be printed, and
/// written into plans and manifests. The name of a name is itself.
std::string public_name(const std::string& path_or_url);

/// The inverse. Throws permission_denied for the name of a URL whose query another process keeps.
std::string actual_url(const std::string& name);

}  // namespace rastream
