// SPDX-License-Identifier: Apache-2.0
// Many items in one file: an item collection (GeoJSON), or one item a line (NDJSON).
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/catalog/catalog_reader.h"

namespace rastream {

enum class ItemFormat { collection, lines };

/// ".ndjson", ".jsonl" and ".geojsonl" are lines, all else is a collection.
ItemFormat item_format_of(std::string_view path);

/// What stands before the first item, between two, and behind the last.
struct ItemBrackets {
  std::string_view begin;
  std::string_view between;
  std::string_view end;
};
ItemBrackets brackets_of(ItemFormat format);

/// Takes items as they come. Appears under its name whole, at finish(), or not at all. Throws as
/// writing does.
class ItemFile {
 public:
  ItemFile(std::string path, ItemFormat format);
  ~ItemFile();
  ItemFile(const ItemFile&) = delete;
  ItemFile& operator=(const ItemFile&) = delete;

  /// Line breaks within `item`, which only stand between its members, become blanks.
  void add(std::string_view item);
  void finish();

 private:
  void write(std::string_view text);

  std::string path_;
  std::string temporary_;
  ItemBrackets brackets_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::int64_t n_ = 0;
};

/// `json` with its line breaks as blanks: one line.
std::string one_line(std::string_view json);

/// Writes `items`, each as item_text() gives it, in the format of the name. Throws as ItemFile
/// does.
void write_item_collection(const std::string& path, const std::vector<Item>& items);

/// The items of a FeatureCollection, a single item, or, from a name of lines, of each line that is
/// not blank. Throws as CatalogReader::read does, with the line; data_loss for a catalog.
ItemCollection read_item_collection(const std::string& location, const ReadOptions& options = {});

}  // namespace rastream
