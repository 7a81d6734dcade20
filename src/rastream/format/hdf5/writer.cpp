// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/writer.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <filesystem>
#include <mutex>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/block_checksums.h"
#include "rastream/format/hdf5/chunk_journal.h"
#include "rastream/format/hdf5/encode.h"
#include "rastream/format/hdf5/new_file.h"
#include "rastream/format/hdf5/new_variable.h"
#include "rastream/format/hdf5/provenance.h"
#include "rastream/format/hdf5/staged_file.h"
#include "rastream/store/file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// A variable under way. Invariant: records.size() is the number of its chunks, 0 for text.
struct Variable {
  NewVariable is;
  std::uint64_t signature = 0;
  std::vector<std::optional<ChunkJournal::Record>> records;
  std::optional<std::vector<std::string>> texts;
};

bool is_there(const fs::path& path) {
  std::error_code error;
  const bool found = fs::exists(path, error);
  if (error) throw error_from_errno(error.value(), "find", path.native());
  return found;
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) throw error_from_errno(error.value(), "stat", path.native());
  return size;
}

std::uint64_t signature_of(const NewVariable& v) {
  const std::string text =
      fmt::format("{} {} {} {} {} {}", v.name, to_string(v.schema.dtype), to_string(v.schema.shape),
                  to_string(v.schema.chunks.max_chunk_shape()), v.is_chunked ? v.deflate : -2,
                  v.fill ? fmt::format("{:02x}", fmt::join(*v.fill, "")) : "");
  return XXH3_64bits(text.data(), text.size());
}

/// The cells of a chunk as the filters get them: whole, C order, cells outside the array filled.
std::span<const std::byte> chunk_cells(const NewVariable& v, const Block& block) {
  const Region chunk = stored_chunk(v, block.region);
  const DType dtype = v.schema.dtype;
  const auto n = static_cast<std::size_t>(chunk.n_cells()) * item_size(dtype);
  if (block.region == chunk && block.dtype == dtype && block.is_c_contiguous())
    return {block.data, n};
  thread_local Buffer buffer;
  buffer.reserve(n);
  const Block whole = dense_block(chunk, dtype, buffer.data());
  if (block.region != chunk) fill_with_cell(whole, dtype, v.fill.value_or(CellBytes{}));
  copy_cells(block, whole.sub(block.region));
  return {buffer.data(), n};
}

class NetCdf4Writer final : public DatasetWriter {
 public:
  NetCdf4Writer(const fs::path& path, const CreateOptions& options)
      : options_(checked(path, options)),
        staged_(path, options_.group, options_.run_id),
        is_finished_(staged_.is_committed()) {
    if (is_finished_) return;
    try {
      check_is_free();
    } catch (...) {
      if (!is_there(staged_.journal())) staged_.remove();
      throw;
    }
    journal_.emplace(staged_.journal());
  }

  std::size_t add(const VariableSpec& spec) override {
    for (const Variable& other : variables_) {
      if (other.is.name == spec.name)
        throw Error(Errc::invalid_argument, "variable '{}' was added twice", spec.name);
    }
    Variable v{make_new_variable(spec, options_.unlimited), 0, {}, {}};
    v.signature = signature_of(v.is);
    if (spec.schema.dtype != DType::string)
      v.records.resize(static_cast<std::size_t>(spec.schema.chunks.n_chunks()));
    for (std::size_t chunk = 0; journal_ && chunk < v.records.size(); ++chunk) {
      const auto it = journal_->found().find({v.signature, static_cast<std::int64_t>(chunk)});
      if (it != journal_->found().end()) v.records[chunk] = it->second;
    }
    variables_.push_back(std::move(v));
    return variables_.size() - 1;
  }

  void set_attributes(const Attributes& attributes) override { groups_[""] = attributes; }

  void set_group_attributes(const std::string& group, const Attributes& attributes) override {
    check_netcdf_path(group, "group");
    groups_[group] = attributes;
  }

  void write_strings(std::size_t variable, const std::vector<std::string>& cells) override {
    Variable& v = variables_.at(variable);
    const Schema& schema = v.is.schema;
    if (schema.dtype != DType::string ||
        schema.n_cells() != static_cast<std::int64_t>(cells.size())) {
      throw Error(Errc::invalid_argument, "variable '{}': {} texts for {} cells of {}", v.is.name,
                  cells.size(), schema.n_cells(), to_string(schema.dtype));
    }
    for (const std::string& cell : cells) {
      if (cell.find('\0') != std::string::npos)
        throw Error(Errc::invalid_argument, "variable '{}': NetCDF-4 has no text with a NUL in it",
                    v.is.name);
    }
    v.texts = cells;
  }

  void write(std::size_t variable, const Block& block) override {
    Variable& v = variables_.at(variable);
    const std::int64_t chunk = chunk_of(v, block.region);
    if (is_finished_) return;
    auto bytes = chunk_cells(v.is, block);
    if (v.is.deflate >= 0)
      bytes = shuffle_and_deflate(bytes, item_size(v.is.schema.dtype), v.is.deflate);
    try {
      const auto record = journal_->append({v.signature, chunk}, bytes);
      const std::lock_guard lock(mutex_);
      v.records[static_cast<std::size_t>(chunk)] = record;
    } catch (Error& e) {
      throw e.add_context(
          fmt::format("{}, variable '{}', chunk {}", staged_.target().native(), v.is.name, chunk));
    }
  }

  bool is_committed(std::size_t variable, std::int64_t chunk) const override {
    if (is_finished_) return true;
    const std::lock_guard lock(mutex_);
    return variables_.at(variable).records.at(static_cast<std::size_t>(chunk)).has_value();
  }

  void finish() override {
    const StagedFile::TargetLock lock(staged_);
    if (!is_finished_) {
      check_is_free();
      check_is_whole();
      make_draft();
      staged_.commit();
      is_finished_ = true;
    }
    journal_.reset();
    staged_.remove();
  }

 private:
  static CreateOptions checked(const fs::path& path, CreateOptions options) {
    while (options.group.ends_with('/')) options.group.pop_back();
    while (options.group.starts_with('/')) options.group.erase(0, 1);
    for (const fs::path& part : fs::path(options.group)) check_netcdf_name(part.native(), "group");
    if (fs::is_directory(path))
      throw Error(Errc::invalid_argument, "'{}' is a folder: expected the name of a file",
                  path.native());
    return options;
  }

  void check_is_free() const {
    if (options_.overwrite || !is_there(staged_.target())) return;
    if (options_.group.empty()) {
      throw Error(Errc::invalid_argument,
                  "'{}' exists: choose another name, or replace it with --overwrite",
                  staged_.target().native());
    }
    if (has_group(staged_.target(), options_.group)) {
      throw Error(Errc::invalid_argument,
                  "group '{}' of '{}' exists: choose another name, or replace it with --overwrite",
                  options_.group, staged_.target().native());
    }
  }

  static std::int64_t chunk_of(const Variable& v, const Region& region) {
    const Schema& schema = v.is.schema;
    if (schema.dtype == DType::string)
      throw Error(Errc::invalid_argument, "variable '{}' holds text: use write_strings", v.is.name);
    if (const auto chunk = schema.chunks.find_chunk(region)) return *chunk;
    throw Error(Errc::invalid_argument, "variable '{}': region {} is not one of its chunks",
                v.is.name, to_string(region));
  }

  void check_is_whole() const {
    for (const Variable& v : variables_) {
      if (v.is.schema.dtype == DType::string && !v.texts)
        throw Error(Errc::internal, "variable '{}': its text was never written", v.is.name);
      for (std::size_t chunk = 0; chunk < v.records.size(); ++chunk) {
        if (v.records[chunk]) continue;
        throw Error(Errc::internal, "{}: chunk {} of variable '{}' was never written",
                    staged_.target().native(),
                    to_string(v.is.schema.chunks.chunk_index(static_cast<std::int64_t>(chunk))),
                    v.is.name);
      }
    }
  }

  /// The file with everything that was written, and the other groups of the one that it replaces.
  void make_draft() const {
    const fs::path& draft = staged_.draft();
    const bool is_added = !options_.group.empty() && is_there(staged_.target());
    if (is_added)
      copy_regular_file(staged_.target(), draft);
    else
      remove_tree(draft);
    auto heads = is_added ? cut_block_checksums(draft) : std::vector<BlockChecksums::Range>();
    const bool is_foreign = is_added && heads.empty();
    if (is_foreign) {
      const FileBytes target(staged_.target());
      check_end_of_own_file(target, read_superblock(target));
    }
    const std::uint64_t old_size = is_added ? size_of(draft) : 0;
    NewFile file(draft, options_.group);
    std::vector<NewVariable> variables;
    for (const Variable& v : variables_) variables.push_back(v.is);
    file.define(variables, groups_, options_.unlimited);
    for (std::size_t i = 0; i < variables_.size(); ++i) put_texts(file, i);
    heads.push_back({old_size, file.size()});
    for (std::size_t i = 0; i < variables_.size(); ++i) put_cells(file, i);
    file.close();
    if (!is_foreign) append_block_checksums(draft, heads);
  }

  void put_texts(NewFile& file, std::size_t variable) const {
    const Variable& v = variables_[variable];
    if (v.texts && !v.texts->empty()) file.put_texts(variable, *v.texts);
  }

  void put_cells(NewFile& file, std::size_t variable) const {
    const Variable& v = variables_[variable];
    Buffer buffer;
    for (std::size_t chunk = 0; chunk < v.records.size(); ++chunk) {
      const auto bytes = journal_->read(*v.records[chunk], buffer);
      const Region region = v.is.schema.chunks.chunk_region(static_cast<std::int64_t>(chunk));
      if (v.is.is_chunked)
        file.put_chunk(variable, region.begin, bytes);
      else
        file.put_cells(variable, bytes);
    }
  }

  CreateOptions options_;
  StagedFile staged_;
  bool is_finished_;
  std::optional<ChunkJournal> journal_;
  std::deque<Variable> variables_;
  std::map<std::string, Attributes> groups_;  ///< attributes by path
  mutable std::mutex mutex_;
};

}  // namespace

std::unique_ptr<DatasetWriter> create_netcdf4(const std::string& path,
                                              const CreateOptions& options) {
  std::string file = path;
  if (file.starts_with("file://")) file.erase(0, std::string_view("file://").size());
  if (file.find("://") != std::string::npos)
    throw Error(Errc::unsupported, "'{}': NetCDF-4 is written to a local file only", path);
  try {
    return std::make_unique<NetCdf4Writer>(fs::absolute(file).lexically_normal(), options);
  } catch (const fs::filesystem_error& e) {
    throw error_from_errno(e.code().value(), "create", file);
  }
}

}  // namespace rastream
