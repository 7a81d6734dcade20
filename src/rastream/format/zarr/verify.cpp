// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/verify.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "rastream/array/chunk_grid.h"
#include "rastream/base/error.h"
#include "rastream/format/zarr/guard.h"
#include "rastream/format/zarr/hierarchy.h"
#include "rastream/format/zarr/metadata.h"
#include "rastream/format/zarr/staging.h"
#include "rastream/store/file.h"

namespace rastream {
namespace {

using namespace zarr;
namespace fs = std::filesystem;

constexpr std::string_view kPartialText = "partial data of a run that has not finished";

bool is_document(std::string_view name) {
  return name == ".zarray" || name == ".zattrs" || name == "zarr.json";
}

class Verifier {
 public:
  explicit Verifier(const fs::path& folder) : folder_(folder), files_(folder) {}

  VerifyReport run() {
    find_groups("");
    if (manifests_.empty()) {
      throw Error(Errc::not_found,
                  "{}: no manifest in it: it was not written by rastream, or not finished",
                  files_.url());
    }
    for (const std::string& group : manifests_) attempt(group, [&] { check_group(group); });
    const fs::path partial = partial_folder(folder_);
    if (fs::exists(partial)) problem("../" + partial.filename().native(), kPartialText);
    for (const fs::path& leftover : find_leftovers(folder_)) {
      problem(leftover.lexically_relative(folder_).native(),
              "temporary file of a writer that died");
    }
    std::sort(report_.problems.begin(), report_.problems.end());
    return std::move(report_);
  }

 private:
  void problem(const std::string& place, std::string_view text) {
    report_.problems.push_back(fmt::format("{}: {}", place.empty() ? "." : place, text));
  }

  template <typename F>
  void attempt(const std::string& place, F&& f) {
    try {
      f();
    } catch (const Error& e) {
      problem(place, e.what());
    }
  }

  /// Groups with a manifest, by prefix; leftovers of unfinished runs on the way.
  void find_groups(const std::string& prefix) {
    if (files_.size(prefix + std::string(kManifestKey))) manifests_.push_back(prefix);
    for (const std::string& name : files_.children(prefix)) {
      if (!name.ends_with('/')) continue;
      const std::string plain = name.substr(0, name.size() - 1);
      if (plain.ends_with(kPartialSuffix)) {
        problem(prefix + plain, kPartialText);
      } else if (!name.starts_with('.') && !is_array(prefix + plain) &&
                 !fs::is_symlink(folder_ / (prefix + plain))) {
        find_groups(prefix + name);
      }
    }
  }

  bool is_array(const std::string& path) const {
    if (files_.size(path + "/.zarray")) return true;
    try {
      const auto node = read_node(files_, path);
      return node && node->is_array;
    } catch (const Error&) {
      return true;
    }
  }

  void check_group(const std::string& prefix) {
    const auto text = files_.get(prefix + std::string(kManifestKey));
    const Manifest manifest =
        parse_manifest({reinterpret_cast<const char*>(text->data()), text->size()},
                       files_.url() + "/" + prefix + std::string(kManifestKey));
    for (const auto& entry : manifest.arrays) {
      report_.n_arrays += 1;
      const std::string path = prefix + entry.first;
      attempt(path, [&] { check_array(path, entry.second); });
    }
  }

  void check_array(const std::string& path, const ManifestArray& array) {
    const auto node = read_node(files_, path);
    if (!node || !node->is_array)
      throw Error(Errc::data_loss, "lost array: its metadata is absent");
    const ArrayMetadata m = node->zarr_format == 3
                                ? parse_metadata_v3(node->metadata, node->what)
                                : parse_metadata_v2(node->metadata, node->attributes, node->what);
    const ChunkGrid grid = ChunkGrid::regular(m.shape, m.chunk_shape);
    if (checksum(m.signature()) != array.signature ||
        grid.n_chunks() != static_cast<std::int64_t>(array.chunks.size())) {
      throw Error(Errc::data_loss, "changed metadata: it is not what the manifest was written for");
    }
    std::set<std::string> expected;
    std::optional<ShardReader> shards;
    if (m.sharding) shards.emplace(files_, *m.sharding, m.shape, m.chunk_shape);
    for (std::int64_t number = 0; number < grid.n_chunks(); ++number) {
      const ChunkRecord& record = array.chunks[static_cast<std::size_t>(number)];
      const Extents index = grid.chunk_index(number);
      const std::string key = m.chunk_key(shards ? shards->layout().shard_of(index) : index);
      const std::string file = path + "/" + key;
      expected.insert(key);
      attempt(shards ? fmt::format("{}, chunk {}", file, to_string(index)) : file,
              [&] { check(record, shards ? shards->get(file, index, true) : files_.get(file)); });
    }
    for (const std::string& key : files_.list(path + "/")) {
      const std::string name = key.substr(path.size() + 1);
      if (!expected.contains(name) && !is_document(name))
        problem(key, "unexpected file: no chunk of the array");
    }
  }

  void check(const ChunkRecord& record, const std::optional<Bytes>& bytes) {
    report_.n_chunks += 1;
    report_.size_bytes += bytes ? static_cast<std::int64_t>(bytes->size()) : 0;
    check_chunk(record, bytes);
  }

  fs::path folder_;
  FileStore files_;
  std::vector<std::string> manifests_;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify_zarr(const std::string& path, const std::string& group) {
  const fs::path folder = fs::path(path.starts_with("file://") ? path.substr(7) : path) /
                          fs::path(group).relative_path();
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    throw Error(Errc::not_found, "'{}' is not a folder", folder.native());
  return Verifier(fs::canonical(folder)).run();
}

}  // namespace rastream
