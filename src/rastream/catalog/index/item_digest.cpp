// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/index/item_digest.h"

#include <xxhash.h>

#include <charconv>

#include "rastream/catalog/item.h"
#include "rastream/catalog/search/item_matcher.h"
#include "rastream/catalog/search/item_value.h"

namespace rastream {
namespace {

std::optional<double> number_of(std::string_view json) {
  double value = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), value);
  const bool is_number = error == std::errc() && end == json.data() + json.size();
  return is_number ? std::optional(value) : std::nullopt;
}

void take_place(const Item& item, ItemDigest& digest) {
  const auto geometry = geometry_of(item);
  const auto box = item.bbox || !geometry ? item.bbox : geometry->bounds();
  if (!box) return;
  const auto parts = flat_parts(*box);
  digest.is_box_loose = parts.size() > 1;
  digest.box = digest.is_box_loose ? BBox{-180, box->south, 180, box->north} : parts[0];
  digest.is_box = !digest.is_box_loose &&
                  (!geometry || (geometry->is_box() && geometry->bounds() == parts[0]));
}

}  // namespace

ItemDigest digest_item(JsonText text, const std::string& href) {
  const Item item = parse_item(text, href);
  ItemDigest digest;
  digest.text = item.text;
  digest.id = item.id;
  digest.collection = item.collection;
  digest.time = time_of(item);
  take_place(item, digest);
  // The properties stand in the item's text, which lives as long as the digest.
  const std::string_view properties = find_member(digest.text.view(), "properties");
  if (!properties.starts_with('{')) return digest;
  for (const auto& [name, value] : members_of(properties))
    if (value != "null") digest.properties.emplace_back(name, number_of(value));
  return digest;
}

std::uint64_t bytes_hash(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t id_hash(std::string_view id) { return bytes_hash(id); }

}  // namespace rastream
