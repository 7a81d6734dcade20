// SPDX-License-Identifier: Apache-2.0
// How GDAL reads what is not a file of this machine: a virtual file system of ours over ByteSource.
#pragma once

#include <string>

namespace rastream::geotiff {

/// What GDAL opens `path_or_url` by: an absolute path, which cannot be taken for one of GDAL's own
/// prefixes, or a name in a virtual file system that asks our stores. Thread safe.
std::string name_for_gdal(const std::string& path_or_url);

}  // namespace rastream::geotiff
