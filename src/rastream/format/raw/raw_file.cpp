// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/raw/raw_file.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/cells.h"
#include "rastream/format/raw/description.h"
#include "rastream/format/raw/doris.h"
#include "rastream/format/raw/npy.h"

namespace rastream {
namespace {

using raw::Description;
using raw::Labels;

// Descriptions are written by people or by Doris, and are short.
constexpr std::uint64_t kMaxDescriptionBytes = std::uint64_t{16} << 20;

/// With one more dimension: the real and the imaginary part.
Extents with_parts(Extents e, std::int64_t last) {
  e.push_back(last);
  return e;
}

VariableInfo info_of(const Labels& labels) {
  VariableInfo info;
  info.name = labels.dim;
  const auto n = static_cast<std::int64_t>(labels.numbers.size() + labels.texts.size());
  info.schema =
      make_schema({labels.dim}, {n}, labels.texts.empty() ? DType::float64 : DType::string);
  info.attributes = labels.attributes;
  return info;
}

class RawFile final : public DatasetFile {
 public:
  RawFile(std::string path, std::string_view format, Description description)
      : path_(std::move(path)), format_(format), d_(std::move(description)) {
    VariableInfo info;
    info.name = d_.name;
    info.schema = d_.schema;
    info.attributes = d_.variable_attributes;
    infos_.push_back(std::move(info));
    for (const Labels& labels : d_.labels) infos_.push_back(info_of(labels));
    for (std::size_t i = 0; i < d_.schema.rank(); ++i)
      dimensions_.push_back({d_.schema.dims[i], d_.schema.shape[i], false});
    if (d_.may_be_absent) return;
    for (std::size_t i = 0; i < d_.files.size(); ++i) open_cells(i);
  }

  const std::string& path() const override { return path_; }
  std::string_view format_name() const override { return format_; }
  const std::vector<DimensionInfo>& dimensions() const override { return dimensions_; }
  const std::vector<VariableInfo>& variables() const override { return infos_; }
  const Attributes& attributes() const override { return d_.attributes; }
  std::vector<std::string> groups() const override { return {}; }

  void read(std::size_t variable, const Block& out) const override {
    try {
      if (infos_.at(variable).schema.dtype == DType::string)
        throw Error(Errc::unsupported, "the cells are text, not numbers");
      if (variable == 0) return read_cells(out);
      auto& numbers = d_.labels[variable - 1].numbers;
      const auto n = static_cast<std::int64_t>(numbers.size());
      copy_cells(dense_block(Region({0}, {n}), DType::float64,
                             reinterpret_cast<std::byte*>(const_cast<double*>(numbers.data()))),
                 out);
    } catch (Error& e) {
      throw e.add_context(place(variable) + ", region " + to_string(out.region));
    }
  }

  std::vector<std::string> read_strings(std::size_t variable) const override {
    if (infos_.at(variable).schema.dtype == DType::string) return d_.labels[variable - 1].texts;
    throw Error(Errc::unsupported, "the cells are numbers, not text").add_context(place(variable));
  }

  ReadStatistics statistics() const override {
    return {n_reads_.load(), stored_bytes_.load(), decoded_bytes_.load()};
  }

  std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                           const Region& region) const override {
    if (variable != 0) return 0;
    return region.n_cells() * d_.cells.size_bytes();
  }

 private:
  std::string place(std::size_t variable) const {
    return "variable '" + infos_.at(variable).name + "' of '" + path_ + "'";
  }

  /// Opened for each read: a stack may have more files than a process may keep open.
  std::unique_ptr<FileBytes> open_cells(std::size_t i) const {
    auto file = std::make_unique<FileBytes>(d_.files[i]);
    const auto expected = static_cast<std::uint64_t>(d_.file_bytes());
    if (file->size() != expected) {
      throw Error(Errc::data_loss,
                  "'{}' has {} bytes: expected {} ({} + {} cells of {} bytes + {}), as '{}' says",
                  d_.files[i], file->size(), expected, d_.offset, d_.cells_per_file(),
                  d_.cells.size_bytes(), d_.trailing, path_);
    }
    return file;
  }

  void read_cells(const Block& out) const {
    if (out.region.is_empty()) return;
    if (d_.files.size() == 1) {
      read_from(*open_cells(0), 0, out);
    } else {
      for (std::int64_t i = out.region.begin[0]; i < out.region.end[0]; ++i) {
        Region one = out.region;
        one.begin[0] = i;
        one.end[0] = i + 1;
        read_from(*open_cells(static_cast<std::size_t>(i)), i, out.sub(one));
      }
    }
    n_reads_.fetch_add(1, std::memory_order_relaxed);
    decoded_bytes_.fetch_add(out.n_cells() * d_.cells.size_bytes(), std::memory_order_relaxed);
  }

  /// The file begins with index `first` of the first dimension.
  void read_from(const FileBytes& file, std::int64_t first, Block out) const {
    if (first > 0) {
      out.region.end[0] -= first;
      out.region.begin[0] -= first;
    }
    const raw::CellForm& cells = d_.cells;
    const StoredCells stored{cells.part, cells.is_swapped, cells.is_half};
    Extents shape = d_.schema.shape;
    if (d_.is_fortran_order) {
      for (Extents* e : {&shape, &out.region.begin, &out.region.end, &out.strides})
        std::reverse(e->begin(), e->end());
    }
    if (is_complex(cells.dtype)) {
      shape = with_parts(shape, 2);
      const DType part = part_of(out.dtype);
      out.region.begin = with_parts(out.region.begin, 0);
      out.region.end = with_parts(out.region.end, is_complex(out.dtype) ? 2 : 1);
      out.strides = with_parts(out.strides, static_cast<std::int64_t>(item_size(part)));
      out.dtype = part;
    }
    const FileArray array{static_cast<std::uint64_t>(d_.offset),
                          c_strides(shape, stored.size_bytes()), stored};
    read_file_array(file, array, out);
    stored_bytes_.fetch_add(file.n_bytes_read(), std::memory_order_relaxed);
  }

  std::string path_;
  std::string_view format_;
  Description d_;
  std::vector<VariableInfo> infos_;
  std::vector<DimensionInfo> dimensions_;
  mutable std::atomic<std::int64_t> n_reads_ = 0;
  mutable std::atomic<std::int64_t> stored_bytes_ = 0;
  mutable std::atomic<std::int64_t> decoded_bytes_ = 0;
};

std::string read_head(const std::string& path, std::uint64_t at_most) {
  const FileBytes file(path);
  std::string text(static_cast<std::size_t>(std::min(file.size(), at_most)), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text)));
  return text;
}

std::string read_description(const std::string& path) {
  const FileBytes file(path);
  if (file.size() > kMaxDescriptionBytes) {
    throw Error(Errc::data_loss, "'{}' has {} bytes: a description has at most {}", path,
                file.size(), kMaxDescriptionBytes);
  }
  return read_head(path, kMaxDescriptionBytes);
}

void check_no_group(const std::string& path, const std::string& group) {
  if (!group.empty() && group != "/")
    throw Error(Errc::not_found, "no group '{}' in '{}': raw files have no groups", group, path);
}

std::unique_ptr<DatasetFile> open_raw(const std::string& path, const std::string& group) {
  check_no_group(path, group);
  return std::make_unique<RawFile>(path, "raw",
                                   raw::parse_description(read_description(path), path));
}

std::unique_ptr<DatasetFile> open_doris(const std::string& path, const std::string& group) {
  check_no_group(path, group);
  return std::make_unique<RawFile>(path, "doris",
                                   raw::parse_doris_result(read_description(path), path));
}

bool probe_raw(const std::string& path) { return path.ends_with(".raw.json"); }

bool probe_doris(const std::string& path) {
  return path.ends_with(".res") && raw::is_doris_result(first_bytes(path, 512));
}

std::unique_ptr<DatasetFile> open_npy(const std::string& path, const std::string& group) {
  check_no_group(path, group);
  return std::make_unique<RawFile>(path, "npy",
                                   raw::parse_npy(read_head(path, raw::kMaxNpyHeaderBytes), path));
}

bool probe_npy(const std::string& path) { return raw::is_npy(first_bytes(path, 8)); }

}  // namespace

Format raw_format() { return {"raw", {".raw.json"}, probe_raw, open_raw, nullptr}; }
Format npy_format() { return {"npy", {".npy"}, probe_npy, open_npy, nullptr}; }
Format doris_format() { return {"doris", {".res"}, probe_doris, open_doris, nullptr}; }

}  // namespace rastream
