// SPDX-License-Identifier: Apache-2.0
// What items, catalogs and collections share: their links and assets.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rastream/catalog/collection.h"
#include "rastream/catalog/json_element.h"

namespace rastream {

using Assets = std::vector<std::pair<std::string, Asset>>;

/// As the functions of the same name for a parsed `object`, which stands in `text`.
Item parse_item(JsonObjectElement object, JsonText text, const std::string& href);
Collection parse_collection(JsonObjectElement object, JsonText text, const std::string& href);

/// A list of links, whose text is `text`. Throws data_loss, naming `what`. REQUIRES: `text` is that
/// of `list`, as members that stand at one position of an object are; the same name is not enough,
/// for names can be there twice, or have escapes.
std::vector<Link> parse_links(JsonElement list, const JsonText& text, const std::string& what);
/// An object of assets, likewise.
Assets parse_assets(JsonElement object, const JsonText& text, const std::string& what);
/// A list of four numbers, or of six with heights. Nothing when `value` is neither.
std::optional<BBox> parse_bbox_element(JsonElement value);

/// The value of the member that holds these links, in a document of `style`: `old` where they are
/// as they were read from it, and what each was read from is kept. `old` may be empty.
std::string links_text(const std::vector<Link>& links, std::string_view old, JsonStyle style);
std::string assets_text(const Assets& assets, std::string_view old, JsonStyle style);

/// Makes the text of the member `name` be `value`; without a member when that is empty.
void set_text(EditedObject& object, std::string_view name, std::string_view value);
/// Makes the value of the member be `json`.
void set_value(EditedObject& object, std::string_view name, std::string json);

}  // namespace rastream
