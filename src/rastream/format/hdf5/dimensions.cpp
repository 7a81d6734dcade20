// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/dimensions.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "rastream/format/hdf5/types.h"

namespace rastream {
namespace {

constexpr std::string_view kOnlyDimension = "This is a netCDF dimension but not a netCDF variable";
// Groups can be linked in a circle; netCDF-4 files are never deeper than a few levels.
constexpr int kMaxDepth = 16;

struct Link {
  std::string name;
  bool is_soft;
};

herr_t collect_link(hid_t, const char* name, const H5L_info_t* info, void* out) {
  if (info->type != H5L_TYPE_HARD && info->type != H5L_TYPE_SOFT) return 0;
  try {
    static_cast<std::vector<Link>*>(out)->push_back({name, info->type == H5L_TYPE_SOFT});
    return 0;
  } catch (...) {
    return -1;
  }
}

std::vector<Link> links_of(hid_t group) {
  std::vector<Link> links;
  hsize_t position = 0;
  if (H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &position, collect_link, &links) >= 0)
    return links;
  H5Eclear2(H5E_DEFAULT);
  links.clear();
  position = 0;
  check_library(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, collect_link, &links),
                "the list of a group");
  return links;
}

std::int64_t length_of(hsize_t length) {
  return static_cast<std::int64_t>(std::min<hsize_t>(length, INT64_MAX));
}

ScannedDataset scan_dataset(std::string name, Handle id, std::uint64_t address,
                            std::uint64_t file_bytes) {
  ScannedDataset dataset;
  const Handle space(H5Dget_space(id), "the shape of '" + name + "'");
  dataset.is_null = H5Sget_simple_extent_type(space) == H5S_NULL;
  const int rank = dataset.is_null ? 0 : H5Sget_simple_extent_ndims(space);
  check_library(rank, "the shape of '" + name + "'");
  std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
  std::vector<hsize_t> limits(shape.size());
  if (rank > 0)
    check_library(H5Sget_simple_extent_dims(space, shape.data(), limits.data()),
                  "the shape of '" + name + "'");
  for (std::size_t i = 0; i < shape.size(); ++i) {
    dataset.shape.push_back(length_of(shape[i]));
    dataset.limits.push_back(limits[i] == H5S_UNLIMITED ? kUnlimited : length_of(limits[i]));
  }
  dataset.is_scale = rank > 0 && read_text_attribute(id, "CLASS", file_bytes) == "DIMENSION_SCALE";
  if (dataset.is_scale) {
    dataset.is_only_dimension =
        read_text_attribute(id, "NAME", file_bytes).value_or("").starts_with(kOnlyDimension);
  }
  dataset.name = std::move(name);
  dataset.address = address;
  dataset.id = std::move(id);
  return dataset;
}

/// Address of the first scale of each axis in a DIMENSION_LIST; HADDR_UNDEF for an axis without
/// one.
std::vector<haddr_t> dimension_list(const ScannedDataset& dataset) {
  const std::size_t rank = dataset.shape.size();
  std::vector<haddr_t> addresses(rank, HADDR_UNDEF);
  if (H5Aexists(dataset.id, "DIMENSION_LIST") <= 0) return addresses;
  const std::string what = "DIMENSION_LIST of '" + dataset.name + "'";
  const Handle attribute(H5Aopen(dataset.id, "DIMENSION_LIST", H5P_DEFAULT), what);
  const Handle space(H5Aget_space(attribute), what);
  const Handle stored(H5Aget_type(attribute), what);
  const bool is_one_an_axis = H5Sget_simple_extent_npoints(space) == static_cast<hssize_t>(rank);
  if (H5Tget_class(stored) != H5T_VLEN || !is_one_an_axis) return addresses;
  const Handle type(H5Tvlen_create(H5T_STD_REF_OBJ), what);
  std::vector<hvl_t> lists(rank);
  check_library(H5Aread(attribute, type, lists.data()), what);
  for (std::size_t i = 0; i < rank; ++i) {
    if (lists[i].len == 0) continue;
    const hid_t scale = H5Rdereference2(dataset.id, H5P_DEFAULT, H5R_OBJECT, lists[i].p);
    H5O_info_t info;
    if (scale >= 0 && H5Oget_info2(scale, &info, H5O_INFO_BASIC) >= 0) addresses[i] = info.addr;
    if (scale >= 0) H5Oclose(scale);
  }
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, lists.data());
  H5Eclear2(H5E_DEFAULT);
  return addresses;
}

}  // namespace

ScannedGroup scan_group(hid_t group, std::uint64_t file_bytes) {
  ScannedGroup scanned;
  for (const Link& link : links_of(group)) {
    const hid_t id = H5Oopen(group, link.name.c_str(), H5P_DEFAULT);
    if (id < 0 && link.is_soft) {
      H5Eclear2(H5E_DEFAULT);
      continue;
    }
    Handle object(id, "object '" + link.name + "'");
    H5O_info_t info;
    check_library(H5Oget_info2(object, &info, H5O_INFO_BASIC), "object '" + link.name + "'");
    if (info.type == H5O_TYPE_GROUP) scanned.groups.push_back(link.name);
    if (info.type != H5O_TYPE_DATASET) continue;
    scanned.datasets.push_back(scan_dataset(link.name, std::move(object), info.addr, file_bytes));
  }
  return scanned;
}

Dimensions::Dimensions(const std::vector<Handle>& chain, const ScannedGroup& opened,
                       std::uint64_t file_bytes)
    : file_bytes_(file_bytes) {
  std::optional<std::size_t> first_unlimited;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const bool is_own = i + 1 == chain.size();
    const ScannedGroup above = is_own ? ScannedGroup{} : scan_group(chain[i], file_bytes);
    const std::size_t n_before = dimensions_.size();
    add_scales(is_own ? opened : above, is_own);
    const bool is_any =
        std::any_of(dimensions_.begin() + static_cast<std::ptrdiff_t>(n_before), dimensions_.end(),
                    [](const Dimension& d) { return d.is_unlimited; });
    if (is_any && !first_unlimited) first_unlimited = i;
  }
  if (!first_unlimited) return;
  stretch_unlimited(opened);
  if (*first_unlimited + 1 < chain.size() || !opened.groups.empty())
    stretch_below(chain[*first_unlimited], 0);
}

void Dimensions::add_scales(const ScannedGroup& group, bool is_own) {
  for (const ScannedDataset& d : group.datasets) {
    if (!d.is_scale) continue;
    Dimension dimension;
    dimension.name = d.name;
    dimension.is_unlimited = d.limits[0] == kUnlimited;
    dimension.size = dimension.is_unlimited ? 0 : d.shape[0];
    dimension.scale_address = d.address;
    dimension.is_own = is_own;
    const auto id = read_integer_attribute(d.id, "_Netcdf4Dimid", file_bytes_);
    if (!id.empty()) dimension.id = id[0];
    dimensions_.push_back(std::move(dimension));
  }
}

std::optional<std::size_t> Dimensions::find_id(std::int64_t id) const {
  for (std::size_t i = dimensions_.size(); i-- > 0;) {
    if (dimensions_[i].id == id) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Dimensions::find_address(std::uint64_t address) const {
  for (std::size_t i = dimensions_.size(); i-- > 0;) {
    if (!dimensions_[i].is_phony && dimensions_[i].scale_address == address) return i;
  }
  return std::nullopt;
}

std::vector<std::optional<std::size_t>> Dimensions::scales_of(const ScannedDataset& dataset) const {
  std::vector<std::optional<std::size_t>> scales(dataset.shape.size());
  if (dataset.is_scale && scales.size() == 1) return {find_address(dataset.address)};
  const auto ids = read_integer_attribute(dataset.id, "_Netcdf4Coordinates", file_bytes_);
  if (ids.size() == scales.size()) {
    std::transform(ids.begin(), ids.end(), scales.begin(),
                   [&](std::int64_t id) { return find_id(id); });
    if (std::all_of(scales.begin(), scales.end(), [](const auto& s) { return s.has_value(); }))
      return scales;
  }
  const auto addresses = dimension_list(dataset);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    scales[i] = addresses[i] == HADDR_UNDEF ? std::nullopt : find_address(addresses[i]);
  }
  return scales;
}

/// netcdf-c's size of an unlimited dimension is the longest extent of any variable that uses it.
void Dimensions::stretch_unlimited(const ScannedGroup& group) {
  for (const ScannedDataset& d : group.datasets) {
    if (d.is_only_dimension) continue;
    const auto scales = scales_of(d);
    for (std::size_t i = 0; i < scales.size(); ++i) {
      if (!scales[i]) continue;
      Dimension& dimension = dimensions_[*scales[i]];
      if (dimension.is_unlimited) dimension.size = std::max(dimension.size, d.shape[i]);
    }
  }
}

void Dimensions::stretch_below(hid_t group, int depth) {
  const ScannedGroup scanned = scan_group(group, file_bytes_);
  stretch_unlimited(scanned);
  if (depth == kMaxDepth) return;
  for (const std::string& name : scanned.groups) {
    stretch_below(Handle(H5Gopen2(group, name.c_str(), H5P_DEFAULT), "group '" + name + "'"),
                  depth + 1);
  }
}

std::size_t Dimensions::phony(const ScannedDataset& dataset, std::size_t axis,
                              const std::vector<std::size_t>& taken) {
  for (std::size_t i = 0; i < dimensions_.size(); ++i) {
    const Dimension& d = dimensions_[i];
    const bool is_same = d.is_own && d.size == dataset.shape[axis] &&
                         d.is_unlimited == (dataset.limits[axis] == kUnlimited);
    if (is_same && std::find(taken.begin(), taken.end(), i) == taken.end()) return i;
  }
  Dimension made;
  made.name = fmt::format("phony_dim_{}", dimensions_.size());
  made.size = dataset.shape[axis];
  made.is_unlimited = dataset.limits[axis] == kUnlimited;
  made.is_own = made.is_phony = true;
  dimensions_.push_back(std::move(made));
  return dimensions_.size() - 1;
}

std::vector<std::size_t> Dimensions::of(const ScannedDataset& dataset) {
  const auto scales = scales_of(dataset);
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    axes.push_back(scales[i] ? *scales[i] : phony(dataset, i, axes));
    dimensions_[axes.back()].is_used = true;
  }
  return axes;
}

std::vector<DimensionInfo> Dimensions::infos() const {
  std::vector<const Dimension*> shown;
  for (const Dimension& d : dimensions_) {
    if (d.is_own || d.is_used) shown.push_back(&d);
  }
  const auto rank = [](const Dimension* d) { return d->id.value_or(INT64_MAX); };
  std::stable_sort(shown.begin(), shown.end(), [&](auto* a, auto* b) { return rank(a) < rank(b); });
  std::vector<DimensionInfo> infos;
  for (const Dimension* d : shown) infos.push_back({d->name, d->size, d->is_unlimited});
  return infos;
}

}  // namespace rastream
