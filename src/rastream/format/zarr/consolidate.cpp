// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/consolidate.h"

#include <functional>

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream::zarr {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

/// Text of a JSON document; nothing when absent or not JSON.
std::optional<std::string> json_text(const Store& store, const std::string& key) {
  const auto bytes = store.get(key);
  if (!bytes) return std::nullopt;
  std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  try {
    if (!parse_json(text, key).is_object()) return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
  return text;
}

using Visit = std::function<bool(const std::string& prefix)>;

/// Calls visit for each folder below `prefix`, and goes into those for which it says that they are
/// groups.
void walk(const Store& store, const std::string& prefix, int depth, const Visit& is_group) {
  for (const std::string& name : store.children(prefix)) {
    if (!name.ends_with('/') || name.starts_with('.') || depth > 32) continue;
    if (is_group(prefix + name)) walk(store, prefix + name, depth + 1, is_group);
  }
}

/// Documents are copied as they are, for a number or a bare NaN in someone's attributes may not
/// survive parsing.
std::string zmetadata_text(const Store& store) {
  std::string text = "{\n    \"zarr_consolidated_format\": 1,\n    \"metadata\": {";
  const char* separator = "\n";
  const auto add = [&](const std::string& key) {
    const auto document = json_text(store, key);
    if (!document) return false;
    text += fmt::format("{}{}: {}", separator, Json(key).dump(), *document);
    separator = ",\n";
    return true;
  };
  add(".zgroup");
  add(".zattrs");
  walk(store, "", 0, [&](const std::string& prefix) {
    const bool is_array = add(prefix + ".zarray");
    const bool is_group = !is_array && add(prefix + ".zgroup");
    if (is_array || is_group) add(prefix + ".zattrs");
    return is_group;
  });
  return text + "\n    }\n}\n";
}

Json consolidated_v3(const Store& store) {
  Json all = Json::object();
  walk(store, "", 0, [&](const std::string& prefix) {
    const auto text = json_text(store, prefix + "zarr.json");
    if (!text) return false;
    Json document = parse_json(*text, prefix);
    const bool is_group = document.contains("node_type") && document["node_type"] == "group";
    document.erase("consolidated_metadata");
    all[prefix.substr(0, prefix.size() - 1)] = std::move(document);
    return is_group;
  });
  return {{"kind", "inline"}, {"must_understand", false}, {"metadata", std::move(all)}};
}

}  // namespace

void put_document(const fs::path& path, const Json& document, Durability durability) {
  write_file_atomically(path, bytes_of(document.dump(4) + "\n"), durability);
}

void ensure_group(const fs::path& folder, int zarr_format, Durability durability) {
  if (zarr_format == 3) {
    if (fs::exists(folder / "zarr.json")) return;
    put_document(folder / "zarr.json",
                 {{"zarr_format", 3}, {"node_type", "group"}, {"attributes", Json::object()}},
                 durability);
    return;
  }
  if (!fs::exists(folder / ".zattrs")) put_document(folder / ".zattrs", Json::object(), durability);
  if (!fs::exists(folder / ".zgroup"))
    put_document(folder / ".zgroup", {{"zarr_format", 2}}, durability);
}

void consolidate(const fs::path& folder, int zarr_format, Durability durability) {
  const FileStore store(folder);
  if (zarr_format == 2) {
    write_file_atomically(folder / ".zmetadata", bytes_of(zmetadata_text(store)), durability);
    return;
  }
  const auto text = json_text(store, "zarr.json");
  if (!text) throw Error(Errc::data_loss, "{}/zarr.json: not a JSON object", store.url());
  Json document = parse_json(*text, store.url());
  document["consolidated_metadata"] = consolidated_v3(store);
  put_document(folder / "zarr.json", document, durability);
}

}  // namespace rastream::zarr
