// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/zarr_file.h"

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <set>

#include "rastream/base/error.h"
#include "rastream/format/file_bytes.h"
#include "rastream/format/zarr/array.h"
#include "rastream/format/zarr/hierarchy.h"
#include "rastream/format/zarr/writer.h"
#include "rastream/format/zarr/zip_writer.h"
#include "rastream/store/indexed.h"

namespace rastream {
namespace {

using namespace zarr;

/// "/1980/" -> "1980"
std::string trimmed(std::string group) {
  while (group.ends_with('/')) group.pop_back();
  while (group.starts_with('/')) group.erase(0, 1);
  return group;
}

std::string join(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return name.empty() ? folder : folder + "/" + name;
}

/// What to call an array that was opened by its own path.
std::string own_name(const std::string& path, const std::string& group) {
  std::string name = std::filesystem::path(trimmed(join(path, group))).filename().native();
  for (const std::string_view suffix : {".zip", ".json", ".zarr", ".zr"}) {
    if (name.size() > suffix.size() && name.ends_with(suffix))
      name.resize(name.size() - suffix.size());
  }
  return name.empty() ? "array" : name;
}

std::vector<std::string> codec_names(const ArrayMetadata& m) {
  std::vector<std::string> names;
  if (!m.unsupported.empty()) names.push_back("unsupported: " + m.unsupported);
  if (m.sharding)
    names.push_back(fmt::format("sharding_indexed {}", fmt::join(m.sharding->shard_shape, "x")));
  for (const CodecPtr& codec : m.codecs) names.push_back(codec->describe());
  return names;
}

class ZarrFile : public DatasetFile {
  template <typename F>
  auto in_context(std::size_t variable, const Region* region, F&& f) const {
    try {
      return f();
    } catch (Error& e) {
      const std::string place = fmt::format("{}, variable '{}'", path_, variables_[variable].name);
      throw e.add_context(region ? fmt::format("{}, region {}", place, to_string(*region)) : place);
    }
  }

 public:
  ZarrFile(std::string path, const std::string& group, std::unique_ptr<Store> store)
      : path_(std::move(path)), group_(trimmed(group)), store_(std::move(store)) {
    if (!group_.empty()) check_key(group_, store_->url());
    const Hierarchy hierarchy = read_hierarchy(*store_, group_);
    for (const auto& [name, node] : hierarchy) add_node(name, node);
    attributes_ = attributes_from_json(hierarchy.at("").attributes);
    if (hierarchy.at("").is_array) attributes_ = {};
  }

  const std::string& path() const override { return path_; }
  std::string_view format_name() const override { return "zarr"; }
  const std::vector<DimensionInfo>& dimensions() const override { return dimensions_; }
  const std::vector<VariableInfo>& variables() const override { return variables_; }
  const Attributes& attributes() const override { return attributes_; }
  std::vector<std::string> groups() const override { return {groups_.begin(), groups_.end()}; }

  void read(std::size_t variable, const Block& out) const override {
    in_context(variable, &out.region, [&] { arrays_[variable].read(out); });
  }

  std::vector<std::string> read_strings(std::size_t variable) const override {
    return in_context(variable, nullptr, [&] { return arrays_[variable].read_text(); });
  }

  ReadStatistics statistics() const override {
    return {counters_.n_chunks, counters_.stored_bytes, counters_.decoded_bytes};
  }

  std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                           const Region& region) const override {
    return arrays_[variable].stored_bytes(region);
  }

 private:
  void add_node(const std::string& name, const Node& node) {
    if (node.is_array) {
      add_array(name, node);
    } else if (!name.empty()) {
      groups_.insert(name.substr(0, name.find('/')));
    }
  }

  void add_array(const std::string& name, const Node& node) {
    ArrayMetadata m = node.zarr_format == 3
                          ? parse_metadata_v3(node.metadata, node.what)
                          : parse_metadata_v2(node.metadata, node.attributes, node.what);
    VariableInfo info;
    info.name = name.empty() ? own_name(path_, group_) : name;
    info.schema =
        make_schema(m.dims, m.shape, m.cell.dtype, ChunkGrid::regular(m.shape, m.chunk_shape));
    info.attributes = m.attributes;
    if (m.fill) info.fill_value = m.fill->value;
    info.object_shape = m.sharding ? m.sharding->shard_shape : m.chunk_shape;
    info.codecs = codec_names(m);
    info.is_dimension_scale = m.dims.size() == 1 && m.dims[0] == name.substr(name.rfind('/') + 1);
    for (std::size_t i = 0; i < m.dims.size(); ++i) add_dimension(m.dims[i], m.shape[i]);
    variables_.push_back(std::move(info));
    const std::string path = join(group_, name);
    arrays_.emplace_back(*store_, path, std::move(m), guard_of(path), counters_);
  }

  void add_dimension(const std::string& name, std::int64_t size) {
    const auto it = std::find_if(dimensions_.begin(), dimensions_.end(),
                                 [&](const auto& d) { return d.name == name; });
    if (it == dimensions_.end()) dimensions_.push_back({name, size, false});
  }

  /// The manifest of the nearest group above the array, if any group above it was written by
  /// rastream.
  const Guard* guard_of(const std::string& array_path) {
    std::string folder = array_path;
    while (!folder.empty()) {
      const auto slash = folder.rfind('/');
      folder = slash == std::string::npos ? "" : folder.substr(0, slash);
      const auto known = std::find_if(guards_.begin(), guards_.end(),
                                      [&](const auto& g) { return g.first == folder; });
      if (known != guards_.end()) {
        if (known->second) return known->second.get();
        continue;
      }
      const std::string prefix = folder_prefix(folder);
      const bool has_manifest = store_->size(prefix + std::string(kManifestKey)).has_value();
      guards_.emplace_back(folder,
                           has_manifest ? std::make_unique<Guard>(*store_, prefix) : nullptr);
      if (has_manifest) return guards_.back().second.get();
    }
    return nullptr;
  }

  std::string path_;
  std::string group_;
  std::unique_ptr<Store> store_;
  mutable Counters counters_;
  std::deque<std::pair<std::string, std::unique_ptr<Guard>>>
      guards_;  // nullptr: no manifest in that folder
  std::deque<StoredArray> arrays_;
  std::vector<VariableInfo> variables_;
  std::vector<DimensionInfo> dimensions_;
  Attributes attributes_;
  std::set<std::string> groups_;
};

constexpr std::array<std::string_view, 4> kRootDocuments = {"zarr.json", ".zgroup", ".zarray",
                                                            ".zmetadata"};

/// A server may answer for a folder too, so the name is asked first and the documents last.
bool looks_like_remote_zarr(const std::string& url) {
  if (url.ends_with(".zarr") || url.ends_with(".zarr/")) return true;
  if (!first_bytes(url, 1).empty()) return false;
  const auto store = open_store(url);
  return std::any_of(kRootDocuments.begin(), kRootDocuments.end(), [&](std::string_view name) {
    try {
      return store->size(name).has_value();
    } catch (const Error&) {
      return false;
    }
  });
}

bool looks_like_zarr(const std::string& path) {
  if (is_remote(path)) return looks_like_remote_zarr(path);
  std::error_code ignored;
  for (const std::string_view name : kRootDocuments) {
    if (std::filesystem::is_regular_file(std::filesystem::path(path) / name, ignored)) return true;
  }
  return false;
}

std::unique_ptr<DatasetFile> open_zarr(const std::string& path, const std::string& group) {
  return std::make_unique<ZarrFile>(path, group, open_store(path));
}

bool looks_like_zip(const std::string& path) {
  return first_bytes(path, 4) == "PK\3\4" || first_bytes(path, 4) == "PK\5\6";
}

std::unique_ptr<DatasetFile> open_zip(const std::string& path, const std::string& group) {
  return std::make_unique<ZarrFile>(path, group, open_zip_store(path));
}

/// Version 1 begins with its version or its references, version 0 with the documents of a group.
bool looks_like_references(const std::string& path) {
  if (!path.ends_with(".json")) return false;
  const std::string text = first_bytes(path, 4096);
  return text.find("\"refs\"") != std::string::npos ||
         text.find(".zgroup\"") != std::string::npos || text.find(".zarray\"") != std::string::npos;
}

std::unique_ptr<DatasetFile> open_references(const std::string& path, const std::string& group) {
  return std::make_unique<ZarrFile>(path, group, open_reference_store(path));
}

}  // namespace

Format zarr_format() {
  return {"zarr", {".zarr", ".zr"}, looks_like_zarr, open_zarr, create_zarr, update_zarr};
}

Format zarr_zip_format() {
  return {"zarr zip", {".zarr.zip"}, looks_like_zip, open_zip, create_zarr_zip};
}

Format reference_format() {
  return {"references", {}, looks_like_references, open_references, nullptr};
}

}  // namespace rastream
