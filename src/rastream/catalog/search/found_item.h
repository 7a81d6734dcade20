// SPDX-License-Identifier: Apache-2.0
// An item that a search found, as it is kept elsewhere.
#pragma once

#include "rastream/catalog/catalog_reader.h"
#include "rastream/catalog/search/search_items.h"

namespace rastream {

/// The whole item with hrefs that hold anywhere: see lasting_href. Throws as CatalogReader::parse
/// does; data_loss for what is no item.
Item lasting_item(const FoundItem& found, const CatalogReader& reader);

}  // namespace rastream
