// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/catalog.h"

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "rastream/base/error.h"
#include "rastream/catalog/document.h"
#include "rastream/catalog/href.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxNamedIds = 10;

/// One walk of one catalog.
class Walk {
 public:
  Walk(const Catalog::VisitItem* item, const Catalog::VisitCollection* collection)
      : visit_item_(item), visit_collection_(collection) {}

  /// False when a visitor asked to stop.
  bool document(const std::string& path, const Collection* above, int depth) {
    std::error_code ec;
    const fs::path canonical = fs::weakly_canonical(path, ec);
    if (!seen_.insert(ec ? path : canonical.string()).second) return true;
    if (depth > kMaxCatalogDepth || seen_.size() > static_cast<std::size_t>(kMaxCatalogDocuments)) {
      throw Error(Errc::data_loss, "{}: the catalog has more than {} documents or {} levels", path,
                  kMaxCatalogDocuments, kMaxCatalogDepth);
    }
    const Document document = parse_document(read_document(path), path);
    if (const auto* item = std::get_if<Item>(&document)) return visit(*item, above);
    if (const auto* items = std::get_if<ItemCollection>(&document)) {
      return std::all_of(items->items.begin(), items->items.end(),
                         [&](const Item& item) { return visit(item, above); });
    }
    return collection(std::get<Collection>(document), above, depth);
  }

 private:
  bool visit(const Item& item, const Collection* above) const {
    return visit_item_ == nullptr || (*visit_item_)(item, above);
  }

  bool collection(const Collection& c, const Collection* above, int depth) {
    if (visit_collection_ != nullptr && !(*visit_collection_)(c)) return false;
    for (const Link& link : c.links) {
      const bool is_wanted = link.rel == "child" || (link.rel == "item" && visit_item_ != nullptr);
      if (is_wanted && !follow(link, c, c.is_collection ? &c : above, depth)) return false;
    }
    return true;
  }

  bool follow(const Link& link, const Collection& from, const Collection* above, int depth) {
    std::string path;
    try {
      path = resolve_href(link.href, from.href);
    } catch (const Error& e) {
      throw Error(e.code(), "{}: link '{}': {}", from.href, link.rel, e.message());
    }
    return document(path, above, depth + 1);
  }

  const Catalog::VisitItem* visit_item_;
  const Catalog::VisitCollection* visit_collection_;
  std::unordered_set<std::string> seen_;
};

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

}  // namespace

Catalog Catalog::open(const std::string& href_or_path) {
  std::string path = resolve_href(href_or_path, "./");
  std::error_code ec;
  if (fs::is_directory(path, ec)) {
    const fs::path catalog = fs::path(path) / "catalog.json";
    path = (fs::exists(catalog, ec) ? catalog : fs::path(path) / "collection.json").string();
  }
  parse_document(read_document(path), path);
  return Catalog(path);
}

void Catalog::for_each_item(const VisitItem& visit) const {
  Walk(&visit, nullptr).document(path_, nullptr, 0);
}

void Catalog::for_each_collection(const VisitCollection& visit) const {
  Walk(nullptr, &visit).document(path_, nullptr, 0);
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
  throw Error(Errc::not_found, "catalog '{}' has no item '{}'{}: {}", path_, id,
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
  throw Error(Errc::not_found, "catalog '{}' has no collection '{}': {}", path_, id, seen.text());
}

}  // namespace rastream
