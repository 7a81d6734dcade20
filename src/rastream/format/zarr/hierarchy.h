// SPDX-License-Identifier: Apache-2.0
// The groups and arrays of a store: from consolidated metadata where the opened group has it, else
// by walking.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rastream/base/json.h"
#include "rastream/store/store.h"

namespace rastream::zarr {

/// A group or an array as its documents say it.
struct Node {
  int zarr_format = 2;
  bool is_array = false;
  Json metadata;     ///< .zarray, .zgroup or zarr.json
  Json attributes;   ///< .zattrs, or the member of zarr.json
  std::string what;  ///< the document's place, for errors
};

/// Nodes by path below the opened one; "" is the opened one itself.
using Hierarchy = std::map<std::string, Node>;

/// "1980" -> "1980/", "" -> "".
std::string folder_prefix(const std::string& path);

/// The node at `path`; nothing when there is none. Where a folder has documents of both versions,
/// v3 is taken.
std::optional<Node> read_node(const Store& store, const std::string& path);

/// Everything at and below `path`. Throws not_found when there is no node, data_loss for documents
/// that are not what they should be, unsupported for groups nested deeper than 32 (a link to
/// itself).
Hierarchy read_hierarchy(const Store& store, const std::string& path);

/// The document parsed, which must be an object; nothing when absent.
std::optional<Json> read_document(const Store& store, const std::string& key);

}  // namespace rastream::zarr
