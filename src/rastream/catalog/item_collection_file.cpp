// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/item_collection_file.h"

#include <algorithm>
#include <span>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/store/file.h"

namespace rastream {
namespace {

bool is_ndjson(std::string_view location) {
  return location.ends_with(".ndjson") || location.ends_with(".jsonl") ||
         location.ends_with(".geojsonl");
}

ItemCollection items_of(Document document, const std::string& location) {
  if (auto* list = std::get_if<ItemCollection>(&document)) return std::move(*list);
  ItemCollection out;
  out.href = location;
  auto* item = std::get_if<Item>(&document);
  if (item == nullptr) throw Error(Errc::data_loss, "{}: expected items, not a catalog", location);
  out.items.push_back(std::move(*item));
  return out;
}

/// White space outside of texts is all that a line break can be.
std::string in_one_line(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text && c == '\\') {
      out += c;
      out += json[++i];
      continue;
    }
    if (c == '"') in_text = !in_text;
    if (in_text || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) out += c;
  }
  return out;
}

}  // namespace

ItemCollection read_item_collection(const std::string& location, const ReadOptions& options) {
  const CatalogReader reader(options);
  const std::string absolute = resolve_location(location, "");
  if (!is_ndjson(location)) return items_of(reader.read(absolute, "", nullptr).document, absolute);
  ItemCollection out;
  out.href = absolute;
  const JsonText whole = reader.text(absolute);
  std::string_view rest = whole.view();
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest = rest.substr(std::min(end + 1, rest.size()));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string place = fmt::format("{}, line {}", absolute, line);
    ItemCollection one = items_of(reader.parse(JsonText(text), place, nullptr), place);
    for (Item& item : one.items) {
      item.href = absolute;
      out.items.push_back(std::move(item));
    }
  }
  return out;
}

std::string item_collection_text(const std::vector<Item>& items) {
  std::string out = "{\"type\": \"FeatureCollection\", \"features\": [";
  for (std::size_t i = 0; i < items.size(); ++i)
    out += (i == 0 ? "\n" : ",\n") + item_text(items[i]);
  return out += items.empty() ? "]}\n" : "\n]}\n";
}

std::string ndjson_text(const std::vector<Item>& items) {
  std::string out;
  for (const Item& item : items) out += in_one_line(item_text(item)) + "\n";
  return out;
}

void write_item_collection(const std::string& path, const std::vector<Item>& items) {
  const std::string text = is_ndjson(path) ? ndjson_text(items) : item_collection_text(items);
  write_file_atomically(path, std::as_bytes(std::span(text)), Durability::file_and_folder);
}

}  // namespace rastream
