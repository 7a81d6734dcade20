// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/found_item.h"

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/store/http/url.h"

namespace rastream {

Item lasting_item(const FoundItem& found, const CatalogReader& reader) {
  Document document = reader.parse(found.text, found.href, nullptr);
  auto* item = std::get_if<Item>(&document);
  if (item == nullptr)
    throw Error(Errc::data_loss, "{}: expected STAC items alone", printable_url(found.href));
  for (Link& link : item->links) link.href = lasting_href(link.href, item->href);
  for (auto& [key, asset] : item->assets) asset.href = lasting_href(asset.href, item->href);
  return std::move(*item);
}

}  // namespace rastream
