// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/library_cells.h"

#include <map>

#include "rastream/format/hdf5/library.h"
#include "rastream/format/hdf5/types.h"

namespace rastream {
namespace {

// Text is for coordinates; more of it than this is not what read_texts is made for.
constexpr std::int64_t kMaxTextBytes = std::int64_t{1} << 30;
constexpr std::uint64_t kMaxInflation = 1032;

std::vector<hsize_t> to_hsize(const Extents& extents) { return {extents.begin(), extents.end()}; }

void check_filters_are_installed(const DatasetMetadata& dataset) {
  for (const Filter& filter : dataset.filters.filters()) {
    if (H5Zfilter_avail(static_cast<H5Z_filter_t>(filter.id)) > 0) continue;
    take_library_error();
    throw Error(Errc::unsupported, "filter {} is not installed", describe_filter(filter));
  }
}

/// Joins the chars along the last dimension; trailing zeros are not part of a text.
std::vector<std::string> joined_chars(const std::vector<std::byte>& chars, std::int64_t n_texts) {
  std::vector<std::string> texts;
  const std::size_t length = n_texts == 0 ? 0 : chars.size() / static_cast<std::size_t>(n_texts);
  for (std::int64_t i = 0; i < n_texts; ++i) {
    const auto* first =
        reinterpret_cast<const char*>(chars.data()) + static_cast<std::size_t>(i) * length;
    std::string text(first, length);
    text.erase(text.find_last_not_of('\0') + 1);
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace

class LibraryCells::Library {
 public:
  explicit Library(const std::string& path) : file_(open_library_file(path)) {}

  hid_t dataset(const DatasetMetadata& wanted) {
    Handle& handle = datasets_[wanted.header_address];
    if (!handle.is_open()) {
      handle = Handle(H5Oopen_by_addr(file_, wanted.header_address),
                      "dataset '" + wanted.info.name + "'");
    }
    return handle;
  }

 private:
  Handle file_;
  std::map<std::uint64_t, Handle> datasets_;
};

LibraryCells::LibraryCells(std::string path) : path_(std::move(path)) {}

LibraryCells::~LibraryCells() {
  if (!library_) return;
  const LibraryLock lock;
  library_.reset();
}

void LibraryCells::read_cells(const DatasetMetadata& dataset, const Block& out) {
  const LibraryLock lock;
  check_filters_are_installed(dataset);
  if (!library_) library_ = std::make_unique<Library>(path_);
  const hid_t id = library_->dataset(dataset);
  const Handle type(H5Dget_type(id), "the type");
  const Handle space(H5Dget_space(id), "the shape");
  const auto begin = to_hsize(out.region.begin);
  const auto shape = to_hsize(out.region.shape());
  const Handle memory(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                      "a memory space");
  check_library(
      H5Sselect_hyperslab(space, H5S_SELECT_SET, begin.data(), nullptr, shape.data(), nullptr),
      "the region");
  const DType dtype = dataset.type.cells.dtype;
  const bool is_raw = dtype == DType::bool_ || is_complex(dtype);
  const hid_t memory_type = is_raw ? hid_t{type} : native_type(dtype);
  check_library(H5Dread(id, memory_type, memory, space, H5P_DEFAULT, out.data),
                "cells through libhdf5");
  if (is_raw) finish_cells(dataset.type.cells, out);
}

std::vector<std::string> LibraryCells::read_texts(const DatasetMetadata& dataset,
                                                  std::uint64_t file_bytes) {
  const LibraryLock lock;
  check_filters_are_installed(dataset);
  if (!library_) library_ = std::make_unique<Library>(path_);
  const hid_t id = library_->dataset(dataset);
  const Handle type(H5Dget_type(id), "the type");
  const Handle space(H5Dget_space(id), "the shape");
  const std::int64_t n_cells = product(dataset.stored_shape);
  const auto n_bytes =
      checked_multiply(n_cells, static_cast<std::int64_t>(H5Tget_size(type)), "text");
  if (n_bytes > kMaxTextBytes)
    throw Error(Errc::unsupported, "text of {} bytes: at most {}", n_bytes, kMaxTextBytes);
  if (static_cast<std::uint64_t>(n_bytes) / kMaxInflation > file_bytes) {
    throw Error(Errc::data_loss, "text of {} bytes in a file of {}", n_bytes, file_bytes);
  }
  std::vector<std::byte> raw(static_cast<std::size_t>(n_bytes));
  if (n_bytes > 0)
    check_library(H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()),
                  "text through libhdf5");
  if (dataset.type.is_char()) return joined_chars(raw, dataset.info.schema.n_cells());
  auto texts = texts_of(dataset.type, type, raw, static_cast<std::size_t>(n_cells));
  if (dataset.type.kind == CellType::Kind::variable_text && n_bytes > 0) {
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw.data());
  }
  return texts;
}

}  // namespace rastream
