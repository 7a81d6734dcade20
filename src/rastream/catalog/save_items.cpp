// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/save_items.h"

#include "rastream/base/error.h"
#include "rastream/catalog/document.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/tree_writer.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

void check_document(const Item& item) {
  if (is_http_url(item.href))
    throw Error(Errc::unsupported, "cannot write item '{}' to '{}': expected a file", item.id,
                printable_url(item.href));
  const Document there = parse_document(read_document(item.href), item.href);
  const auto* old = std::get_if<Item>(&there);
  if (old == nullptr || old->id != item.id)
    throw Error(Errc::unsupported,
                "'{}' is not the document of item '{}' alone: save the items as a catalog",
                item.href, item.id);
}

}  // namespace

std::string path_below(const std::string& target, const std::string& folder,
                       std::string_view what) {
  const std::string path = target.starts_with(folder) ? target.substr(folder.size()) : "";
  if (path.empty() || ("/" + path + "/").find("/../") != std::string::npos)
    throw Error(Errc::invalid_argument, "{} '{}' is not below '{}', the folder of the catalog",
                what, printable_url(target), printable_url(folder));
  return path;
}

SaveReport save_items(const Catalog& catalog, const std::vector<std::shared_ptr<Item>>& items) {
  const std::string folder = folder_of(catalog.root().path());
  std::vector<TreeFile> files;
  for (const auto& item : items) {
    check_document(*item);
    const std::string path = path_below(item->href, folder, "the item");
    const std::size_t slash = path.rfind('/');
    const bool has_folder = slash != std::string::npos;
    files.push_back(
        {has_folder ? path.substr(0, slash) : "", path.substr(has_folder ? slash + 1 : 0)});
  }
  return write_tree(
      folder, files, [&](std::size_t k) { return item_text(*items[k]); }, true, 0);
}

}  // namespace rastream
