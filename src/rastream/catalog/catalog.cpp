// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/catalog.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <unordered_set>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/members.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxDocumentBytes = 256U << 20;
constexpr std::size_t kMaxNamedIds = 10;

/// Only regular files are read: a catalog that points at a pipe or a device must not hang the walk.
std::string read_text(const std::string& path) {
  std::error_code ec;
  const fs::file_status status = fs::status(path, ec);
  if (ec) throw error_from_errno(ec.value(), "cannot read the STAC document", path);
  if (!fs::is_regular_file(status)) {
    throw Error(Errc::not_found, "the STAC document '{}' is not a file", path);
  }
  const std::uintmax_t size = fs::file_size(path, ec);
  if (ec) throw error_from_errno(ec.value(), "cannot read the STAC document", path);
  if (size > kMaxDocumentBytes) {
    throw Error(Errc::data_loss, "'{}' has {} bytes: expected a STAC document of at most {}", path,
                size, kMaxDocumentBytes);
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!file)
    throw error_from_errno(errno == 0 ? EIO : errno, "cannot read the STAC document", path);
  file.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Json read_document(const std::string& path) {
  Json document = parse_json(read_text(path), path);
  if (!document.is_object())
    throw Error(Errc::data_loss, "{}: expected a STAC document, an object", path);
  return document;
}

enum class DocumentKind { collection, item, item_collection };

/// Catalogs and collections have no type before 1.0.0-rc.1.
DocumentKind kind_of(const Json& document, const std::string& path) {
  const std::string type = text_or_empty(document, "type");
  if (type == "Feature") return DocumentKind::item;
  if (type == "FeatureCollection") return DocumentKind::item_collection;
  if (type == "Catalog" || type == "Collection") return DocumentKind::collection;
  if (type.empty() && document.contains("stac_version") && document.contains("links")) {
    return DocumentKind::collection;
  }
  throw Error(Errc::data_loss, "{}: expected a STAC catalog, collection or item{}", path,
              type.empty() ? "" : ", not a '" + type.substr(0, 60) + "'");
}

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
    Json json = read_document(path);
    switch (kind_of(json, path)) {
      case DocumentKind::item: return item(std::move(json), path, above);
      case DocumentKind::item_collection: return item_collection(json, path, above);
      case DocumentKind::collection: break;
    }
    return collection(collection_from_json(std::move(json), path), above, depth);
  }

 private:
  bool item(Json json, const std::string& path, const Collection* above) {
    return visit_item_ == nullptr || (*visit_item_)(item_from_json(std::move(json), path), above);
  }

  bool item_collection(const Json& json, const std::string& path, const Collection* above) {
    const auto features = json.find("features");
    if (features == json.end() || !features->is_array()) {
      throw Error(Errc::data_loss, "{}: member 'features' is not a list", path);
    }
    for (const Json& feature : *features) {
      if (!item(feature, path, above)) return false;
    }
    return true;
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
      path = resolve_href(link.href, from.path);
    } catch (const Error& e) {
      throw Error(e.code(), "{}: link '{}': {}", from.path, link.rel, e.message());
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
  const Json json = read_document(path);
  if (kind_of(json, path) == DocumentKind::collection) collection_from_json(json, path);
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
