// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/writer.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "rastream/base/error.h"
#include "rastream/format/zarr/array.h"
#include "rastream/format/zarr/consolidate.h"
#include "rastream/format/zarr/encode.h"
#include "rastream/format/zarr/hierarchy.h"
#include "rastream/format/zarr/journal.h"
#include "rastream/format/zarr/new_array.h"
#include "rastream/format/zarr/staging.h"
#include "rastream/format/zarr/text.h"
#include "rastream/store/file.h"

namespace rastream {
namespace {

using namespace zarr;
namespace fs = std::filesystem;

constexpr const char* kLockName = ".rastream.lock";

/// A variable under way. Invariant: records.size() == grid.n_chunks().
struct Variable {
  VariableSpec spec;
  NewArray array;
  ChunkGrid grid;     ///< of chunks
  ChunkGrid objects;  ///< of what one key holds: chunks or shards
  std::uint64_t signature = 0;
  std::vector<ChunkRecord> records;
  bool is_described = false;  ///< false for text before its cells are known
};

void check_name(const std::string& name) {
  const bool has_control =
      std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20; });
  if (is_valid_key(name) && !has_control && name[0] != '.' && name.find("/.") == std::string::npos)
    return;
  throw Error(Errc::invalid_argument,
              "'{}' cannot name a Zarr group or array: expected a relative path without '.' parts",
              name);
}

void check_group_above(const FileStore& files, const std::string& path, int zarr_format) {
  const auto node = read_node(files, path);
  if (!node) return;
  if (node->is_array) {
    throw Error(Errc::invalid_argument, "{}/{} is an array: no group can be made in it",
                files.url(), path);
  }
  if (node->zarr_format != zarr_format) {
    throw Error(Errc::invalid_argument, "{}/{} is Zarr v{}: a group of v{} cannot be made in it",
                files.url(), path, node->zarr_format, zarr_format);
  }
}

/// The options with the group's name trimmed, after a look at what is in the store.
CreateOptions checked(const fs::path& store, CreateOptions options) {
  if (options.zarr_format != 2 && options.zarr_format != 3) {
    throw Error(Errc::invalid_argument, "zarr_format {}: expected 2 or 3", options.zarr_format);
  }
  while (options.group.ends_with('/')) options.group.pop_back();
  while (options.group.starts_with('/')) options.group.erase(0, 1);
  if (options.group.empty()) return options;
  check_name(options.group);
  const FileStore files(store);
  for (fs::path above = fs::path(options.group).parent_path();; above = above.parent_path()) {
    check_group_above(files, above.native(), options.zarr_format);
    if (above.empty()) return options;
  }
}

class ZarrWriter : public DatasetWriter {
 public:
  ZarrWriter(fs::path store, const CreateOptions& options)
      : store_(std::move(store)),
        options_(checked(store_, options)),
        staging_(target(), options_.run_id, options_.overwrite),
        is_finished_(staging_.is_committed()) {
    if (is_finished_) return;
    found_ = read_journal(staging_.journal());
    journal_.emplace(staging_.journal());
  }

  std::size_t add(const VariableSpec& spec) override {
    check_name(spec.name);
    for (const Variable& other : variables_) {
      if (other.spec.name == spec.name)
        throw Error(Errc::invalid_argument, "variable '{}' was added twice", spec.name);
    }
    Variable variable{spec, {}, {}, {}, 0, {}, false};
    if (spec.schema.dtype != DType::string)
      describe(variable, make_new_array(spec, options_.zarr_format));
    variables_.push_back(std::move(variable));
    return variables_.size() - 1;
  }

  void set_attributes(const Attributes& attributes) override { attributes_ = attributes; }

  void set_group_attributes(const std::string& group, const Attributes& attributes) override {
    check_name(group);
    groups_[group] = attributes;
  }

  void write(std::size_t index, const Block& block) override {
    Variable& v = variables_.at(index);
    if (!v.is_described)
      throw Error(Errc::invalid_argument, "variable '{}' holds text: use write_strings",
                  v.spec.name);
    const std::int64_t object = object_of(v, block.region);
    store(v, object, encode_object(block, v.array.metadata, v.grid, v.array.may_skip_fill));
  }

  void write_strings(std::size_t index, const std::vector<std::string>& cells) override {
    Variable& v = variables_.at(index);
    if (v.spec.schema.dtype != DType::string ||
        product(v.spec.schema.shape) != static_cast<std::int64_t>(cells.size())) {
      throw Error(Errc::invalid_argument, "variable '{}': {} texts for {} cells of {}", v.spec.name,
                  cells.size(), product(v.spec.schema.shape), to_string(v.spec.schema.dtype));
    }
    const std::int64_t n_characters = longest_text(cells);
    describe(v, make_new_text_array(v.spec, options_.zarr_format, n_characters));
    if (cells.empty()) return;
    const Bytes raw =
        options_.zarr_format == 2 ? encode_utf32(cells, n_characters) : encode_vlen_utf8(cells);
    EncodedObject object;
    object.bytes = encode_chain(v.array.metadata.codecs, raw);
    object.chunks = {{0, record_of(object.bytes)}};
    store(v, 0, object);
  }

  bool is_committed(std::size_t index, std::int64_t object) const override {
    if (is_finished_) return true;
    const Variable& v = variables_.at(index);
    const std::lock_guard lock(mutex_);
    return v.is_described && is_whole(v, object);
  }

  void finish() override {
    FolderLock lock(options_.group.empty() ? store_.parent_path() : store_, kLockName,
                    FolderLock::Mode::exclusive);
    if (!is_finished_ && !staging_.is_committed()) {
      collect();
      write_documents();
      staging_.commit();
    }
    update_groups_above();
    staging_.remove();
    lock.remove_file();
    is_finished_ = true;
  }

 private:
  fs::path target() const { return options_.group.empty() ? store_ : store_ / options_.group; }

  void describe(Variable& v, NewArray array) const {
    v.array = std::move(array);
    const ArrayMetadata& m = v.array.metadata;
    v.grid = ChunkGrid::regular(m.shape, m.chunk_shape);
    v.objects = m.sharding ? ChunkGrid::regular(m.shape, m.sharding->shard_shape) : v.grid;
    v.signature = checksum(v.array.metadata.signature());
    v.records.assign(static_cast<std::size_t>(v.grid.n_chunks()), {});
    v.is_described = true;
    if (v.spec.schema.dtype != DType::string) take_over(v, found_);
  }

  /// The chunks that lie in an object.
  template <typename F>
  static void for_each_chunk(const Variable& v, std::int64_t object, F&& f) {
    const Region region = v.objects.chunk_region(v.objects.chunk_index(object));
    for_each_index(v.grid.chunks_touching(region), [&](const Extents& index) {
      f(v.records[static_cast<std::size_t>(v.grid.chunk_number(index))], index);
    });
  }

  static bool is_whole(const Variable& v, std::int64_t object) {
    bool is_whole = true;
    for_each_chunk(v, object, [&](const ChunkRecord& record, const Extents&) {
      is_whole = is_whole && record.length != ChunkRecord::kMissing;
    });
    return is_whole;
  }

  /// Chunks that the journal lists, of objects that are on the disk with the length they must have.
  void take_over(Variable& v, const std::map<JournalKey, ChunkRecord>& found) const {
    for (auto it = found.lower_bound({v.spec.name, v.signature, 0});
         it != found.end() && it->first.array == v.spec.name && it->first.signature == v.signature;
         ++it) {
      const auto chunk = static_cast<std::size_t>(it->first.chunk);
      if (chunk < v.records.size()) v.records[chunk] = it->second;
    }
    for (std::int64_t object = 0; object < v.objects.n_chunks(); ++object) {
      if (is_whole(v, object) && is_on_disk(v, object)) continue;
      for_each_chunk(v, object, [&](const ChunkRecord&, const Extents& index) {
        v.records[static_cast<std::size_t>(v.grid.chunk_number(index))] = {};
      });
    }
  }

  /// REQUIRES: is_whole().
  bool is_on_disk(const Variable& v, std::int64_t object) const {
    std::int64_t expected = 0;
    bool is_stored = false;
    for_each_chunk(v, object, [&](const ChunkRecord& record, const Extents&) {
      is_stored = is_stored || record.is_stored();
      if (record.is_stored()) expected += record.length;
    });
    if (const auto& sharding = v.array.metadata.sharding)
      expected += shard_index_bytes(*sharding, v.array.metadata.chunk_shape);
    std::error_code error;
    const auto length = fs::file_size(path_of(v, object), error);
    return is_stored ? !error && static_cast<std::int64_t>(length) == expected : bool(error);
  }

  fs::path path_of(const Variable& v, std::int64_t object) const {
    return staging_.data() / v.spec.name /
           v.array.metadata.chunk_key(v.objects.chunk_index(object));
  }

  std::int64_t object_of(const Variable& v, const Region& region) const {
    if (region.rank() == v.objects.rank() && !region.is_empty() &&
        Region::whole(v.spec.schema.shape).contains(region)) {
      const Extents index = v.objects.chunks_touching(region).begin;
      if (v.objects.chunk_region(index) == region) return v.objects.chunk_number(index);
    }
    throw Error(Errc::invalid_argument, "variable '{}': region {} is not one of its chunks",
                v.spec.name, to_string(region));
  }

  /// The object's bytes, then its chunks' lines in the journal.
  void store(Variable& v, std::int64_t object, const EncodedObject& encoded) {
    if (is_finished_) return;
    const fs::path path = path_of(v, object);
    try {
      if (encoded.bytes) {
        put_object(path, *encoded.bytes);
      } else {
        fs::remove(path);
      }
    } catch (Error& e) {
      if (e.code() == Errc::not_found && staging_.is_committed())
        return;  // a twin of this run has finished
      throw e.add_context(
          fmt::format("{}, variable '{}', chunk {}", target().native(), v.spec.name, object));
    }
    journal_->append(v.spec.name, v.signature, encoded.chunks);
    const std::lock_guard lock(mutex_);
    for (const auto& [chunk, record] : encoded.chunks)
      v.records[static_cast<std::size_t>(chunk)] = record;
  }

  /// The name becomes durable in finish(), once for all chunks of a folder.
  void put_object(const fs::path& path, const Bytes& bytes) const {
    try {
      write_file_atomically(path, bytes, Durability::file);
    } catch (const Error& e) {
      if (e.code() != Errc::not_found || !fs::exists(staging_.data())) throw;
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      if (error)
        throw error_from_errno(error.value(), "create folder", path.parent_path().native());
      write_file_atomically(path, bytes, Durability::file);
    }
  }

  /// Chunks that other processes of this run wrote are in the journal too.
  void collect() {
    const auto found = read_journal(staging_.journal());
    for (Variable& v : variables_) {
      if (!v.is_described)
        throw Error(Errc::internal, "variable '{}': its text was never written", v.spec.name);
      for (std::size_t chunk = 0; chunk < v.records.size(); ++chunk) {
        const auto number = static_cast<std::int64_t>(chunk);
        if (const auto it = found.find({v.spec.name, v.signature, number}); it != found.end())
          v.records[chunk] = it->second;
      }
      for (std::int64_t object = 0; object < v.objects.n_chunks(); ++object) {
        if (is_whole(v, object) && is_on_disk(v, object)) continue;
        throw Error(Errc::internal, "{}: chunk {} of variable '{}' was never written",
                    target().native(), to_string(v.objects.chunk_index(object)), v.spec.name);
      }
    }
  }

  /// Folders are synced once, by Staging::commit.
  void write_documents() const {
    const fs::path data = staging_.data();
    for (const auto& [group, attributes] : groups_) write_group(data / group, attributes);
    for (const Variable& v : variables_) write_array_documents(data, data / v.spec.name, v);
    write_group(data, attributes_);
    consolidate(data, options_.zarr_format, Durability::file);
    write_manifest(data / kManifestKey);
  }

  void write_group(const fs::path& folder, const Attributes& attributes) const {
    fs::create_directories(folder);
    if (options_.zarr_format == 2) {
      put_document(folder / ".zattrs", to_json(attributes), Durability::file);
    } else {
      const Json group = {
          {"zarr_format", 3}, {"node_type", "group"}, {"attributes", to_json(attributes)}};
      put_document(folder / "zarr.json", group, Durability::file);
    }
    ensure_group(folder, options_.zarr_format, Durability::file);
  }

  void write_array_documents(const fs::path& data, const fs::path& folder,
                             const Variable& v) const {
    const bool is_v2 = options_.zarr_format == 2;
    fs::create_directories(folder);
    for (fs::path above = folder.parent_path(); above != data; above = above.parent_path()) {
      ensure_group(above, options_.zarr_format, Durability::file);
    }
    put_document(folder / (is_v2 ? ".zarray" : "zarr.json"), v.array.document, Durability::file);
    if (is_v2) put_document(folder / ".zattrs", v.array.attributes, Durability::file);
  }

  void write_manifest(const fs::path& path) const {
    Manifest manifest{options_.run_id, {}};
    for (const Variable& v : variables_) manifest.arrays[v.spec.name] = {v.signature, v.records};
    const std::string text = to_text(manifest);
    fs::create_directories(path.parent_path());
    write_file_atomically(path, std::as_bytes(std::span(text)), Durability::file);
  }

  /// Under the store's lock, so a temporary beside the groups' documents belongs to a run that
  /// died.
  void update_groups_above() const {
    for (fs::path path = fs::path(options_.group); !path.empty();) {
      path = path.parent_path();
      const fs::path folder = path.empty() ? store_ : store_ / path;
      for (const fs::path& leftover : find_leftovers(folder, false)) fs::remove(leftover);
      ensure_group(folder, options_.zarr_format, Durability::file_and_folder);
      consolidate(folder, options_.zarr_format, Durability::file_and_folder);
    }
  }

  fs::path store_;
  CreateOptions options_;
  Staging staging_;
  bool is_finished_;
  std::map<JournalKey, ChunkRecord> found_;
  std::optional<Journal> journal_;
  std::deque<Variable> variables_;
  Attributes attributes_;
  std::map<std::string, Attributes> groups_;
  mutable std::mutex mutex_;
};

}  // namespace

std::unique_ptr<DatasetWriter> create_zarr(const std::string& path, const CreateOptions& options) {
  std::string folder = path;
  if (folder.starts_with("file://")) folder.erase(0, std::string_view("file://").size());
  if (folder.find("://") != std::string::npos) {
    throw Error(Errc::unsupported, "'{}': Zarr is written to a folder only", path);
  }
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  try {
    return std::make_unique<ZarrWriter>(fs::absolute(folder).lexically_normal(), options);
  } catch (const fs::filesystem_error& e) {
    throw error_from_errno(e.code().value(), "create", folder);
  }
}

}  // namespace rastream
