// SPDX-License-Identifier: Apache-2.0
// A catalog in memory: its document, and what was read or added of the documents that it links to.
// Only sources of this folder include it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/catalog/collection.h"
#include "rastream/catalog/item.h"

namespace rastream {

struct CatalogNode;
using NodePtr = std::shared_ptr<CatalogNode>;
using ItemPtr = std::shared_ptr<Item>;

/// What a child or item link leads to. At most one of `node` and `item` is set; neither before it
/// is read. `other_node` or `other_item` instead: what this link leads to has its place elsewhere
/// in the tree, as in a catalog that links to its parent, or twice to one item.
struct Branch {
  std::size_t link = 0;  ///< in document.links
  NodePtr node = {};
  ItemPtr item = {};
  std::string identity = {};  ///< of `item`: see ReadDocument
  std::weak_ptr<CatalogNode> other_node = {};
  std::weak_ptr<Item> other_item = {};

  bool is_here() const { return node || item; }
  bool is_elsewhere() const { return !other_node.expired() || !other_item.expired(); }
};

/// Invariant: `branches` has one entry for each link of rel "child" or "item", in their order.
struct CatalogNode {
  Collection document;
  std::vector<Branch> branches;
  std::weak_ptr<CatalogNode> parent;
  std::string identity;
  /// False for what stands above the items of an item or item collection that was opened.
  bool is_catalog = true;

  CatalogNode() = default;
  CatalogNode(const CatalogNode&) = delete;
  CatalogNode& operator=(const CatalogNode&) = delete;
  /// Without recursion, for a tree may be deep.
  ~CatalogNode();
};

bool is_branch(const Link& link);

/// Makes `branches` anew, without what was read.
void index_branches(CatalogNode& node);

NodePtr make_node(Collection document);

/// Puts `child` or `item` at a branch.
void attach(const NodePtr& parent, std::size_t branch, NodePtr child);
void attach(const NodePtr& parent, std::size_t branch, ItemPtr item, std::string identity);

/// Takes out the links of `rel`, which is neither "child" nor "item".
void erase_links(CatalogNode& node, std::string_view rel);

/// Makes `node`, whose parent has lost it, or which was read without one, a tree of its own.
void become_root(CatalogNode& node);

/// The topmost catalog above `node`, or itself.
NodePtr root_of(NodePtr node);

}  // namespace rastream
