// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/hdf5_file.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/variable.h"
#include "rastream/format/hdf5/writer.h"

namespace rastream {
namespace {

class Hdf5File final : public DatasetFile {
 public:
  Hdf5File(const std::string& path, const std::string& group)
      : file_(path), metadata_(read_group_metadata(path, group, file_.bytes.size())) {
    for (const DatasetMetadata& dataset : metadata_.datasets) {
      infos_.push_back(dataset.info);
      try {
        variables_.push_back(std::make_unique<Hdf5Variable>(file_, dataset));
      } catch (Error& e) {
        throw e.add_context("variable '" + dataset.info.name + "'");
      }
    }
  }

  const std::string& path() const override { return file_.bytes.path(); }
  std::string_view format_name() const override { return "netcdf4"; }
  const std::vector<DimensionInfo>& dimensions() const override { return metadata_.dimensions; }
  const std::vector<VariableInfo>& variables() const override { return infos_; }
  const Attributes& attributes() const override { return metadata_.attributes; }
  std::vector<std::string> groups() const override { return metadata_.groups; }

  std::optional<std::string> unsupported_reason(std::string_view name) const override {
    for (const RefusedDataset& r : metadata_.refused) {
      if (r.name == name) return r.reason;
    }
    return std::nullopt;
  }

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
      return file_.library.read_texts(metadata_.datasets[variable], file_.bytes.size());
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
  std::string place(std::size_t variable) const {
    return "variable '" + infos_.at(variable).name + "' of '" + path() + "'";
  }

  mutable SharedFile file_;  // its library handle and counters change under their own locks
  GroupMetadata metadata_;
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
