// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/hierarchy.h"

#include "rastream/base/error.h"

namespace rastream::zarr {
namespace {

constexpr int kMaxDepth = 32;

Json object_or_empty(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_object() ? object[key] : Json::object();
}

Node v3_node(const Json& document, std::string what) {
  const auto type = json_member<std::string>(document, "node_type", what);
  if (json_member<Json>(document, "zarr_format", what) != 3 ||
      (type != "array" && type != "group")) {
    throw Error(Errc::data_loss,
                "{}: zarr_format {}, node_type '{}': expected 3, and array or group", what,
                document["zarr_format"].dump(), type);
  }
  return {3, type == "array", document, object_or_empty(document, "attributes"), std::move(what)};
}

void walk(const Store& store, const std::string& root, const std::string& path, int depth,
          Hierarchy& out) {
  if (depth > kMaxDepth) {
    throw Error(Errc::unsupported, "{}: groups nested deeper than {} at '{}'", store.url(),
                kMaxDepth, path);
  }
  for (const std::string& name : store.children(folder_prefix(root + path))) {
    if (!name.ends_with('/') || name.starts_with('.')) continue;
    const std::string child = path + name.substr(0, name.size() - 1);
    const auto node = read_node(store, root + child);
    if (!node) continue;
    out.emplace(child, *node);
    if (!node->is_array) walk(store, root, child + "/", depth + 1, out);
  }
}

void check_path(const std::string& path, const std::string& what) {
  if (!path.empty() && !is_valid_key(path)) {
    throw Error(Errc::data_loss, "{}: '{}' is not the path of a node", what, path);
  }
}

/// ".zmetadata": every document of the tree under its key.
void read_consolidated_v2(const Json& document, const std::string& what, Hierarchy& out) {
  const Json all = json_member<Json>(document, "metadata", what);
  if (!all.is_object()) throw Error(Errc::data_loss, "{}: 'metadata' is not an object", what);
  for (const auto& [key, value] : all.items()) {
    const auto slash = key.rfind('/');
    const std::string path = slash == std::string::npos ? "" : key.substr(0, slash);
    const std::string name = slash == std::string::npos ? key : key.substr(slash + 1);
    if (name != ".zarray" && name != ".zgroup") continue;
    check_path(path, what);
    const std::string attributes = folder_prefix(path) + ".zattrs";
    out[path] = {2, name == ".zarray", value, object_or_empty(all, attributes.c_str()),
                 what + ", " + key};
  }
}

/// Member "consolidated_metadata" of a v3 group; false when there is none.
bool read_consolidated_v3(const Node& root, Hierarchy& out) {
  if (!root.metadata.contains("consolidated_metadata") ||
      !root.metadata["consolidated_metadata"].is_object())
    return false;
  const Json all = json_member<Json>(root.metadata["consolidated_metadata"], "metadata", root.what);
  if (!all.is_object())
    throw Error(Errc::data_loss, "{}: consolidated 'metadata' is not an object", root.what);
  for (const auto& [path, value] : all.items()) {
    check_path(path, root.what);
    out.emplace(path, v3_node(value, root.what + ", " + path));
  }
  return true;
}

}  // namespace

std::string folder_prefix(const std::string& path) {
  return path.empty() || path.ends_with('/') ? path : path + "/";
}

std::optional<Json> read_document(const Store& store, const std::string& key) {
  const auto bytes = store.get(key);
  if (!bytes) return std::nullopt;
  const std::string what = store.url() + "/" + key;
  Json document = parse_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, what);
  if (!document.is_object()) throw Error(Errc::data_loss, "{}: expected a JSON object", what);
  return document;
}

std::optional<Node> read_node(const Store& store, const std::string& path) {
  const std::string prefix = folder_prefix(path);
  const auto what = [&](const char* name) { return store.url() + "/" + prefix + name; };
  if (const auto v3 = read_document(store, prefix + "zarr.json"))
    return v3_node(*v3, what("zarr.json"));
  for (const bool is_array : {true, false}) {
    const char* name = is_array ? ".zarray" : ".zgroup";
    if (auto v2 = read_document(store, prefix + name)) {
      auto attributes = read_document(store, prefix + ".zattrs");
      return Node{2, is_array, std::move(*v2), attributes ? std::move(*attributes) : Json::object(),
                  what(name)};
    }
  }
  return std::nullopt;
}

Hierarchy read_hierarchy(const Store& store, const std::string& path) {
  const std::string prefix = folder_prefix(path);
  Hierarchy out;
  auto root = read_node(store, path);
  if (!root || (root->zarr_format == 2 && !root->is_array)) {
    if (const auto document = read_document(store, prefix + ".zmetadata")) {
      read_consolidated_v2(*document, store.url() + "/" + prefix + ".zmetadata", out);
      if (!root && !out.contains(""))
        out[""] = {2, false, Json::object(), Json::object(), store.url()};
      if (root) out[""] = std::move(*root);
      return out;
    }
  }
  if (!root)
    throw Error(Errc::not_found, "{}/{}: neither a Zarr group nor an array", store.url(), path);
  const bool is_whole =
      root->is_array || (root->zarr_format == 3 && read_consolidated_v3(*root, out));
  out[""] = std::move(*root);
  if (!is_whole) walk(store, prefix, "", 0, out);
  return out;
}

}  // namespace rastream::zarr
