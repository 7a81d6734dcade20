// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/tree_links.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"

namespace rastream {
namespace {

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kGeoJsonType = "application/geo+json";

Link* find_link(std::vector<Link>& links, std::string_view rel) {
  const auto at =
      std::find_if(links.begin(), links.end(), [&](const Link& link) { return link.rel == rel; });
  return at == links.end() ? nullptr : &*at;
}

/// The links of one document.
class TreeLinks {
 public:
  TreeLinks(std::vector<Link>& links, const std::string& self, CatalogKind kind)
      : links_(links), self_(self), kind_(kind) {}

  std::string href_to(const std::string& target) const {
    return kind_ == CatalogKind::absolute_published ? target : relative_location(target, self_);
  }

  /// The one link of this rel leads to `target`; where there was none it is added at the end.
  Link& set(std::string_view rel, const std::string& href) {
    Link* at = find_link(links_, rel);
    if (at == nullptr) {
      at = &links_.emplace_back();
      at->rel = rel;
      at->type = kJsonType;
    }
    at->href = href;
    return *at;
  }

  /// Root and parent are made anew: their titles are those of what they lead to.
  void set_fresh(std::string_view rel, const CatalogNode* target) {
    if (target == nullptr) return;
    Link& link = set(rel, href_to(target->document.href));
    link.type = kJsonType;
    link.title = target->document.title;
  }

  /// Links that are not of the tree: absolute in a catalog whose links are, else as they are.
  void finish() {
    if (kind_ != CatalogKind::absolute_published) return;
    for (Link& link : links_) {
      if (!is_absolute_href(link.href)) link.href = absolute_or_same(link.href);
    }
  }

  void set_self(bool is_wanted) {
    if (is_wanted)
      set("self", self_);
    else
      std::erase_if(links_, [](const Link& link) { return link.rel == "self"; });
  }

  void set_branch(std::size_t index, const std::string& target, const std::string& title,
                  std::string_view type) {
    Link& link = links_[index];
    link.href = href_to(target);
    if (link.title.empty()) link.title = title;
    if (link.type.empty() && link.text.empty()) link.type = type;
  }

 private:
  std::string absolute_or_same(const std::string& href) const {
    try {
      return absolute_href(href, self_);
    } catch (const Error&) {
      return href;  // what names nothing goes on naming nothing
    }
  }

  std::vector<Link>& links_;
  const std::string& self_;
  CatalogKind kind_;
};

void set_branches(CatalogNode& node, TreeLinks& links) {
  for (const Branch& branch : node.branches) {
    const NodePtr child = branch.node ? branch.node : branch.other_node.lock();
    const ItemPtr item = branch.item ? branch.item : branch.other_item.lock();
    if (child)
      links.set_branch(branch.link, child->document.href, child->document.title, kJsonType);
    else if (item)
      links.set_branch(branch.link, item->href, "", kGeoJsonType);
  }
}

}  // namespace

NodePtr linked_root_of(const NodePtr& node) {
  NodePtr top = root_of(node);
  Collection& document = top->document;
  const Link* link = find_link(document.links, "root");
  if (link == nullptr || find_link(document.links, "parent") == nullptr) return top;
  try {
    Collection root;
    root.href = absolute_href(link->href, document.href);
    root.title = link->title;
    return root.href == document.href ? top : make_node(std::move(root));
  } catch (const Error&) {
    return top;
  }
}

void set_tree_links(CatalogNode& node, const TreeAround& around, CatalogKind kind) {
  TreeLinks links(node.document.links, node.document.href, kind);
  links.set_fresh("root", around.root);
  links.set_fresh("parent", around.parent);
  set_branches(node, links);
  const bool has_self = kind == CatalogKind::absolute_published ||
                        (kind == CatalogKind::relative_published && around.root == &node);
  if (has_self)
    links.set_self(true);
  else
    erase_links(node, "self");
  links.finish();
}

void set_tree_links(Item& item, const TreeAround& around, CatalogKind kind) {
  TreeLinks links(item.links, item.href, kind);
  links.set_fresh("root", around.root);
  links.set_fresh("parent", around.parent);
  if (around.collection != nullptr && around.collection->document.id == item.collection) {
    Link& link = links.set("collection", links.href_to(around.collection->document.href));
    if (link.title.empty()) link.title = around.collection->document.title;
  }
  links.set_self(kind == CatalogKind::absolute_published);
  links.finish();
}

}  // namespace rastream
