// SPDX-License-Identifier: Apache-2.0
// Many items in one file: a GeoJSON FeatureCollection, or an item a line (NDJSON).
#pragma once

#include <string>
#include <vector>

#include "rastream/catalog/catalog_reader.h"

namespace rastream {

/// Reads the items of a FeatureCollection, of a single item, or, from a name that ends in .ndjson,
/// .jsonl or .geojsonl, of each line that is not blank. Throws as CatalogReader::read does, with
/// the line of NDJSON; data_loss for a catalog.
ItemCollection read_item_collection(const std::string& location, const ReadOptions& options = {});

/// The items as a FeatureCollection: each as item_text() gives it.
std::string item_collection_text(const std::vector<Item>& items);
/// The items as NDJSON, each without line breaks.
std::string ndjson_text(const std::vector<Item>& items);

/// Writes them to a file by its name, as read_item_collection reads it; atomically and durably.
/// Throws as write_file_atomically does.
void write_item_collection(const std::string& path, const std::vector<Item>& items);

}  // namespace rastream
