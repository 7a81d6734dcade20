// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/new_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "rastream/format/hdf5/new_attributes.h"
#include "rastream/format/hdf5/new_dimensions.h"
#include "rastream/format/hdf5/provenance.h"
#include "rastream/format/hdf5/types.h"

namespace rastream {
namespace {

constexpr unsigned kOrdered = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
// bool is stored as Xarray does: int8 with an attribute that says so.
constexpr const char* kDTypeAttribute = "dtype";

// With version 1.8's object headers, whose metadata has checksums. Any libhdf5 since 2008 reads
// them.
Handle access_properties() {
  Handle access = made(H5Pcreate(H5P_FILE_ACCESS), "file access properties");
  check_written(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18), "version bounds");
  check_written(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), "close degree");
  H5Pset_file_locking(access, false, true);
  return access;
}

/// Creation properties of a file (whose root group it is) or a group. Without times, so that equal
/// contents are equal bytes.
Handle group_properties(hid_t properties_class) {
  Handle properties = made(H5Pcreate(properties_class), "group properties");
  check_written(H5Pset_link_creation_order(properties, kOrdered), "link order");
  check_written(H5Pset_attr_creation_order(properties, kOrdered), "attribute order");
  check_written(H5Pset_obj_track_times(properties, false), "object times");
  return properties;
}

Handle dataset_properties() {
  Handle properties = made(H5Pcreate(H5P_DATASET_CREATE), "dataset properties");
  check_written(H5Pset_attr_creation_order(properties, kOrdered), "attribute order");
  check_written(H5Pset_obj_track_times(properties, false), "object times");
  return properties;
}

Handle named_type_properties() {
  Handle properties = made(H5Pcreate(H5P_DATATYPE_CREATE), "type properties");
  check_written(H5Pset_obj_track_times(properties, false), "object times");
  return properties;
}

/// Says which program made the file, where netcdf-c does.
void set_provenance(hid_t file) {
  const Handle root = made(H5Gopen2(file, "/", H5P_DEFAULT), "the root group");
  write_attribute(root, "_NCProperties", own_provenance());
}

/// Makes the groups of the path that are missing, the last one anew.
Handle make_group(hid_t file, const std::string& group) {
  Handle at = made(H5Gopen2(file, "/", H5P_DEFAULT), "the root group");
  for (std::size_t begin = 0; begin < group.size();) {
    const std::size_t end = std::min(group.find('/', begin), group.size());
    const std::string name = group.substr(begin, end - begin);
    begin = end + 1;
    const std::string what = "group '" + name + "'";
    bool is_there = H5Lexists(at, name.c_str(), H5P_DEFAULT) > 0;
    if (is_there && end == group.size()) {
      check_written(H5Ldelete(at, name.c_str(), H5P_DEFAULT), what);
      is_there = false;
    }
    at = made(is_there ? H5Gopen2(at, name.c_str(), H5P_DEFAULT)
                       : H5Gcreate2(at, name.c_str(), H5P_DEFAULT,
                                    group_properties(H5P_GROUP_CREATE), H5P_DEFAULT),
              what);
  }
  return at;
}

/// "a/b/c" -> "a/b", "a" -> "".
std::string group_above(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string leaf_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Handle make_group_below(hid_t group, const std::string& path) {
  return made(
      H5Gcreate2(group, path.c_str(), H5P_DEFAULT, group_properties(H5P_GROUP_CREATE), H5P_DEFAULT),
      "group '" + path + "'");
}

/// Compound types are only variables' types to netcdf-c when they have a name in the file; these
/// are nc-complex's, which netCDF4-python and h5netcdf look for.
Handle complex_file_type(hid_t file, DType dtype) {
  const char* name =
      dtype == DType::complex64 ? "_PFNC_FLOAT_COMPLEX_TYPE" : "_PFNC_DOUBLE_COMPLEX_TYPE";
  if (H5Lexists(file, name, H5P_DEFAULT) > 0)
    return made(H5Topen2(file, name, H5P_DEFAULT), "a complex type");
  Handle type = made(H5Tcopy(native_type(dtype)), "a complex type");
  check_written(H5Tcommit2(file, name, type, H5P_DEFAULT, named_type_properties(), H5P_DEFAULT),
                "a complex type");
  return type;
}

Handle file_type(hid_t file, DType dtype) {
  if (dtype == DType::string) return any_text_type();
  if (is_complex(dtype)) return complex_file_type(file, dtype);
  return made(H5Tcopy(native_type(dtype)), "a type");
}

Handle space_of(const Schema& schema, const NewDimensions& dimensions) {
  if (schema.rank() == 0) return made(H5Screate(H5S_SCALAR), "a dataspace");
  std::vector<hsize_t> shape;
  std::vector<hsize_t> limits;
  for (std::size_t i = 0; i < schema.rank(); ++i) {
    shape.push_back(static_cast<hsize_t>(schema.shape[i]));
    limits.push_back(dimensions.is_unlimited(schema.dims[i]) ? H5S_UNLIMITED : shape[i]);
  }
  return made(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), limits.data()),
              "a dataspace");
}

void set_chunks(hid_t properties, const NewVariable& v) {
  std::vector<hsize_t> chunk;
  for (const auto n : v.schema.chunks.max_chunk_shape())
    chunk.push_back(static_cast<hsize_t>(std::max<std::int64_t>(1, n)));
  check_written(H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data()), "chunks");
  if (v.deflate < 0) return;
  if (item_size(v.schema.dtype) > 1) check_written(H5Pset_shuffle(properties), "shuffle");
  check_written(H5Pset_deflate(properties, static_cast<unsigned>(v.deflate)), "deflate");
}

Handle make_dataset(hid_t file, hid_t group, const std::string& stored_name, const NewVariable& v,
                    const NewDimensions& dimensions) {
  const Handle properties = dataset_properties();
  const Handle type = file_type(file, v.schema.dtype);
  if (v.is_chunked)
    set_chunks(properties, v);
  else if (v.schema.dtype != DType::string)
    check_written(H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER), "fill time");
  if (v.fill) check_written(H5Pset_fill_value(properties, type, v.fill->data()), "fill value");
  return made(H5Dcreate2(group, stored_name.c_str(), type, space_of(v.schema, dimensions),
                         H5P_DEFAULT, properties, H5P_DEFAULT),
              "variable '" + v.name + "'");
}

/// Closes a file that could not be written. On a full disk libhdf5 1.10 can neither flush nor close
/// it, and crashes when the process ends; so what it still wants to write goes to memory.
void abandon(hid_t file) {
  void* descriptor = nullptr;
  const int nowhere = ::memfd_create("rastream", MFD_CLOEXEC);
  if (nowhere >= 0 && H5Fget_vfd_handle(file, H5P_DEFAULT, &descriptor) >= 0)
    ::dup2(nowhere, *static_cast<const int*>(descriptor));
  if (nowhere >= 0) ::close(nowhere);
  H5Fclose(file);
  H5Eclear2(H5E_DEFAULT);
}

}  // namespace

NewFile::NewFile(const std::string& path, const std::string& group) : path_(path) {
  const LibraryLock lock;
  const bool is_new = !std::filesystem::exists(path);
  file_ = is_new ? H5Fcreate(path.c_str(), H5F_ACC_EXCL, group_properties(H5P_FILE_CREATE),
                             access_properties())
                 : H5Fopen(path.c_str(), H5F_ACC_RDWR, access_properties());
  check_written(file_, "'" + path_ + "'");
  try {
    if (is_new) set_provenance(file_);
    group_ = make_group(file_, group);
  } catch (...) {
    abandon(file_);
    throw;
  }
}

NewFile::~NewFile() {
  const LibraryLock lock;
  datasets_.clear();
  group_ = Handle();
  if (file_ >= 0) abandon(file_);
}

/// A group that is made and what lies right in it.
struct NewFile::Folder {
  hid_t id = H5I_INVALID_HID;
  Handle own;                          ///< unless it is the group that NewFile has made
  std::vector<std::size_t> variables;  ///< indexes
  std::optional<NewDimensions> dimensions;
};

void NewFile::define(const std::vector<NewVariable>& variables,
                     const std::map<std::string, Attributes>& groups,
                     const std::vector<std::string>& unlimited) {
  const LibraryLock lock;
  datasets_.resize(variables.size());
  for (const NewVariable& v : variables) dtypes_.push_back(v.schema.dtype);
  std::map<std::string, Folder> folders;
  const auto add_with_those_above = [&](std::string path) {
    for (; folders.try_emplace(path).second && !path.empty(); path = group_above(path)) {
    }
  };
  add_with_those_above("");
  for (const auto& [path, attributes] : groups) add_with_those_above(path);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    add_with_those_above(group_above(variables[i].name));
    folders[group_above(variables[i].name)].variables.push_back(i);
  }
  // A path comes after its beginnings, so groups above are made first.
  int next_id = next_dimension_id(file_);
  for (auto& [path, folder] : folders) {
    if (!path.empty()) folder.own = make_group_below(group_, path);
    folder.id = path.empty() ? group_ : folder.own;
    std::vector<NamedSchema> schemas;
    for (const std::size_t i : folder.variables)
      schemas.push_back({leaf_of(variables[i].name), &variables[i].schema});
    const NewDimensions* above =
        path.empty() ? nullptr : &*folders.at(group_above(path)).dimensions;
    folder.dimensions.emplace(schemas, unlimited, above);
    define_variables(variables, folder, next_id);
    const auto attributes = groups.find(path);
    if (attributes != groups.end()) write_attributes(folder.id, attributes->second);
  }
}

/// Post-condition: `next_id` is the next number of a dimension.
void NewFile::define_variables(const std::vector<NewVariable>& variables, Folder& folder,
                               int& next_id) {
  NewDimensions& dimensions = *folder.dimensions;
  dimensions.make_missing_scales(folder.id, dataset_properties());
  std::vector<const Handle*> datasets;
  for (std::size_t i = 0; i < folder.variables.size(); ++i) {
    const std::size_t v = folder.variables[i];
    datasets_[v] =
        make_dataset(file_, folder.id, dimensions.stored_name(i), variables[v], dimensions);
    datasets.push_back(&datasets_[v]);
  }
  next_id = dimensions.number_scales(datasets, next_id);
  dimensions.attach(datasets);
  for (const std::size_t v : folder.variables) {
    write_attributes(datasets_[v], variables[v].attributes);
    if (dtypes_[v] == DType::bool_)
      write_attribute(datasets_[v], kDTypeAttribute, Attribute(std::string("bool")));
  }
}

void NewFile::put_chunk(std::size_t variable, const Extents& begin,
                        std::span<const std::byte> stored) {
  const std::vector<hsize_t> offset(begin.begin(), begin.end());
  const LibraryLock lock;
  check_written(H5Dwrite_chunk(datasets_.at(variable), H5P_DEFAULT, 0, offset.data(), stored.size(),
                               stored.data()),
                "a chunk to '" + path_ + "'");
}

void NewFile::put_cells(std::size_t variable, std::span<const std::byte> cells) {
  const LibraryLock lock;
  check_written(H5Dwrite(datasets_.at(variable), native_type(dtypes_[variable]), H5S_ALL, H5S_ALL,
                         H5P_DEFAULT, cells.data()),
                "cells to '" + path_ + "'");
}

void NewFile::put_texts(std::size_t variable, const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  const LibraryLock lock;
  check_written(H5Dwrite(datasets_.at(variable), any_text_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                         pointers.data()),
                "texts to '" + path_ + "'");
}

std::uint64_t NewFile::size() const {
  const LibraryLock lock;
  haddr_t end = 0;
  check_written(H5Fget_eoa(file_, &end), "'" + path_ + "'");
  return end;
}

void NewFile::close() {
  const LibraryLock lock;
  datasets_.clear();
  group_ = Handle();
  check_written(H5Fflush(file_, H5F_SCOPE_GLOBAL), "'" + path_ + "'");
  check_written(H5Fclose(std::exchange(file_, H5I_INVALID_HID)), "'" + path_ + "'");
}

bool has_group(const std::string& path, const std::string& group) {
  const LibraryLock lock;
  const Handle file = open_library_file(path);
  for (std::size_t end = group.find('/');; end = group.find('/', end + 1)) {
    if (H5Lexists(file, group.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

}  // namespace rastream
