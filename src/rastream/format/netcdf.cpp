// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/netcdf.h"

#include <atomic>

#include "rastream/base/error.h"
#include "rastream/format/netcdf_header.h"

namespace rastream {
namespace {

class ClassicFile final : public DatasetFile {
 public:
  ClassicFile(const std::string& path, const std::string& group)
      : bytes_(path), header_(read_classic_header(bytes_)) {
    if (!group.empty() && group != "/") {
      throw Error(Errc::not_found, "no group '{}' in '{}': classic NetCDF files have no groups",
                  group, path);
    }
    for (const ClassicVariable& v : header_.variables) infos_.push_back(v.info);
  }

  const std::string& path() const override { return bytes_.path(); }
  std::string_view format_name() const override { return "netcdf3"; }
  const std::vector<DimensionInfo>& dimensions() const override { return header_.dimensions; }
  const std::vector<VariableInfo>& variables() const override { return infos_; }
  const Attributes& attributes() const override { return header_.attributes; }
  std::vector<std::string> groups() const override { return {}; }

  std::vector<RefusedVariable> refused() const override { return header_.refused; }

  void read(std::size_t variable, const Block& out) const override {
    const ClassicVariable& v = header_.variables.at(variable);
    try {
      if (v.info.schema.dtype == DType::string)
        throw Error(Errc::unsupported, "the cells are text, not numbers");
      read_file_array(bytes_, v.array, out);
    } catch (Error& e) {
      throw e.add_context(place(v) + ", region " + to_string(out.region));
    }
    decoded_bytes_.fetch_add(out.n_cells() * static_cast<std::int64_t>(v.array.cells.size_bytes()));
  }

  std::vector<std::string> read_strings(std::size_t variable) const override {
    const ClassicVariable& v = header_.variables.at(variable);
    if (v.info.schema.dtype != DType::string) {
      throw Error(Errc::unsupported, "the cells are numbers, not text").add_context(place(v));
    }
    std::vector<std::string> texts(static_cast<std::size_t>(v.info.schema.n_cells()));
    const OwnedBlock chars(Region::whole(v.stored_shape), DType::int8);
    read_file_array(bytes_, v.array, chars.view());
    const std::size_t length =
        texts.empty() ? 0 : static_cast<std::size_t>(product(v.stored_shape)) / texts.size();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      texts[i].assign(chars.view().as<char>() + i * length, length);
      texts[i].erase(texts[i].find_last_not_of('\0') + 1);
    }
    return texts;
  }

  ReadStatistics statistics() const override {
    return {0, bytes_.n_bytes_read(), decoded_bytes_.load()};
  }

  std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                           const Region& region) const override {
    const ClassicVariable& v = header_.variables.at(variable);
    if (v.info.schema.dtype == DType::string) return std::nullopt;
    return region.n_cells() * static_cast<std::int64_t>(v.array.cells.size_bytes());
  }

 private:
  std::string place(const ClassicVariable& v) const {
    return "variable '" + v.info.name + "' of '" + path() + "'";
  }

  FileBytes bytes_;
  ClassicHeader header_;
  std::vector<VariableInfo> infos_;
  mutable std::atomic<std::int64_t> decoded_bytes_ = 0;
};

bool probe(const std::string& path) {
  try {
    return is_classic_netcdf(FileBytes(path));
  } catch (...) {
    return false;
  }
}

std::unique_ptr<DatasetFile> open(const std::string& path, const std::string& group) {
  try {
    return std::make_unique<ClassicFile>(path, group);
  } catch (Error& e) {
    throw e.add_context("opening '" + path + "'");
  }
}

}  // namespace

Format netcdf_classic_format() {
  return {"netcdf3", {".nc", ".cdf", ".nc3"}, probe, open, nullptr};
}

}  // namespace rastream
