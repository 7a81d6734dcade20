// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/metadata.h"

#include <algorithm>
#include <string_view>

#include "rastream/format/hdf5/dimensions.h"
#include "rastream/format/hdf5/types.h"

namespace rastream {
namespace {

/// A variable with a dimension's name that is not its coordinate is stored under this prefix.
constexpr std::string_view kNotCoordinate = "_nc4_non_coord_";

std::vector<Handle> open_chain(hid_t file, const std::string& path, const std::string& group) {
  std::vector<Handle> chain;
  chain.emplace_back(H5Gopen2(file, "/", H5P_DEFAULT), "the root group");
  for (std::size_t at = 0; at < group.size();) {
    const std::size_t end = std::min(group.find('/', at), group.size());
    const std::string name = group.substr(at, end - at);
    at = end + 1;
    if (name.empty()) continue;
    const bool is_there = H5Lexists(chain.back(), name.c_str(), H5P_DEFAULT) > 0;
    const hid_t id = is_there ? H5Gopen2(chain.back(), name.c_str(), H5P_DEFAULT) : H5I_INVALID_HID;
    if (id < 0)
      throw Error(Errc::not_found, "no group '{}' in '{}': '{}' is not a group", group, path, name);
    chain.emplace_back(id, "group '" + name + "'");
  }
  return chain;
}

Filter filter_at(hid_t creation, unsigned i, const std::string& what) {
  unsigned flags = 0;
  unsigned config = 0;
  std::size_t n_parameters = 64;
  std::vector<unsigned> parameters(n_parameters);
  char name[64] = {};
  const H5Z_filter_t id = H5Pget_filter2(creation, i, &flags, &n_parameters, parameters.data(),
                                         sizeof(name) - 1, name, &config);
  check_library(id, what);
  parameters.resize(std::min(n_parameters, parameters.size()));
  return {static_cast<int>(id), std::move(parameters), name};
}

std::vector<Filter> filters_of(hid_t creation, const std::string& what) {
  const int n = H5Pget_nfilters(creation);
  check_library(n, what);
  std::vector<Filter> filters;
  for (int i = 0; i < n; ++i)
    filters.push_back(filter_at(creation, static_cast<unsigned>(i), what));
  return filters;
}

Extents chunk_shape_of(hid_t creation, std::size_t rank, const std::string& what) {
  if (H5Pget_layout(creation) != H5D_CHUNKED) return {};
  std::vector<hsize_t> shape(rank);
  check_library(H5Pget_chunk(creation, static_cast<int>(rank), shape.data()), what);
  Extents chunk(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    if (shape[i] < 1 || shape[i] > UINT32_MAX)
      throw Error(Errc::data_loss, "{} has chunks of length {}", what, shape[i]);
    chunk[i] = static_cast<std::int64_t>(shape[i]);
  }
  return chunk;
}

void read_fill(hid_t creation, hid_t type, DatasetMetadata& out, const std::string& what) {
  const DType dtype = out.type.cells.dtype;
  out.beyond = netcdf_default_fill(dtype);
  H5D_fill_value_t kind = H5D_FILL_VALUE_DEFAULT;
  check_library(H5Pfill_value_defined(creation, &kind), what);
  if (kind == H5D_FILL_VALUE_USER_DEFINED) {
    const bool is_raw = dtype == DType::bool_ || is_complex(dtype);
    check_library(H5Pget_fill_value(creation, is_raw ? type : native_type(dtype), out.fill.data()),
                  what);
    if (is_complex(dtype))
      finish_cells(out.type.cells, dense_block(Region(), dtype, out.fill.data()));
    if (dtype == DType::bool_) out.fill[0] = std::byte{out.fill[0] != std::byte{0}};
    out.beyond = out.fill;
  }
  out.info.fill_value = as_double(dtype, out.fill);
}

/// Reads the datasets of one group. A dataset that cannot be represented is refused alone, with its
/// reason.
class DatasetReader {
 public:
  DatasetReader(Dimensions& dimensions, std::uint64_t file_bytes)
      : dimensions_(dimensions), file_bytes_(file_bytes) {}

  std::variant<DatasetMetadata, std::string> read(const ScannedDataset& scanned) {
    const std::string what = "dataset '" + scanned.name + "'";
    const Handle type(H5Dget_type(scanned.id), what);
    auto cell = read_cell_type(type);
    if (auto* reason = std::get_if<std::string>(&cell)) return *reason;
    if (scanned.is_null) return "has no cells (a null dataspace)";
    const std::size_t rank = scanned.shape.size();
    if (rank > kMaxRank) return fmt::format("has {} dimensions, more than {}", rank, kMaxRank);
    const Handle creation(H5Dget_create_plist(scanned.id), what);
    DatasetMetadata out;
    out.type = std::get<CellType>(cell);
    if (is_bool_of_xarray(scanned, out.type)) out.type.cells.dtype = DType::bool_;
    out.header_address = scanned.address;
    out.stored_shape = Extents(std::span(scanned.shape));
    out.limits = Extents(std::span(scanned.limits));
    out.chunk_shape = chunk_shape_of(creation, rank, what);
    out.filters = FilterPipeline(filters_of(creation, what));
    out.has_external_files = H5Pget_external_count(creation) > 0;
    if (out.type.kind == CellType::Kind::number) read_fill(creation, type, out, what);
    if (auto reason = set_schema(scanned, out)) return *reason;
    set_info(scanned, out);
    return out;
  }

 private:
  std::optional<std::string> set_schema(const ScannedDataset& scanned, DatasetMetadata& out) {
    std::vector<std::string> dims;
    Extents shape = out.stored_shape;
    Extents chunk = out.chunk_shape;
    const auto axes = dimensions_.of(scanned);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const auto& dimension = dimensions_.all()[axes[i]];
      if (std::find(dims.begin(), dims.end(), dimension.name) != dims.end()) {
        return "has dimension '" + dimension.name + "' twice";
      }
      dims.push_back(dimension.name);
      if (scanned.limits[i] == kUnlimited && dimension.is_unlimited)
        shape[i] = std::max(shape[i], dimension.size);
    }
    if (out.type.is_char() && !dims.empty()) {
      dims.pop_back();
      shape.erase(shape.size() - 1);
      if (!chunk.empty()) chunk.erase(chunk.size() - 1);
    }
    const bool is_chunked = out.chunk_shape.size() == out.stored_shape.size() && !chunk.empty();
    const ChunkGrid grid = is_chunked ? ChunkGrid::regular(shape, chunk) : ChunkGrid::whole(shape);
    out.info.schema = make_schema(std::move(dims), shape, out.type.cells.dtype, grid);
    return std::nullopt;
  }

  /// NetCDF has no bool; Xarray stores int8 and says so in an attribute.
  bool is_bool_of_xarray(const ScannedDataset& scanned, const CellType& type) const {
    return type.kind == CellType::Kind::number && type.cells.dtype == DType::int8 &&
           read_text_attribute(scanned.id, "dtype", file_bytes_) == "bool";
  }

  void set_info(const ScannedDataset& scanned, DatasetMetadata& out) {
    out.info.name = scanned.name;
    if (scanned.name.starts_with(kNotCoordinate)) out.info.name.erase(0, kNotCoordinate.size());
    out.info.attributes = read_attributes(scanned.id, file_bytes_);
    if (out.type.cells.dtype == DType::bool_) out.info.attributes.erase("dtype");
    out.info.is_dimension_scale = scanned.is_scale;
    for (const Filter& f : out.filters.filters()) out.info.codecs.push_back(describe_filter(f));
  }

  Dimensions& dimensions_;
  std::uint64_t file_bytes_;
};

}  // namespace

GroupMetadata read_group_metadata(const std::string& path, const std::string& group,
                                  std::uint64_t file_bytes) {
  const LibraryLock lock;
  const Handle file = open_library_file(path);
  const std::vector<Handle> chain = open_chain(file, path, group);
  ScannedGroup scanned = scan_group(chain.back(), file_bytes);
  Dimensions dimensions(chain, scanned, file_bytes);
  DatasetReader reader(dimensions, file_bytes);
  GroupMetadata metadata;
  for (const ScannedDataset& dataset : scanned.datasets) {
    if (dataset.is_only_dimension) continue;
    auto result = reader.read(dataset);
    if (auto* reason = std::get_if<std::string>(&result)) {
      metadata.refused.push_back({dataset.name, *reason});
    } else {
      metadata.datasets.push_back(std::get<DatasetMetadata>(std::move(result)));
    }
  }
  metadata.dimensions = dimensions.infos();
  metadata.attributes = read_attributes(chain.back(), file_bytes);
  metadata.groups = std::move(scanned.groups);
  return metadata;
}

}  // namespace rastream
