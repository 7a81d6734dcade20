// SPDX-License-Identifier: Apache-2.0
// STAC documents of 0.8 to 1.0.1 as documents of 1.1.0, by the rules of pystac, which most users
// read them with.
#pragma once

#include <string>
#include <string_view>

#include "rastream/base/json_text.h"

namespace rastream {

/// The version that documents are migrated to.
inline constexpr std::string_view kStacVersion = "1.1.0";

/// False for a version that is never touched: 1.1.0 and later, or none.
bool is_migrated_version(std::string_view version);

/// The document `text` of an item, catalog or collection, changed where the versions differ:
/// `type` and `stac_version`; licenses; extensions by the URLs of their newest schemas; what moved
/// between core and extensions (datetime-range, eo, sar, view, checksum, item-assets); bands by
/// index; `proj:epsg`; ranges of summaries. All else keeps its bytes. `shared` are the properties
/// of the item's collection, an object or empty, which items up to 0.9 have too. Returned as it is
/// when its version is not migrated or it is no STAC. REQUIRES: a valid JSON object.
/// Differences from pystac are listed in docs/stac.md.
JsonText migrated(const JsonText& text, const JsonText& shared = {});

/// True when items of this document share the properties of their collection: up to 0.8, and of
/// 0.9 with the extension "commons". REQUIRES: a valid JSON object.
bool shares_properties(const JsonText& item);

}  // namespace rastream
