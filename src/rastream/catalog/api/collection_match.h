// SPDX-License-Identifier: Apache-2.0
// Whether a collection is what a search looks for.
#pragma once

#include "rastream/base/json.h"
#include "rastream/catalog/search/search.h"

namespace rastream {

/// Looks at bbox, datetime, ids and q: one of the collection's boxes and one of its intervals must
/// overlap, and title, description and keywords must have the words. A collection whose extent is
/// none matches every box and time, as in pystac-client.
bool collection_matches(const Json& collection, const Search& search);

}  // namespace rastream
