// SPDX-License-Identifier: Apache-2.0
// Catalogs as a tree in memory: reaching into it and changing it.
#include <algorithm>
#include <unordered_map>

#include "rastream/base/error.h"
#include "rastream/catalog/catalog.h"
#include "rastream/catalog/catalog_node.h"
#include "rastream/catalog/catalog_walk.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/layout.h"
#include "rastream/catalog/layout_template.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

constexpr std::string_view kNewestVersion = "1.1.0";

std::string rel_of(const CatalogNode& node, const Branch& branch) {
  return node.document.links[branch.link].rel;
}

/// Reads the branch, unless it is read, and keeps it.
void reach(const NodePtr& node, std::size_t index, const CatalogReader& reader) {
  if (node->branches[index].is_here() || node->branches[index].is_elsewhere()) return;
  const Collection* above = nullptr;
  for (NodePtr at = node; at && !above; at = at->parent.lock())
    above = at->document.is_collection ? &at->document : nullptr;
  ReadDocument read = read_branch(*node, index, reader, above);
  for (NodePtr at = node; at; at = at->parent.lock()) {
    if (!read.identity.empty() && at->identity == read.identity) {
      node->branches[index].other_node = at;
      return;
    }
  }
  if (auto* item = std::get_if<Item>(&read.document)) {
    attach(node, index, std::make_shared<Item>(std::move(*item)), std::move(read.identity));
  } else if (auto* c = std::get_if<Collection>(&read.document)) {
    NodePtr child = make_node(std::move(*c));
    child->identity = std::move(read.identity);
    attach(node, index, std::move(child));
  }
}

/// Branches with `rel`, those first whose hrefs hold `id`, as they mostly do.
std::vector<std::size_t> likely_first(const CatalogNode& node, std::string_view rel,
                                      std::string_view id) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < node.branches.size(); ++i) {
    if (rel_of(node, node.branches[i]) == rel) out.push_back(i);
  }
  std::stable_partition(out.begin(), out.end(), [&](std::size_t i) {
    const Branch& branch = node.branches[i];
    return branch.is_here() || node.document.links[branch.link].href.find(id) != std::string::npos;
  });
  return out;
}

/// Takes out the branches that `is_gone` names, and their links.
template <typename IsGone>
void erase_branches(CatalogNode& node, IsGone&& is_gone) {
  std::vector<Link> links;
  std::vector<Branch> branches;
  std::size_t b = 0;
  for (std::size_t i = 0; i < node.document.links.size(); ++i) {
    if (b < node.branches.size() && node.branches[b].link == i) {
      Branch& branch = node.branches[b++];
      if (is_gone(branch)) {
        if (branch.node) become_root(*branch.node);
        continue;
      }
      branch.link = links.size();
      branches.push_back(std::move(branch));
    }
    links.push_back(std::move(node.document.links[i]));
  }
  node.document.links = std::move(links);
  node.branches = std::move(branches);
}

Branch& add_branch(CatalogNode& node, std::string_view rel, std::string_view title) {
  Link link;
  link.rel = rel;
  link.title = title;
  link.type = rel == "item" ? "application/geo+json" : "application/json";
  node.document.links.push_back(std::move(link));
  node.branches.push_back(Branch{node.document.links.size() - 1});
  return node.branches.back();
}

void add_shared_item(CatalogNode& node, ItemPtr item, std::string_view title) {
  add_branch(node, "item", title).item = std::move(item);
}

void expect_id(const std::string& id, std::string_view what) {
  if (id.empty()) throw Error(Errc::invalid_argument, "a new {} needs an id", what);
}

NodePtr new_subcatalog(const std::string& id, const NodePtr& parent) {
  Collection document;
  document.id = id;
  document.stac_version = kNewestVersion;
  document.description =
      fmt::format("Catalog of items from {} with id {}", parent->document.id, id);
  NodePtr node = make_node(std::move(document));
  add_branch(*parent, "child", "").node = node;
  node->parent = parent;
  return node;
}

/// Moves items of one tree into sub-catalogs.
class Subcatalogs {
 public:
  explicit Subcatalogs(const LayoutTemplate& layout) : layout_(layout) {}

  void generate(const NodePtr& node, std::vector<std::string> ids) {
    ids.push_back(node->document.id);
    // Those that are made below are not visited: they hold what was moved.
    for (const NodePtr& child : children_of(*node)) generate(child, ids);
    children_.clear();
    std::vector<ItemPtr> moved;
    std::vector<std::vector<std::string>> paths;
    erase_branches(*node, [&](Branch& branch) {
      if (!branch.item) return false;
      auto path = split(layout_.substitute(*branch.item));
      if (ends_in(ids, path)) return false;
      moved.push_back(std::move(branch.item));
      paths.push_back(std::move(path));
      return true;
    });
    for (std::size_t i = 0; i < moved.size(); ++i) {
      NodePtr at = node;
      for (const std::string& id : paths[i]) at = child_of(at, id);
      moved[i]->href.clear();
      add_shared_item(*at, std::move(moved[i]), "");
    }
  }
  std::vector<NodePtr> made() && { return std::move(made_); }

 private:
  static std::vector<NodePtr> children_of(const CatalogNode& node) {
    std::vector<NodePtr> out;
    for (const Branch& branch : node.branches) {
      if (branch.node) out.push_back(branch.node);
    }
    return out;
  }

  static std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> parts(1);
    for (const char c : path) {
      if (c == '/')
        parts.emplace_back();
      else
        parts.back() += c;
    }
    return parts;
  }

  static bool ends_in(const std::vector<std::string>& ids, const std::vector<std::string>& path) {
    return path.size() <= ids.size() && std::equal(path.rbegin(), path.rend(), ids.rbegin());
  }

  /// The child of `node` with this id, made when there is none.
  NodePtr child_of(const NodePtr& node, const std::string& id) {
    auto [known, is_first] = children_.try_emplace(node.get());
    if (is_first) {
      for (const NodePtr& child : children_of(*node))
        known->second.emplace(child->document.id, child);
    }
    NodePtr& child = known->second[id];
    if (!child) made_.push_back(child = new_subcatalog(id, node));
    return child;
  }

  const LayoutTemplate& layout_;
  std::unordered_map<const CatalogNode*, std::unordered_map<std::string, NodePtr>> children_;
  std::vector<NodePtr> made_;
};

template <typename Change>
void for_each_asset(const NodePtr& top, Change&& change) {
  const auto change_all = [&](auto& document) {
    for (auto& [key, asset] : document.assets) {
      if (document.href.empty()) {
        throw Error(Errc::invalid_argument,
                    "'{}' has no place yet, from which its assets could be named", document.id);
      }
      change(asset.href, document.href);
    }
  };
  std::vector<CatalogNode*> left = {top.get()};
  while (!left.empty()) {
    CatalogNode* node = left.back();
    left.pop_back();
    change_all(node->document);
    for (Branch& branch : node->branches) {
      if (branch.item) change_all(*branch.item);
      if (branch.node) left.push_back(branch.node.get());
    }
  }
}

/// Copies a tree; links to elsewhere in it lead to the copies.
NodePtr copied(const NodePtr& top) {
  std::unordered_map<const void*, NodePtr> nodes;
  std::unordered_map<const void*, ItemPtr> items;
  std::vector<NodePtr> left = {top};
  const auto copy_of = [&](const NodePtr& node) {
    NodePtr& copy = nodes[node.get()];
    if (!copy) {
      copy = std::make_shared<CatalogNode>();
      copy->document = node->document;
      copy->identity = node->identity;
      copy->is_catalog = node->is_catalog;
    }
    return copy;
  };
  while (!left.empty()) {
    const NodePtr node = left.back();
    left.pop_back();
    const NodePtr copy = copy_of(node);
    for (const Branch& branch : node->branches) {
      Branch& b = copy->branches.emplace_back(Branch{branch.link});
      b.identity = branch.identity;
      if (branch.item) b.item = items[branch.item.get()] = std::make_shared<Item>(*branch.item);
      if (branch.node) {
        b.node = copy_of(branch.node);
        b.node->parent = copy;
        left.push_back(branch.node);
      }
    }
  }
  for (auto& [from, copy] : nodes) {
    const auto& branches = static_cast<const CatalogNode*>(from)->branches;
    for (std::size_t i = 0; i < branches.size(); ++i) {
      if (const auto at = nodes.find(branches[i].other_node.lock().get()); at != nodes.end())
        copy->branches[i].other_node = at->second;
      if (const auto at = items.find(branches[i].other_item.lock().get()); at != items.end())
        copy->branches[i].other_item = at->second;
    }
  }
  return nodes.at(top.get());
}

}  // namespace

Catalog Catalog::create(Collection document) {
  expect_id(document.id, "catalog");
  std::erase_if(document.links, is_branch);
  if (document.stac_version.empty()) document.stac_version = kNewestVersion;
  return {make_node(std::move(document)), std::make_shared<const CatalogReader>(ReadOptions{})};
}

void Catalog::edit(const std::function<void(Collection&)>& change) {
  Collection document = node_->document;
  change(document);
  expect_id(document.id, "catalog");
  const auto tree = [](const Collection& c) {
    std::vector<std::string> out;
    for (const Link& link : c.links) {
      if (is_branch(link)) out.push_back(link.rel + " " + link.href);
    }
    return out;
  };
  if (tree(document) != tree(node_->document)) {
    throw Error(Errc::invalid_argument,
                "the child and item links of catalog '{}' are changed by adding and removing",
                document.id);
  }
  node_->document = std::move(document);
  std::size_t b = 0;
  for (std::size_t i = 0; i < node_->document.links.size(); ++i) {
    if (is_branch(node_->document.links[i])) node_->branches[b++].link = i;
  }
}

std::vector<Catalog> Catalog::children() {
  std::vector<Catalog> out;
  for (std::size_t i = 0; i < node_->branches.size(); ++i) {
    if (rel_of(*node_, node_->branches[i]) != "child") continue;
    reach(node_, i, *reader_);
    if (node_->branches[i].node) out.push_back(handle(node_->branches[i].node));
  }
  return out;
}

std::vector<ItemPtr> Catalog::own_items() {
  std::vector<ItemPtr> out;
  for (std::size_t i = 0; i < node_->branches.size(); ++i) {
    if (rel_of(*node_, node_->branches[i]) != "item") continue;
    reach(node_, i, *reader_);
    if (node_->branches[i].item) out.push_back(node_->branches[i].item);
  }
  return out;
}

std::optional<Catalog> Catalog::child(std::string_view id, bool recursive) {
  std::optional<Catalog> found;
  if (!recursive) {
    for (const std::size_t i : likely_first(*node_, "child", id)) {
      reach(node_, i, *reader_);
      const NodePtr& child = node_->branches[i].node;
      if (child && child->document.id == id) return handle(child);
    }
    return found;
  }
  WalkVisitor visitor;
  visitor.catalog = [&](const std::shared_ptr<WalkFrame>& frame) {
    if (frame->above == nullptr || frame->node->document.id != id) return true;
    keep_frame(frame);
    found = handle(frame->node);
    return false;
  };
  walk_catalog(node_, *reader_, visitor);
  return found;
}

ItemPtr Catalog::item(std::string_view id, bool recursive) {
  for (const std::size_t i : likely_first(*node_, "item", id)) {
    reach(node_, i, *reader_);
    const ItemPtr& item = node_->branches[i].item;
    if (item && item->id == id) return item;
  }
  ItemPtr found;
  if (!recursive) return found;
  WalkVisitor visitor;
  visitor.item = [&](const ItemPtr& item, const WalkPlace& place) {
    if (item->id != id) return true;
    keep_frame(place.frame);
    if (!place.frame->node->branches[place.branch].is_here())
      attach(place.frame->node, place.branch, item, "");
    found = item;
    return false;
  };
  walk_catalog(node_, *reader_, visitor);
  return found;
}

std::optional<Catalog> Catalog::parent() const {
  if (NodePtr node = node_->parent.lock()) return handle(std::move(node));
  return std::nullopt;
}

Catalog Catalog::root() const { return handle(root_of(node_)); }

void Catalog::load() {
  WalkVisitor visitor;
  visitor.item = [](const ItemPtr&, const WalkPlace& place) {
    if (place.frame->node->branches[place.branch].is_here()) return true;
    throw Error(Errc::unsupported, "{}: an item collection as an item of a catalog",
                printable_url(place.frame->node->document.href));
  };
  visitor.keeps = true;
  walk_catalog(node_, *reader_, visitor);
}

ItemPtr Catalog::add_item(Item item, std::string_view title) {
  expect_id(item.id, "item");
  if (item.stac_version.empty()) item.stac_version = kNewestVersion;
  if (node_->document.is_collection) item.collection = node_->document.id;
  auto shared = std::make_shared<Item>(std::move(item));
  add_shared_item(*node_, shared, title);
  return shared;
}

void Catalog::add_items(std::vector<Item> items) {
  node_->document.links.reserve(node_->document.links.size() + items.size());
  node_->branches.reserve(node_->branches.size() + items.size());
  for (Item& item : items) add_item(std::move(item));
}

void Catalog::add_child(const Catalog& child, std::string_view title) {
  const std::string& id = child.node_->document.id;
  if (!child.node_->is_catalog)
    throw Error(Errc::invalid_argument, "what is no catalog cannot be a child");
  if (!child.node_->parent.expired())
    throw Error(Errc::invalid_argument, "catalog '{}' has a parent already", id);
  if (root_of(node_) == child.node_)
    throw Error(Errc::invalid_argument, "catalog '{}' cannot be below itself", id);
  add_branch(*node_, "child", title).node = child.node_;
  child.node_->parent = node_;
}

void Catalog::remove_item(std::string_view id) {
  own_items();
  erase_branches(*node_, [&](const Branch& b) { return b.item && b.item->id == id; });
}

void Catalog::remove_child(std::string_view id) {
  children();
  erase_branches(*node_, [&](const Branch& b) { return b.node && b.node->document.id == id; });
}

void Catalog::clear_items() {
  erase_branches(*node_, [&](const Branch& b) { return rel_of(*node_, b) == "item"; });
}

void Catalog::clear_children() {
  erase_branches(*node_, [&](const Branch& b) { return rel_of(*node_, b) == "child"; });
}

std::vector<Catalog> Catalog::generate_subcatalogs(
    const std::string& layout, const std::map<std::string, std::string>& defaults) {
  const LayoutTemplate parsed(layout, defaults);
  load();
  Subcatalogs subcatalogs(parsed);
  subcatalogs.generate(node_, {});
  std::vector<Catalog> out;
  for (NodePtr& node : std::move(subcatalogs).made()) out.push_back(handle(std::move(node)));
  return out;
}

void Catalog::normalise_hrefs(const std::string& root) {
  load();
  normalise_places(node_, resolve_location(root, ""));
}

void Catalog::make_all_asset_hrefs_relative() {
  load();
  for_each_asset(node_, [](std::string& href, const std::string& from) {
    href = relative_location(absolute_href(href, from), from);
  });
}

void Catalog::make_all_asset_hrefs_absolute() {
  load();
  for_each_asset(node_, [](std::string& href, const std::string& from) {
    if (is_remote(from) || !is_absolute_href(href)) href = absolute_href(href, from);
  });
}

Catalog Catalog::full_copy() const {
  NodePtr copy = copied(node_);
  become_root(*copy);
  return handle(std::move(copy));
}

}  // namespace rastream
