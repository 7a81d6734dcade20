// SPDX-License-Identifier: Apache-2.0
// Saving a catalog: each document in memory becomes a file at its place.
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/catalog/catalog.h"
#include "rastream/catalog/catalog_node.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/layout.h"
#include "rastream/catalog/tree_links.h"
#include "rastream/catalog/tree_writer.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"
#include "rastream/store/store.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// A document that is to be written; one of the first two is set.
struct Saved {
  CatalogNode* node = nullptr;
  Item* item = nullptr;
  TreeAround around = {};
};

/// Where the document at `href` is below the folder of the root.
TreeFile file_below(const std::string& href, const std::string& folder) {
  if (!href.starts_with(folder)) {
    throw Error(Errc::invalid_argument,
                "'{}' is not below '{}', the folder of the catalog: normalise its hrefs first",
                printable_url(href), printable_url(folder));
  }
  std::string rest = href.substr(folder.size());
  if (is_remote(href)) rest = percent_decode(rest).value_or(rest);
  const auto slash = rest.rfind('/');
  if (slash == std::string::npos) return {"", rest};
  return {rest.substr(0, slash), rest.substr(slash + 1)};
}

std::vector<Saved> documents_below(const NodePtr& top, const CatalogNode* root) {
  const NodePtr parent = top->parent.lock();
  const auto collection_of = [](const CatalogNode* node, const CatalogNode* above) {
    return node->document.is_collection ? node : above;
  };
  const CatalogNode* collection = nullptr;
  for (NodePtr at = parent; at && collection == nullptr; at = at->parent.lock())
    collection = collection_of(at.get(), nullptr);
  std::vector<Saved> out;
  out.push_back({top.get(), nullptr, {root, parent.get(), collection}});
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i].node == nullptr) continue;
    CatalogNode* node = out[i].node;
    const TreeAround around{root, node, collection_of(node, out[i].around.collection)};
    for (Branch& branch : node->branches) {
      if (branch.node) out.push_back({branch.node.get(), nullptr, around});
      if (branch.item) out.push_back({nullptr, branch.item.get(), around});
    }
  }
  return out;
}

std::string text_of(const Saved& document, CatalogKind kind) {
  if (document.node != nullptr) {
    set_tree_links(*document.node, document.around, kind);
    return collection_text(document.node->document);
  }
  set_tree_links(*document.item, document.around, kind);
  return item_text(*document.item);
}

}  // namespace

std::string_view to_string(CatalogKind kind) {
  switch (kind) {
    case CatalogKind::self_contained: return "self_contained";
    case CatalogKind::relative_published: return "relative_published";
    case CatalogKind::absolute_published: return "absolute_published";
  }
  return "";
}

CatalogKind catalog_kind_of(std::string_view name) {
  std::string word(name);
  for (char& c : word) c = c == '-' ? '_' : c;
  for (const auto kind : {CatalogKind::self_contained, CatalogKind::relative_published,
                          CatalogKind::absolute_published}) {
    if (word == to_string(kind)) return kind;
  }
  throw Error(Errc::invalid_argument,
              "'{}' is no kind of catalog: expected self_contained, relative_published or "
              "absolute_published",
              name);
}

SaveReport Catalog::save(const SaveOptions& options) {
  const std::string& place = node_->document.href;
  if (!node_->is_catalog)
    throw Error(Errc::invalid_argument, "'{}' is no catalog to save", printable_url(place));
  if (place.empty()) {
    throw Error(Errc::invalid_argument,
                "catalog '{}' has no place yet: normalise its hrefs to a folder first",
                node_->document.id);
  }
  place_new_documents(node_);
  const std::string folder = folder_of(place);
  // Elsewhere is nothing of what is above.
  const NodePtr root = options.folder.empty() ? linked_root_of(node_) : root_of(node_);
  const std::vector<Saved> documents = documents_below(node_, root.get());
  std::vector<TreeFile> files;
  files.reserve(documents.size());
  for (const Saved& d : documents)
    files.push_back(file_below(d.node ? d.node->document.href : d.item->href, folder));
  const std::string& target = options.folder.empty() ? folder : options.folder;
  const auto text = [&](std::size_t k) { return text_of(documents[k], options.kind); };
  if (is_remote(target)) return write_tree(*open_store(target), files, text, options.n_threads);
  return write_tree(target, files, text, options.syncs, options.n_threads);
}

}  // namespace rastream
