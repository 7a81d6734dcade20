// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/catalog_node.h"

namespace rastream {

CatalogNode::~CatalogNode() {
  std::vector<NodePtr> left;
  const auto take_branches = [&left](CatalogNode& node) {
    for (Branch& branch : node.branches) {
      if (branch.node) left.push_back(std::move(branch.node));
    }
  };
  take_branches(*this);
  while (!left.empty()) {
    const NodePtr node = std::move(left.back());
    left.pop_back();
    if (node.use_count() == 1) take_branches(*node);
  }
}

bool is_branch(const Link& link) { return link.rel == "child" || link.rel == "item"; }

void index_branches(CatalogNode& node) {
  node.branches.clear();
  for (std::size_t i = 0; i < node.document.links.size(); ++i) {
    if (is_branch(node.document.links[i])) node.branches.push_back(Branch{i});
  }
}

NodePtr make_node(Collection document) {
  auto node = std::make_shared<CatalogNode>();
  node->document = std::move(document);
  index_branches(*node);
  return node;
}

void attach(const NodePtr& parent, std::size_t branch, NodePtr child) {
  child->parent = parent;
  parent->branches[branch].node = std::move(child);
}

void attach(const NodePtr& parent, std::size_t branch, ItemPtr item, std::string identity) {
  parent->branches[branch].item = std::move(item);
  parent->branches[branch].identity = std::move(identity);
}

void erase_links(CatalogNode& node, std::string_view rel) {
  auto& links = node.document.links;
  for (std::size_t i = links.size(); i-- > 0;) {
    if (links[i].rel != rel) continue;
    links.erase(links.begin() + static_cast<std::ptrdiff_t>(i));
    for (Branch& branch : node.branches) branch.link -= branch.link > i ? 1 : 0;
  }
}

void become_root(CatalogNode& node) {
  node.parent.reset();
  erase_links(node, "parent");
}

NodePtr root_of(NodePtr node) {
  while (NodePtr parent = node->parent.lock()) node = std::move(parent);
  return node;
}

}  // namespace rastream
