// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/tree_links.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"

namespace rastream {
namespace {

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kGeoJsonType = "application/geo+json";

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
    auto at = std::find_if(links_.begin(), links_.end(),
                           [&](const Link& link) { return link.rel == rel; });
    if (at == links_.end()) {
      at = links_.insert(links_.end(), Link{});
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

/// Branches count by where their links stand, so these must not move: a self link that goes is
/// taken out before them alone.
void erase_self(CatalogNode& node) {
  auto& links = node.document.links;
  for (std::size_t i = links.size(); i-- > 0;) {
    if (links[i].rel != "self") continue;
    links.erase(links.begin() + static_cast<std::ptrdiff_t>(i));
    for (Branch& branch : node.branches) branch.link -= branch.link > i ? 1 : 0;
  }
}

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
    erase_self(node);
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
