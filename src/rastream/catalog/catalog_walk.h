// SPDX-License-Identifier: Apache-2.0
// The one walk over a catalog: depth first, in the order of the links, while documents further on
// are read by other threads.
#pragma once

#include <functional>
#include <memory>

#include "rastream/catalog/catalog.h"
#include "rastream/catalog/catalog_node.h"
#include "rastream/catalog/catalog_reader.h"

namespace rastream {

/// A catalog on the way.
struct WalkFrame {
  NodePtr node;
  std::shared_ptr<WalkFrame> above = {};   ///< null for the first
  std::size_t branch = 0;                  ///< of `above`, that led here
  const Collection* collection = nullptr;  ///< the nearest, itself included
  int depth = 0;
  bool is_dropped = false;  ///< it was seen elsewhere, or its parent was dropped
};

/// Where an item or catalog stands.
struct WalkPlace {
  std::shared_ptr<WalkFrame> frame;
  std::size_t branch = 0;
};

struct WalkVisitor {
  /// Called for each catalog, the first included, before what is below it; and for each item (then
  /// its frame is that of its catalog). False stops the walk. Without `item` no item is read.
  std::function<bool(const std::shared_ptr<WalkFrame>&)> catalog = {};
  std::function<bool(const ItemPtr&, const WalkPlace&)> item = {};
  /// What is read stays in the tree, at its branch.
  bool keeps = false;
};

/// Walks from `root`. A document that was seen before is not visited again; with `keeps` its branch
/// says where it is. Errors of reading are thrown when the walk arrives there, naming the document
/// with the link: not_found, data_loss, unsupported, permission_denied, unavailable.
void walk_catalog(const NodePtr& root, const CatalogReader& reader, const WalkVisitor& visitor);

/// Puts the catalogs that lead to `frame` into the tree.
void keep_frame(const std::shared_ptr<WalkFrame>& frame);

/// Reads what a link of `node` leads to.
ReadDocument read_branch(const CatalogNode& node, std::size_t branch, const CatalogReader& reader,
                         const Collection* above);

}  // namespace rastream
