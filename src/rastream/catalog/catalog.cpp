// SPDX-License-Identifier: Apache-2.0
// Opening and reading catalogs; what changes them is in catalog_edit.cpp.
#include "rastream/catalog/catalog.h"

#include <filesystem>
#include <unordered_map>

#include "rastream/base/error.h"
#include "rastream/catalog/catalog_node.h"
#include "rastream/catalog/catalog_walk.h"
#include "rastream/catalog/href.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxNamedIds = 10;

/// Ids for a not_found message.
class SeenIds {
 public:
  void add(const std::string& id) {
    if (++n_ > kMaxNamedIds) return;
    text_ += (text_.empty() ? "" : ", ") + id;
  }
  std::string text() const {
    if (n_ == 0) return "there is none";
    if (n_ <= kMaxNamedIds) return "there is " + text_;
    return fmt::format("there is {} and {} more", text_, n_ - kMaxNamedIds);
  }

 private:
  std::string text_;
  std::size_t n_ = 0;
};

bool is_of(const Item& item, const Collection* above, std::string_view collection) {
  return collection.empty() || item.collection == collection ||
         (above != nullptr && above->id == collection);
}

std::string of_collection(std::string_view collection) {
  return collection.empty() ? std::string() : fmt::format(" of collection '{}'", collection);
}

/// What stands above items that were opened without a catalog.
NodePtr node_of_items(std::vector<Item> items, const std::string& location) {
  Collection document;
  document.href = location;
  document.links.resize(items.size());
  for (Link& link : document.links) link.rel = "item";
  NodePtr node = make_node(std::move(document));
  node->is_catalog = false;
  for (std::size_t i = 0; i < items.size(); ++i)
    attach(node, i, std::make_shared<Item>(std::move(items[i])), "");
  return node;
}

NodePtr node_of(ReadDocument read, const std::string& location) {
  if (auto* item = std::get_if<Item>(&read.document)) {
    std::vector<Item> items;
    items.push_back(std::move(*item));
    return node_of_items(std::move(items), location);
  }
  if (auto* list = std::get_if<ItemCollection>(&read.document))
    return node_of_items(std::move(list->items), location);
  NodePtr node = make_node(std::move(std::get<Collection>(read.document)));
  node->identity = std::move(read.identity);
  return node;
}

/// Lines of a catalog that wait until those of its children are complete.
struct Described {
  std::string own;
  std::vector<std::size_t> children;
  std::string items;
};

std::string line(int indent, std::string_view type, std::string_view id, const std::string& href,
                 bool with_href) {
  return fmt::format("{:{}}* <{} id={}>{}{}\n", "", indent, type, id, with_href ? " " : "",
                     with_href ? printable_url(href) : "");
}

std::string joined(const std::vector<Described>& catalogs, std::size_t index) {
  const Described& d = catalogs[index];
  std::string text = d.own;
  for (const std::size_t child : d.children) text += joined(catalogs, child);
  return text += d.items;
}

}  // namespace

Catalog Catalog::open(const std::string& href_or_path, const ReadOptions& options) {
  const auto reader = std::make_shared<const CatalogReader>(options);
  const std::string location = catalog_file(href_or_path);
  return {node_of(reader->read(location, "", nullptr), location), reader};
}

const std::string& Catalog::path() const { return node_->document.href; }
const Collection& Catalog::document() const { return node_->document; }

void Catalog::for_each_item(const VisitItem& visit) const {
  WalkVisitor visitor;
  visitor.item = [&](const ItemPtr& item, const WalkPlace& place) {
    return visit(*item, place.frame->collection);
  };
  walk_catalog(node_, *reader_, visitor);
}

void Catalog::for_each_collection(const VisitCollection& visit) const {
  WalkVisitor visitor;
  visitor.catalog = [&](const auto& frame) { return visit(frame->node->document); };
  walk_catalog(node_, *reader_, visitor);
}

Item Catalog::find_item(std::string_view id, std::string_view collection) const {
  std::optional<Item> found;
  SeenIds seen;
  for_each_item([&](const Item& item, const Collection* above) {
    if (!is_of(item, above, collection)) return true;
    if (item.id == id)
      found = item;
    else
      seen.add(item.id);
    return !found;
  });
  if (found) return std::move(*found);
  throw Error(Errc::not_found, "catalog '{}' has no item '{}'{}: {}", printable_url(path()), id,
              of_collection(collection), seen.text());
}

std::vector<Item> Catalog::items(std::string_view collection) const {
  std::vector<Item> out;
  for_each_item([&](const Item& item, const Collection* above) {
    if (is_of(item, above, collection)) out.push_back(item);
    return true;
  });
  if (out.empty() && !collection.empty()) find_collection(collection);
  return out;
}

Collection Catalog::find_collection(std::string_view id) const {
  std::optional<Collection> found;
  SeenIds seen;
  for_each_collection([&](const Collection& c) {
    if (c.id == id && (!found || c.is_collection))
      found = c;
    else
      seen.add(c.id);
    return !(found && found->is_collection);
  });
  if (found) return std::move(*found);
  throw Error(Errc::not_found, "catalog '{}' has no collection '{}': {}", printable_url(path()), id,
              seen.text());
}

std::string Catalog::describe(bool with_hrefs) const {
  constexpr int kIndent = 4;
  std::vector<Described> catalogs;
  std::unordered_map<const WalkFrame*, std::size_t> index;
  std::string loose;
  WalkVisitor visitor;
  visitor.catalog = [&](const std::shared_ptr<WalkFrame>& frame) {
    const Collection& c = frame->node->document;
    if (frame->above) catalogs[index.at(frame->above.get())].children.push_back(catalogs.size());
    index[frame.get()] = catalogs.size();
    catalogs.push_back({line(kIndent * frame->depth, c.is_collection ? "Collection" : "Catalog",
                             c.id, c.href, with_hrefs),
                        {},
                        {}});
    return true;
  };
  visitor.item = [&](const ItemPtr& item, const WalkPlace& place) {
    const auto at = index.find(place.frame.get());
    std::string& lines = at == index.end() ? loose : catalogs[at->second].items;
    const int indent = at == index.end() ? 0 : kIndent * place.frame->depth + 2;
    lines += line(indent, "Item", item->id, item->href, with_hrefs);
    return true;
  };
  walk_catalog(node_, *reader_, visitor);
  return catalogs.empty() ? loose : joined(catalogs, 0);
}

}  // namespace rastream
