// SPDX-License-Identifier: Apache-2.0
// Items written back to where they were read, without the rest of their catalog.
#pragma once

#include <memory>
#include <vector>

#include "rastream/catalog/catalog.h"

namespace rastream {

/// Writes `items` of `catalog` to their places, links as they are; no other document is touched.
/// Throws unsupported for items of the web and those of an item collection, which have no document
/// of their own; invalid_argument for a place outside of the folder of the catalog's root; else as
/// Catalog::save does.
SaveReport save_items(const Catalog& catalog, const std::vector<std::shared_ptr<Item>>& items);

/// The path of `target` below `folder`, which ends in '/', with '/' between its parts. Throws
/// invalid_argument when it is not below; `what` is what an error says about it.
std::string path_below(const std::string& target, const std::string& folder, std::string_view what);

}  // namespace rastream
