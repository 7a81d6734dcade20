// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/new_dimensions.h"

#include <hdf5_hl.h>

#include <algorithm>

#include "rastream/format/hdf5/new_attributes.h"

namespace rastream {
namespace {

// netcdf-c, nc4internal.h: NC_DIMID_ATT_NAME, NON_COORD_PREPEND, DIM_WITHOUT_VARIABLE.
constexpr const char* kDimensionId = "_Netcdf4Dimid";
constexpr const char* kNotCoordinate = "_nc4_non_coord_";
constexpr const char* kNoVariable = "This is a netCDF dimension but not a netCDF variable.";

bool is_coordinate(const NamedSchema& variable) {
  return variable.schema->rank() == 1 && variable.schema->dims[0] == variable.name;
}

herr_t collect_id(hid_t root, const char* name, const H5O_info_t* info, void* out) {
  int id = 0;
  if (info->type != H5O_TYPE_DATASET) return 0;
  if (H5Aexists_by_name(root, name, kDimensionId, H5P_DEFAULT) <= 0) return 0;
  if (H5LTget_attribute_int(root, name, kDimensionId, &id) < 0) return -1;
  auto& next = *static_cast<int*>(out);
  next = std::max(next, id + 1);
  return 0;
}

}  // namespace

NewDimensions::NewDimensions(const std::vector<NamedSchema>& variables,
                             const std::vector<std::string>& unlimited, const NewDimensions* above)
    : above_(above), variables_(variables) {
  for (std::size_t v = 0; v < variables_.size(); ++v) {
    const Schema& schema = *variables_[v].schema;
    for (std::size_t i = 0; i < schema.rank(); ++i) {
      const std::string& name = schema.dims[i];
      if (is_taken_from_above(name, schema.shape[i])) continue;
      auto known = std::find_if(dimensions_.begin(), dimensions_.end(),
                                [&](const Dimension& d) { return d.name == name; });
      if (known == dimensions_.end()) {
        const bool is_open = std::find(unlimited.begin(), unlimited.end(), name) != unlimited.end();
        dimensions_.push_back({name, schema.shape[i], is_open, std::nullopt, {}, H5I_INVALID_HID});
        known = dimensions_.end() - 1;
      }
      if (known->size != schema.shape[i]) {
        throw Error(Errc::invalid_argument,
                    "dimension '{}' is {} long in variable '{}' and {} in another: NetCDF has one "
                    "length for a dimension",
                    name, schema.shape[i], variables_[v].name, known->size);
      }
      if (is_coordinate(variables_[v])) known->coordinate = v;
    }
  }
}

const NewDimensions::Dimension* NewDimensions::find(const std::string& name) const {
  const auto own = std::find_if(dimensions_.begin(), dimensions_.end(),
                                [&](const Dimension& d) { return d.name == name; });
  if (own != dimensions_.end()) return &*own;
  return above_ ? above_->find(name) : nullptr;
}

/// REQUIRES: one of the variables has it.
const NewDimensions::Dimension& NewDimensions::dimension(const std::string& name) const {
  return *find(name);
}

/// The answer is the same for all variables of the group, unless they give it two lengths.
bool NewDimensions::is_taken_from_above(const std::string& name, std::int64_t size) const {
  const bool has_coordinate =
      std::any_of(variables_.begin(), variables_.end(),
                  [&](const NamedSchema& v) { return v.name == name && is_coordinate(v); });
  const Dimension* found = above_ && !has_coordinate ? above_->find(name) : nullptr;
  return found && found->size == size;
}

std::string NewDimensions::stored_name(std::size_t variable) const {
  const NamedSchema& v = variables_[variable];
  const bool is_taken = std::any_of(dimensions_.begin(), dimensions_.end(),
                                    [&](const Dimension& d) { return d.name == v.name; });
  return is_taken && !is_coordinate(v) ? kNotCoordinate + v.name : v.name;
}

void NewDimensions::make_missing_scales(hid_t group, hid_t dataset_properties) {
  for (Dimension& d : dimensions_) {
    if (d.coordinate) continue;
    const std::string what = "dimension '" + d.name + "'";
    const Handle properties = made(H5Pcopy(dataset_properties), what);
    const auto size = static_cast<hsize_t>(d.size);
    const hsize_t limit = d.is_unlimited ? H5S_UNLIMITED : size;
    const hsize_t chunk = 1;
    if (d.is_unlimited) check_written(H5Pset_chunk(properties, 1, &chunk), what);
    const Handle space = made(H5Screate_simple(1, &size, &limit), what);
    d.scale = made(H5Dcreate2(group, d.name.c_str(), H5T_IEEE_F32BE, space, H5P_DEFAULT, properties,
                              H5P_DEFAULT),
                   what);
  }
}

int NewDimensions::number_scales(std::span<const Handle* const> datasets, int first_id) {
  for (Dimension& d : dimensions_) {
    const std::string what = "dimension '" + d.name + "'";
    d.id = d.coordinate ? *datasets[*d.coordinate] : d.scale;
    const std::string label = d.coordinate ? d.name : fmt::format("{}{:11}", kNoVariable, d.size);
    check_written(H5DSset_scale(d.id, label.c_str()), what);
    const Handle space = made(H5Screate(H5S_SCALAR), what);
    const Handle id =
        made(H5Acreate2(d.id, kDimensionId, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT), what);
    check_written(H5Awrite(id, H5T_NATIVE_INT, &first_id), what);
    ++first_id;
  }
  return first_id;
}

void NewDimensions::attach(std::span<const Handle* const> datasets) const {
  for (std::size_t v = 0; v < datasets.size(); ++v) {
    if (is_coordinate(variables_[v])) continue;
    const Schema& schema = *variables_[v].schema;
    for (std::size_t i = 0; i < schema.rank(); ++i) {
      const hid_t scale = dimension(schema.dims[i]).id;
      check_written(H5DSattach_scale(*datasets[v], scale, static_cast<unsigned>(i)),
                    "the dimensions of '" + variables_[v].name + "'");
    }
  }
}

int next_dimension_id(hid_t file) {
  int next = 0;
  check_written(H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_NATIVE, collect_id, &next, H5O_INFO_BASIC),
                "the dimensions' numbers");
  return next;
}

}  // namespace rastream
