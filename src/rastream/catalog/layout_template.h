// SPDX-License-Identifier: Apache-2.0
// Names that are made from items, such as "${year}/${collection}", by the rules of pystac's
// LayoutTemplate, which the catalogs of users are laid out by.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rastream/catalog/item.h"

namespace rastream {

/// Variables stand as ${name}:
/// * year, month, day, date: of the datetime, or of the start_datetime when that is null, in the
///   zone that it is written in; month and day without leading zeros, date as "2020-01-31";
/// * collection: the id of the item's collection;
/// * id, collection_id, datetime;
/// * any property ("landsat:path"), also below another ("a.b"), as "properties.x" or as
///   "common_metadata.x"; or any other member of the item ("extra_fields.x" too).
/// A variable that an item does not have is the default of that name; for the first group, which
/// have none, it is an error. Immutable.
class LayoutTemplate {
 public:
  /// Throws invalid_argument for a "${" without "}" and an empty name.
  explicit LayoutTemplate(const std::string& layout,
                          std::map<std::string, std::string> defaults = {});
  /// Throws invalid_argument, naming item, variable and template, when there is no value, or it is
  /// a list or an object.
  std::string substitute(const Item& item) const;

 private:
  struct Piece {
    std::string text;      ///< as it is written
    std::string variable;  ///< follows the text; empty for none
  };
  std::string value_of(const std::string& variable, const Item& item) const;

  std::string layout_;
  std::vector<Piece> pieces_;
  std::map<std::string, std::string> defaults_;
};

}  // namespace rastream
