// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/raster_file.h"

#include <charconv>

#include "rastream/format/geotiff/gdal_cells.h"
#include "rastream/format/geotiff/tiff_source.h"

namespace rastream::geotiff {
namespace {

constexpr std::string_view kOverview = "overview_";

VariableInfo coordinate(const char* name, const std::vector<std::string>& dims,
                        const Extents& shape, DType dtype) {
  VariableInfo v;
  v.name = name;
  v.schema = make_schema(dims, shape, dtype);
  v.is_dimension_scale = !dims.empty();
  return v;
}

/// The same cells with one band more before their dimensions (y, x).
Block with_band(const Block& out) {
  Block b = out;
  b.region.begin.insert(0, 0);
  b.region.end.insert(0, 1);
  b.strides.insert(0, 0);
  return b;
}

Extents gdal_chunk(const Grid& g) {
  return {g.is_interleaved ? g.n_bands : 1, g.block_y, g.block_x};
}

class RasterFile final : public DatasetFile {
 public:
  RasterFile(const RasterName& name, const RasterKind& kind)
      : path_(name.path), kind_(kind), is_overview_(name.overview >= 0) {
    // Our own look comes before GDAL's, which then compares the file with the one that was there.
    auto pool = std::make_shared<HandlePool>(name);
    const auto images = kind.is_tiff ? std::make_unique<TiffImages>(path_) : nullptr;
    Loan loan(*pool);
    const CapturedErrors errors;
    grid_ = grid_of(loan.get(), path_);
    georeference_ = georeference_of(loan.get());
    dimensions_ = {
        {"band", grid_.n_bands, false}, {"y", grid_.n_y, false}, {"x", grid_.n_x, false}};
    add_band_data(loan.get(), pool, images.get());
    if (grid_.has_mask) add_mask(pool, images.get());
    add_coordinates();
    errors.check(false, Errc::data_loss, "cannot open", path_);
    loan.done();
  }

  const std::string& path() const override { return path_; }
  std::string_view format_name() const override { return kind_.format_name; }
  const std::vector<DimensionInfo>& dimensions() const override { return dimensions_; }
  const std::vector<VariableInfo>& variables() const override { return variables_; }
  const Attributes& attributes() const override { return attributes_; }

  std::vector<std::string> groups() const override {
    std::vector<std::string> names;
    for (int i = 1; !is_overview_ && i <= grid_.n_overviews; ++i)
      names.push_back(fmt::format("{}{}", kOverview, i));
    return names;
  }

  void read(std::size_t variable, const Block& out) const override {
    if (out.region.is_empty()) return;
    if (variable >= cells_.size()) return read_coordinate(variable, out);
    try {
      cells_[variable]->read(out.rank() == 2 ? with_band(out) : out);
    } catch (Error& e) {
      throw e.add_context(fmt::format("variable '{}', region {}", variables_[variable].name,
                                      to_string(out.region)));
    }
  }

  std::vector<std::string> read_strings(std::size_t variable) const override {
    throw Error(Errc::unsupported, "'{}': variable '{}' holds numbers, not text", path_,
                variables_[variable].name);
  }

  ReadStatistics statistics() const override {
    ReadStatistics all;
    for (const auto& cells : cells_) {
      const ReadStatistics one = cells->statistics();
      all.n_chunks += one.n_chunks;
      all.stored_bytes += one.stored_bytes;
      all.decoded_bytes += one.decoded_bytes;
    }
    return all;
  }

  std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                           const Region& region) const override {
    if (variable >= cells_.size() || region.is_empty()) return 0;
    Block whole;
    whole.region = region;
    whole.strides = Extents(region.rank());
    return cells_[variable]->stored_bytes(region.rank() == 2 ? with_band(whole).region : region);
  }

 private:
  void add_band_data(GDALDatasetH dataset, const std::shared_ptr<HandlePool>& pool,
                     const TiffImages* images) {
    auto found = images ? images->find(grid_, is_overview_, absent_cell(dataset, grid_))
                        : TiffImages::Found{};
    if (!found.cells) check_claims(grid_, pool->file_size(), kind_.is_tiff, path_);
    VariableInfo v;
    v.name = "band_data";
    const Extents shape{grid_.n_bands, grid_.n_y, grid_.n_x};
    const Extents chunk = found.cells ? found.chunk : gdal_chunk(grid_);
    v.schema =
        make_schema({"band", "y", "x"}, shape, grid_.dtype, ChunkGrid::regular(shape, chunk));
    v.attributes = attributes_of(dataset, grid_);
    if (is_overview_) v.attributes.set("overviews", number_attribute(DType::int64, 0));
    if (grid_.has_mask) v.attributes.set("coordinates", "mask");
    v.fill_value = v.attributes.number("_FillValue").value_or(0);
    v.codecs = codecs_of(dataset, grid_);
    add_cells(std::move(v), std::move(found), pool, false);
  }

  void add_mask(const std::shared_ptr<HandlePool>& pool, const TiffImages* images) {
    auto found = images ? images->find_mask(grid_, is_overview_) : TiffImages::Found{};
    VariableInfo v;
    v.name = "mask";
    const Extents shape{grid_.n_y, grid_.n_x};
    const Extents chunk = found.cells ? Extents{found.chunk[1], found.chunk[2]}
                                      : Extents{grid_.block_y, grid_.block_x};
    v.schema = make_schema({"y", "x"}, shape, DType::uint8, ChunkGrid::regular(shape, chunk));
    v.attributes.set("long_name", "255 where cells are valid, 0 elsewhere");
    v.fill_value = 0;
    add_cells(std::move(v), std::move(found), pool, true);
  }

  void add_cells(VariableInfo v, TiffImages::Found found, const std::shared_ptr<HandlePool>& pool,
                 bool is_mask) {
    if (!found.reason.empty()) v.codecs.push_back("read by GDAL: " + found.reason);
    if (!found.cells) found.cells = std::make_unique<GdalCells>(pool, grid_, is_mask);
    variables_.push_back(std::move(v));
    cells_.push_back(std::move(found.cells));
  }

  void add_coordinates() {
    variables_.push_back(coordinate("band", {"band"}, {grid_.n_bands}, DType::int64));
    if (georeference_.has_axes) {
      variables_.push_back(coordinate("x", {"x"}, {grid_.n_x}, DType::float64));
      variables_.push_back(coordinate("y", {"y"}, {grid_.n_y}, DType::float64));
    }
    VariableInfo mapping = coordinate("spatial_ref", {}, {}, DType::int64);
    if (!georeference_.wkt.empty()) {
      mapping.attributes.set("crs_wkt", georeference_.wkt);
      mapping.attributes.set("spatial_ref", georeference_.wkt);
    }
    mapping.attributes.set("GeoTransform",
                           fmt::format("{}", fmt::join(georeference_.transform, " ")));
    if (!georeference_.gcps.empty()) mapping.attributes.set("gcps", georeference_.gcps);
    variables_.push_back(std::move(mapping));
  }

  void read_coordinate(std::size_t variable, const Block& out) const {
    const VariableInfo& v = variables_[variable];
    if (v.schema.rank() == 0) return fill_cells(out, 0);
    const GeoTransform& t = georeference_.transform;
    OwnedBlock cells(out.region, v.schema.dtype);
    for (std::int64_t i = out.region.begin[0]; i < out.region.end[0]; ++i) {
      const double centre = static_cast<double>(i) + 0.5;
      std::byte* cell = cells.view().at({i});
      if (v.name == "band") *reinterpret_cast<std::int64_t*>(cell) = i + 1;
      if (v.name == "x") *reinterpret_cast<double*>(cell) = centre * t[1] + t[0];
      if (v.name == "y") *reinterpret_cast<double*>(cell) = centre * t[5] + t[3];
    }
    copy_cells(cells.view(), out);
  }

  std::string path_;
  RasterKind kind_;
  bool is_overview_;
  Grid grid_;
  Georeference georeference_;
  std::vector<DimensionInfo> dimensions_;
  std::vector<VariableInfo> variables_;  ///< first those of cells_
  std::vector<std::unique_ptr<CellSource>> cells_;
  Attributes attributes_;
};

}  // namespace

std::unique_ptr<DatasetFile> open_raster(const RasterName& name, const RasterKind& kind) {
  return std::make_unique<RasterFile>(name, kind);
}

int overview_of_group(const std::string& path, const std::string& group) {
  std::string_view name = group;
  while (name.starts_with('/')) name.remove_prefix(1);
  while (name.ends_with('/')) name.remove_suffix(1);
  if (name.empty()) return -1;
  int number = 0;
  if (name.starts_with(kOverview)) {
    const std::string_view digits = name.substr(kOverview.size());
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) number = 0;
  }
  if (number < 1) {
    throw Error(Errc::not_found,
                "'{}' is a raster and has no group '{}': its overviews are overview_1, ...", path,
                group);
  }
  return number - 1;
}

}  // namespace rastream::geotiff
