// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/hdf5_file.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/metadata_cache.h"
#include "rastream/format/hdf5/variable.h"
#include "rastream/format/hdf5/writer.h"

namespace rastream {
namespace {

class Hdf5File final : public DatasetFile {
 public:
  Hdf5File(const std::string& path, const std::string& group)
      : file_(path), group_(group), cache_(MetadataCache::from_environment()) {
    is_settled_ = MetadataCache::is_settled(file_.bytes.stamp());
    auto kept = cache_ ? cache_->find(file_.bytes, group) : std::nullopt;
    is_new_ = !kept;
    record_ = kept ? std::move(*kept) : read_file_record(file_.bytes, group);
    for (std::size_t i = 0; i < record_.metadata.datasets.size(); ++i) {
      infos_.push_back(record_.metadata.datasets[i].info);
      variables_.push_back(std::make_unique<Hdf5Variable>(file_, record_, i));
    }
  }

  /// What was read serves the next opening. Here and not at opening, so that an entry is written
  /// once, with the indexes that were read meanwhile.
  ~Hdf5File() override {
    if (!cache_ || !is_settled_) return;
    try {
      keep_what_is_new();
    } catch (...) {
      // No memory to save time with.
    }
  }

  const std::string& path() const override { return file_.bytes.path(); }
  std::string_view format_name() const override { return "netcdf4"; }
  const std::vector<DimensionInfo>& dimensions() const override {
    return record_.metadata.dimensions;
  }
  const std::vector<VariableInfo>& variables() const override { return infos_; }
  const Attributes& attributes() const override { return record_.metadata.attributes; }
  std::vector<std::string> groups() const override { return record_.metadata.groups; }

  std::vector<RefusedVariable> refused() const override { return record_.metadata.refused; }

  void read(std::size_t variable, const Block& out) const override {
    try {
      if (infos_.at(variable).schema.dtype == DType::string) {
        throw Error(Errc::unsupported, "the cells are text, not numbers");
      }
      variables_[variable]->read(out);
    } catch (Error& e) {
      throw e.add_context(place(variable) + ", region " + to_string(out.region));
    }
  }

  std::vector<std::string> read_strings(std::size_t variable) const override {
    try {
      if (infos_.at(variable).schema.dtype != DType::string) {
        throw Error(Errc::unsupported, "the cells are numbers, not text");
      }
      return file_.library.read_texts(record_.metadata.datasets[variable], file_.bytes.size());
    } catch (Error& e) {
      throw e.add_context(place(variable));
    }
  }

  ReadStatistics statistics() const override {
    return {file_.n_chunks.load(), file_.stored_bytes.load(), file_.decoded_bytes.load()};
  }

  std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                           const Region& region) const override {
    if (infos_.at(variable).schema.dtype == DType::string) return std::nullopt;
    return variables_[variable]->stored_bytes(region);
  }

 private:
  void keep_what_is_new() {
    bool is_new = is_new_;
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      if (auto index = variables_[i]->newly_read_index()) {
        record_.indexes[i] = std::move(index);
        is_new = true;
      }
    }
    if (is_new) cache_->keep(file_.bytes, group_, record_);
  }

  std::string place(std::size_t variable) const {
    return "variable '" + infos_.at(variable).name + "' of '" + path() + "'";
  }

  mutable SharedFile file_;  // its library handle and counters change under their own locks
  std::string group_;
  std::optional<MetadataCache> cache_;
  bool is_settled_ = false;  ///< when it was opened
  bool is_new_ = false;      ///< the cache did not have this file's record
  FileRecord record_;
  std::vector<VariableInfo> infos_;
  std::vector<std::unique_ptr<Hdf5Variable>> variables_;
};

bool probe(const std::string& path) {
  try {
    return find_hdf5_signature(FileBytes(path)).has_value();
  } catch (...) {
    return false;
  }
}

std::unique_ptr<DatasetFile> open(const std::string& path, const std::string& group) {
  try {
    return std::make_unique<Hdf5File>(path, group);
  } catch (Error& e) {
    throw e.add_context("opening '" + path + "'");
  }
}

}  // namespace

Format netcdf4_format() {
  return {"netcdf4", {".nc", ".nc4", ".h5", ".hdf5", ".he5"}, probe, open, create_netcdf4};
}

}  // namespace rastream
