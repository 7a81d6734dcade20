// SPDX-License-Identifier: Apache-2.0
// What an index keeps of an item beside its text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rastream/base/json_text.h"
#include "rastream/catalog/search/time_span.h"
#include "rastream/geo/bbox.h"

namespace rastream {

struct ItemDigest {
  JsonText text;
  std::string id;
  std::string collection;
  std::optional<BBox> box;  ///< for the tree: as wide as the globe when it crosses the antimeridian
  bool is_box = false;      ///< the geometry is the box
  bool is_box_loose = false;
  std::optional<TimeSpan> time;
  /// Its properties but nulls, by their names in `text`; nothing: it is no number.
  std::vector<std::pair<std::string_view, std::optional<double>>> properties;
};

/// Throws as parse_item.
ItemDigest digest_item(JsonText text, const std::string& href);

/// The id's place in an index.
std::uint64_t id_hash(std::string_view id);
std::uint64_t bytes_hash(std::string_view bytes);

}  // namespace rastream
