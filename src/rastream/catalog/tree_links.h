// SPDX-License-Identifier: Apache-2.0
// The links that make documents a tree (STAC 1.1, best-practices.md, "Use of links"), as they are
// saved.
#pragma once

#include "rastream/catalog/catalog_node.h"
#include "rastream/catalog/save_options.h"

namespace rastream {

/// What the links of a document lead to. Null where there is none.
struct TreeAround {
  const CatalogNode* root = nullptr;
  const CatalogNode* parent = nullptr;
  const CatalogNode* collection = nullptr;  ///< the nearest above, the parent included
};

/// What root links below and at `node` lead to: its topmost catalog in memory or, where that has a
/// parent which was not read, the root that it names.
NodePtr linked_root_of(const NodePtr& node);

/// Makes the links of a document whose place is known what they are in a catalog of `kind`: those
/// of rel root, parent, self and collection, and of a catalog those to what is in memory. Titles
/// and types of links to children and items stay as they were read.
void set_tree_links(CatalogNode& node, const TreeAround& around, CatalogKind kind);
void set_tree_links(Item& item, const TreeAround& around, CatalogKind kind);

}  // namespace rastream
