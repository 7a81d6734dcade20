// SPDX-License-Identifier: Apache-2.0
// Consolidated metadata: all documents of a tree in one, so that a reader needs one request.
#pragma once

#include <filesystem>

#include "rastream/base/json.h"
#include "rastream/store/file.h"

namespace rastream::zarr {

/// Puts `document` in place atomically, indented as zarr-python does.
void put_document(const std::filesystem::path& path, const Json& document, Durability durability);

/// Makes `folder` a group unless it is one: .zgroup and .zattrs, or zarr.json.
void ensure_group(const std::filesystem::path& folder, int zarr_format, Durability durability);

/// Writes the consolidated metadata of the group in `folder` anew from the documents below it: v2
/// `.zmetadata`, v3 member "consolidated_metadata" of zarr.json (as zarr-python 3 does). Hidden
/// folders and documents that are not JSON are left out. REQUIRES: `folder` is a group of that
/// format, and no one else consolidates it at the same time.
void consolidate(const std::filesystem::path& folder, int zarr_format, Durability durability);

}  // namespace rastream::zarr
