// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/writer.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <set>

#include "rastream/base/error.h"
#include "rastream/format/zarr/base_group.h"
#include "rastream/format/zarr/consolidate.h"
#include "rastream/format/zarr/encode.h"
#include "rastream/format/zarr/hierarchy.h"
#include "rastream/format/zarr/journal.h"
#include "rastream/format/zarr/staging.h"
#include "rastream/format/zarr/text.h"
#include "rastream/format/zarr/written_array.h"
#include "rastream/store/file.h"
#include "rastream/store/write_behind.h"

namespace rastream {
namespace {

using namespace zarr;
namespace fs = std::filesystem;

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

std::string trimmed_group(std::string group) {
  while (group.ends_with('/')) group.pop_back();
  while (group.starts_with('/')) group.erase(0, 1);
  if (!group.empty()) check_name(group);
  return group;
}

/// The options with the group's name trimmed, after a look at what is in the store.
CreateOptions checked(const fs::path& store, CreateOptions options) {
  if (options.zarr_format != 2 && options.zarr_format != 3) {
    throw Error(Errc::invalid_argument, "zarr_format {}: expected 2 or 3", options.zarr_format);
  }
  options.group = trimmed_group(options.group);
  if (options.group.empty()) return options;
  const FileStore files(store);
  for (fs::path above = fs::path(options.group).parent_path();; above = above.parent_path()) {
    check_group_above(files, above.native(), options.zarr_format);
    if (above.empty()) return options;
  }
}

/// Throws unsupported when a manifest above `target` lists arrays of it.
void check_manifests_above(const fs::path& store, const std::string& group) {
  const FileStore files(store);
  for (fs::path above = fs::path(group); !above.empty();) {
    above = above.parent_path();
    const std::string prefix = folder_prefix(above.native());
    const std::string key = prefix + std::string(kManifestKey);
    const auto text = files.get(key);
    if (!text) continue;
    const Manifest manifest = parse_manifest(
        {reinterpret_cast<const char*>(text->data()), text->size()}, files.url() + "/" + key);
    const std::string below = group.substr(prefix.size()) + "/";
    for (const auto& [name, array] : manifest.arrays) {
      if (name.starts_with(below)) {
        throw Error(Errc::unsupported, "'{}' is part of '{}': change '{}' of that group",
                    (store / group).native(), (store / above).native(), name);
      }
    }
  }
}

/// The id of the staging data of a run that changes `base`. Data that were staged for other files
/// are of no use, but a run that is already in place has changed them itself.
std::string staging_id(const fs::path& target, const std::string& run_id, const BaseGroup* base) {
  if (run_id.empty() || !base) return run_id;
  const std::string prefix = run_id + " on ";
  if (const auto done = committed_run(target); done && done->starts_with(prefix)) return *done;
  return prefix + base->fingerprint();
}

/// Writes a new group, or, when it is given a `base`, changes that.
class ZarrWriter : public DatasetWriter {
 public:
  ZarrWriter(fs::path store, CreateOptions options, std::unique_ptr<BaseGroup> base)
      : store_(std::move(store)),
        options_(std::move(options)),
        base_(std::move(base)),
        run_id_(staging_id(target(), options_.run_id, base_.get())) {
    if (!base_ || committed_run(target()) == run_id_) stage();
  }

  std::size_t add(const VariableSpec& spec) override {
    check_name(spec.name);
    for (const WrittenArray& other : variables_) {
      if (other.spec.name == spec.name)
        throw Error(Errc::invalid_argument, "variable '{}' was added twice", spec.name);
    }
    WrittenArray variable;
    variable.spec = spec;
    if (base_ && !is_finished_) variable.base = &base_->find(spec.name);
    if (spec.schema.dtype != DType::string && !is_finished_) {
      variable.describe(variable.base ? changed_array(*variable.base, spec, zarr_format())
                                      : make_new_array(spec, zarr_format()));
    }
    if (!staging_) stage();
    if (variable.is_described) variable.take_over(staging_->data(), found_);
    variables_.push_back(std::move(variable));
    return variables_.size() - 1;
  }

  void set_attributes(const Attributes& attributes) override { attributes_ = attributes; }

  void set_group_attributes(const std::string& group, const Attributes& attributes) override {
    check_name(group);
    groups_[group] = attributes;
  }

  void write(std::size_t index, const Block& block) override {
    WrittenArray& v = variables_.at(index);
    if (is_finished_) return;
    if (!v.is_described)
      throw Error(Errc::invalid_argument, "variable '{}' holds text: use write_strings",
                  v.spec.name);
    const std::int64_t object = v.object_of(block.region);
    Block cells = block;
    cells.region = v.in_array(block.region);
    OwnedBlock merged;
    if (v.base) cells = with_stored_cells(v, object, cells, merged);
    store(v, object, encode_object(cells, v.array.metadata, v.grid, v.array.may_skip_fill));
  }

  void write_strings(std::size_t index, const std::vector<std::string>& cells) override {
    WrittenArray& v = variables_.at(index);
    if (v.spec.schema.dtype != DType::string ||
        product(v.spec.schema.shape) != static_cast<std::int64_t>(cells.size())) {
      throw Error(Errc::invalid_argument, "variable '{}': {} texts for {} cells of {}", v.spec.name,
                  cells.size(), product(v.spec.schema.shape), to_string(v.spec.schema.dtype));
    }
    if (is_finished_) return;
    if (v.base) return change_text(v, cells);
    v.describe(make_new_text_array(v.spec, zarr_format(), longest_text(cells)));
    store_text(v, cells);
  }

  bool is_committed(std::size_t index, std::int64_t number) const override {
    if (is_finished_) return true;
    const WrittenArray& v = variables_.at(index);
    const std::lock_guard lock(mutex_);
    return v.is_described && v.is_whole(v.object_of(number));
  }

  bool is_finished() const override { return is_finished_; }

  void finish() override {
    if (!staging_) stage();
    FolderLock lock(options_.group.empty() ? store_.parent_path() : store_, kStoreLockName,
                    FolderLock::Mode::exclusive);
    if (!is_finished_ && !staging_->is_committed()) {
      collect();
      if (base_) link_base();
      write_documents();
      if (base_) base_->check_unchanged();
      staging_->commit();
    }
    update_groups_above();
    staging_->remove();
    lock.remove_file();
    is_finished_ = true;
  }

 private:
  fs::path target() const { return options_.group.empty() ? store_ : store_ / options_.group; }
  int zarr_format() const { return base_ ? base_->zarr_format() : options_.zarr_format; }

  /// A group that is only changed is staged when something of it is known to be right.
  void stage() {
    staging_.emplace(target(), run_id_, base_ || options_.overwrite);
    is_finished_ = staging_->is_committed();
    if (is_finished_) return;
    found_ = read_journal(staging_->journal());
    journal_.emplace(staging_->journal());
  }

  /// The whole object of which `cells` are a part: the others are read. The result is `cells`
  /// themselves or a view of `memory`.
  static Block with_stored_cells(const WrittenArray& v, std::int64_t object, const Block& cells,
                                 OwnedBlock& memory) {
    const Region region = v.objects.chunk_region(v.objects.chunk_index(object));
    if (cells.region == region) return cells;
    memory = OwnedBlock(region, v.array.metadata.cell.dtype);
    const Region stored = intersect(region, Region::whole(v.base->stored->metadata().shape));
    v.base->stored->read(memory.view().sub(stored));
    copy_cells(cells, memory.view().sub(cells.region));
    return memory.view();
  }

  /// Text is small: the array is written anew, and its cells may have become longer.
  void change_text(WrittenArray& v, const std::vector<std::string>& cells) {
    const StoredArray& stored = *v.base->stored;
    NewArray array =
        changed_array(*v.base, v.spec, zarr_format(), longest_text(cells, stored.metadata().cell));
    const Extents shape = array.metadata.shape;
    std::vector<std::string> all(static_cast<std::size_t>(product(shape)));
    copy_texts(stored.read_text(), Region::whole(stored.metadata().shape), shape, all);
    copy_texts(cells, piece_of(v.spec), shape, all);
    v.spec.begin = Extents(shape.size());
    v.spec.schema.shape = shape;
    v.describe(std::move(array));
    store_text(v, all);
  }

  /// `cells` are those of the whole array.
  void store_text(WrittenArray& v, const std::vector<std::string>& cells) {
    const ArrayMetadata& m = v.array.metadata;
    v.for_each_object([&](std::int64_t number) {
      const Bytes raw =
          encode_text(texts_of_chunk(cells, m, v.objects.chunk_region(number)), m.cell);
      EncodedObject object;
      object.bytes = encode_chain(m.codecs, raw);
      object.chunks = {{number, record_of(object.bytes)}};
      store(v, number, object);
    });
  }

  /// The object's bytes, then its chunks' lines in the journal.
  void store(WrittenArray& v, std::int64_t object, const EncodedObject& encoded) {
    const fs::path path = staging_->data() / v.key_of(object);
    try {
      if (encoded.bytes) {
        put_object(v, path, encoded);
      } else {
        fs::remove(path);
        journal_->append(v.spec.name, v.signature, encoded.chunks, ChunkState::durable);
      }
    } catch (Error& e) {
      if (e.code() == Errc::not_found && staging_->is_committed())
        return;  // a twin of this run has finished
      throw e.add_context(
          fmt::format("{}, variable '{}', chunk {}", target().native(), v.spec.name, object));
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [chunk, record] : encoded.chunks) v.record(chunk) = record;
  }

  /// The bytes become durable a little later, the name in finish(), once for all chunks of a
  /// folder.
  void put_object(const WrittenArray& v, const fs::path& path, const EncodedObject& encoded) {
    UnsyncedFile file = put_file(path, *encoded.bytes);
    journal_->append(v.spec.name, v.signature, encoded.chunks, ChunkState::written);
    behind_.add(std::move(file), [this, &v, chunks = encoded.chunks] {
      journal_->append(v.spec.name, v.signature, chunks, ChunkState::durable);
    });
  }

  UnsyncedFile put_file(const fs::path& path, const Bytes& bytes) const {
    try {
      return write_file_unsynced(path, bytes);
    } catch (const Error& e) {
      if (e.code() != Errc::not_found || !fs::exists(staging_->data())) throw;
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      if (error)
        throw error_from_errno(error.value(), "create folder", path.parent_path().native());
      return write_file_unsynced(path, bytes);
    }
  }

  /// Chunks that other processes of this run wrote are in the journal too.
  void collect() {
    behind_.flush();
    const auto found = read_journal(staging_->journal());
    for (WrittenArray& v : variables_) {
      if (!v.is_described)
        throw Error(Errc::internal, "variable '{}': its text was never written", v.spec.name);
      v.take_over(staging_->data(), found);
      v.for_each_object([&](std::int64_t object) {
        if (v.is_whole(object)) return;
        throw Error(Errc::internal, "{}: chunk {} of variable '{}' was never written",
                    target().native(), to_string(v.objects.chunk_index(object)), v.spec.name);
      });
    }
  }

  /// Objects of this run that are not there hold fill values only: the old ones must not come back.
  void link_base() const {
    std::set<std::string> replaced;
    for (const WrittenArray& v : variables_)
      v.for_each_object([&](std::int64_t object) { replaced.insert(v.key_of(object)); });
    base_->link_rest(staging_->data(), replaced);
  }

  /// Folders are synced once, by Staging::commit.
  void write_documents() const {
    const fs::path data = staging_->data();
    for (const auto& [group, attributes] : groups_) write_group(data / group, attributes);
    for (const WrittenArray& v : variables_) write_array_documents(data, data / v.spec.name, v);
    if (base_) {
      consolidate_again(data);
      if (base_->manifest()) write_manifest(data / kManifestKey);
      return;
    }
    write_group(data, attributes_);
    consolidate(data, zarr_format(), Durability::file);
    write_manifest(data / kManifestKey);
  }

  void write_group(const fs::path& folder, const Attributes& attributes) const {
    fs::create_directories(folder);
    if (zarr_format() == 2) {
      put_document(folder / ".zattrs", to_json(attributes), Durability::file);
    } else {
      const Json group = {
          {"zarr_format", 3}, {"node_type", "group"}, {"attributes", to_json(attributes)}};
      put_document(folder / "zarr.json", group, Durability::file);
    }
    ensure_group(folder, zarr_format(), Durability::file);
  }

  void write_array_documents(const fs::path& data, const fs::path& folder,
                             const WrittenArray& v) const {
    if (v.base && v.base->document == v.array.document) return;
    const bool is_v2 = zarr_format() == 2;
    fs::create_directories(folder);
    for (fs::path above = folder.parent_path(); above != data; above = above.parent_path()) {
      ensure_group(above, zarr_format(), Durability::file);
    }
    put_document(folder / (is_v2 ? ".zarray" : "zarr.json"), v.array.document, Durability::file);
    if (is_v2 && !v.base) put_document(folder / ".zattrs", v.array.attributes, Durability::file);
  }

  /// The group and those inside it that hold a changed array, where they were consolidated before.
  void consolidate_again(const fs::path& data) const {
    std::set<fs::path> folders = {data};
    for (const WrittenArray& v : variables_) {
      for (fs::path above = (data / v.spec.name).parent_path(); above != data;
           above = above.parent_path())
        folders.insert(above);
    }
    // Inner groups sort after the outer ones, whose documents hold copies of theirs.
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
      if (has_consolidated(*folder, zarr_format()))
        consolidate(*folder, zarr_format(), Durability::file);
    }
  }

  void write_manifest(const fs::path& path) const {
    Manifest manifest{run_id_, {}};
    if (base_) manifest.arrays = base_->manifest()->arrays;
    for (const WrittenArray& v : variables_) {
      if (v.is_listed()) manifest.arrays[v.spec.name] = {v.signature, v.records};
    }
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
      if (base_ && !has_consolidated(folder, zarr_format())) continue;
      ensure_group(folder, zarr_format(), Durability::file_and_folder);
      consolidate(folder, zarr_format(), Durability::file_and_folder);
    }
  }

  fs::path store_;
  CreateOptions options_;
  std::unique_ptr<BaseGroup> base_;
  std::string run_id_;
  std::optional<Staging> staging_;
  bool is_finished_ = false;
  std::map<JournalKey, JournalEntry> found_;
  std::optional<Journal> journal_;
  std::deque<WrittenArray> variables_;
  WriteBehind behind_;
  Attributes attributes_;
  std::map<std::string, Attributes> groups_;
  mutable std::mutex mutex_;
};

/// The folder that `path` names.
fs::path folder_of(const std::string& path) {
  std::string folder = path;
  if (folder.starts_with("file://")) folder.erase(0, std::string_view("file://").size());
  if (folder.find("://") != std::string::npos) {
    throw Error(Errc::unsupported, "'{}': Zarr is written to a folder only", path);
  }
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return fs::absolute(folder).lexically_normal();
}

/// Runs f, whose file system errors become ours.
template <typename F>
auto on_files(const std::string& what, const std::string& path, F&& f) {
  try {
    return f();
  } catch (const fs::filesystem_error& e) {
    throw error_from_errno(e.code().value(), what, path);
  }
}

}  // namespace

std::unique_ptr<DatasetWriter> create_zarr(const std::string& path, const CreateOptions& options) {
  return on_files("create", path, [&] {
    const fs::path store = folder_of(path);
    return std::make_unique<ZarrWriter>(store, checked(store, options), nullptr);
  });
}

std::unique_ptr<DatasetWriter> update_zarr(const std::string& path, const CreateOptions& options) {
  return on_files("change", path, [&] {
    // The folder itself is exchanged, not a link to it.
    const fs::path store = fs::canonical(folder_of(path));
    CreateOptions trimmed = options;
    trimmed.group = trimmed_group(options.group);
    const fs::path target = trimmed.group.empty() ? store : store / trimmed.group;
    auto base = std::make_unique<BaseGroup>(target);
    check_manifests_above(store, trimmed.group);
    return std::make_unique<ZarrWriter>(store, trimmed, std::move(base));
  });
}

}  // namespace rastream
