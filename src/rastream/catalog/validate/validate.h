// SPDX-License-Identifier: Apache-2.0
// Whether documents are what the STAC specification says: rules of our own, without a network.
#pragma once

#include <string>
#include <vector>

#include "rastream/base/json_text.h"

namespace rastream {

/// A rule that a document breaks.
struct Violation {
  std::string href;      ///< of the document
  std::string id;        ///< of the document; empty when it has none
  std::string field;     ///< "properties.datetime", "links[2].href"; empty: the whole document
  std::string expected;  ///< "a text that is not empty"
  std::string section;   ///< of the specification: "item-spec.md, Item fields"
};

/// Checks an item, catalog, collection or item collection of STAC 1.0 or 1.1 with its links and
/// assets, and what it holds of the extensions projection, eo, raster, view, sar, datacube and
/// file when it lists them. A document of an older version is checked as one of 1.0. Throws
/// data_loss for what is no JSON object.
std::vector<Violation> validate_document(JsonText text, const std::string& href);

}  // namespace rastream
