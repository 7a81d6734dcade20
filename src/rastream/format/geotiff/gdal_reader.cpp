// SPDX-License-Identifier: Apache-2.0
// Opens a GeoTIFF as variables and reads regions of it. A GDAL handle serves one thread at a time,
// so reads take one from a pool.
#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <limits>
#include <mutex>

#include "rastream/base/json.h"
#include "rastream/format/geotiff/gdal.h"
#include "rastream/format/geotiff/geotiff.h"

namespace rastream::geotiff {
namespace {

constexpr std::size_t kBandData = 0;

/// Text of a file is often ISO 8859-1 instead of UTF-8.
std::string utf8(const char* text) {
  if (CPLIsUTF8(text, -1)) return text;
  char* recoded = CPLRecode(text, CPL_ENC_ISO8859_1, CPL_ENC_UTF8);
  std::string out = recoded;
  CPLFree(recoded);
  return out;
}

struct stat status_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    throw error_from_errno(errno, "cannot open GeoTIFF", path);
  return status;
}

/// Opens handles on one file and keeps those that nobody uses. Every handle is on the same bytes: a
/// file that was replaced since the first open is refused.
class HandlePool {
 public:
  explicit HandlePool(const std::string& path)
      // An absolute path cannot be taken for one of GDAL's prefixes, such as GTIFF_DIR:.
      : path_(std::filesystem::absolute(path).string()), status_(status_of(path)) {}

  Dataset take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Dataset dataset = std::move(idle_.back());
        idle_.pop_back();
        return dataset;
      }
    }
    return open();
  }

  void give_back(Dataset dataset) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(dataset));
  }

  std::int64_t file_size() const { return status_.st_size; }

 private:
  static constexpr std::size_t kMaxIdle = 64;

  Dataset open() const {
    const CapturedErrors errors;
    const std::array<const char*, 2> drivers = {"GTiff", nullptr};
    Dataset dataset(GDALOpenEx(path_.c_str(),
                               GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                               drivers.data(), nullptr, nullptr));
    errors.check(!dataset, Errc::data_loss, "cannot open GeoTIFF", path_);
    const struct stat now = status_of(path_);
    const bool is_same = now.st_dev == status_.st_dev && now.st_ino == status_.st_ino &&
                         now.st_size == status_.st_size &&
                         now.st_mtim.tv_sec == status_.st_mtim.tv_sec &&
                         now.st_mtim.tv_nsec == status_.st_mtim.tv_nsec;
    if (!is_same)
      throw Error(Errc::data_loss, "'{}' was replaced or changed while it was open", path_);
    return dataset;
  }

  std::string path_;
  struct stat status_;
  std::mutex mutex_;
  std::vector<Dataset> idle_;
};

/// A handle on loan. After an exception it is closed rather than given back.
class Loan {
 public:
  explicit Loan(HandlePool& pool) : pool_(pool), dataset_(pool.take()) {}
  GDALDatasetH get() const { return dataset_.get(); }
  void done() { pool_.give_back(std::move(dataset_)); }

 private:
  HandlePool& pool_;
  Dataset dataset_;
};

/// How often a codec can shrink a block at best; generous where no bound is known.
std::int64_t largest_ratio(std::string_view compression) {
  if (compression.empty()) return 1;
  if (compression == "PACKBITS") return 128;
  if (compression == "DEFLATE" || compression == "LZW") return 4096;
  return 65536;
}

struct Grid {
  std::int64_t n_x = 0;
  std::int64_t n_y = 0;
  std::int64_t n_bands = 0;
  int block_x = 0;
  int block_y = 0;
  bool is_interleaved = false;  ///< a block holds all bands
  std::string compression;
  std::vector<DType> dtypes;  ///< of the bands
  DType dtype = DType::uint8;

  std::int64_t block_bytes() const {
    const std::int64_t bands = is_interleaved ? n_bands : 1;
    return checked_multiply(checked_multiply(block_x, block_y, "a block"),
                            bands * static_cast<std::int64_t>(item_size(dtype)), "a block");
  }
};

std::string metadata_item(GDALMajorObjectH object, const char* key, const char* domain) {
  const char* value = GDALGetMetadataItem(object, key, domain);
  return value ? value : "";
}

Grid grid_of(GDALDatasetH dataset, const std::string& path) {
  Grid g;
  g.n_x = GDALGetRasterXSize(dataset);
  g.n_y = GDALGetRasterYSize(dataset);
  g.n_bands = GDALGetRasterCount(dataset);
  if (g.n_bands == 0) throw Error(Errc::data_loss, "'{}' has no bands", path);
  for (int b = 1; b <= g.n_bands; ++b)
    g.dtypes.push_back(dtype_of_band(GDALGetRasterBand(dataset, b), path));
  g.dtype = g.dtypes[0];
  for (const DType d : g.dtypes) g.dtype = promote(g.dtype, d);
  GDALGetBlockSize(GDALGetRasterBand(dataset, 1), &g.block_x, &g.block_y);
  g.is_interleaved =
      g.n_bands > 1 && metadata_item(dataset, "INTERLEAVE", "IMAGE_STRUCTURE") == "PIXEL";
  g.compression = metadata_item(dataset, "COMPRESSION", "IMAGE_STRUCTURE");
  return g;
}

/// A header may claim any size: nothing is allocated for blocks that the file is too short to hold.
void check_claims(const Grid& g, std::int64_t file_size, const std::string& path) {
  if (g.n_x < 1 || g.n_y < 1 || g.block_x < 1 || g.block_y < 1) {
    throw Error(Errc::data_loss, "'{}' has no cells: {} x {} in blocks of {} x {}", path, g.n_x,
                g.n_y, g.block_x, g.block_y);
  }
  // Each block has an entry of at least one byte in the file's index.
  const std::int64_t n_blocks = checked_multiply((g.n_x + g.block_x - 1) / g.block_x,
                                                 (g.n_y + g.block_y - 1) / g.block_y, path);
  if (n_blocks > file_size) {
    throw Error(Errc::data_loss, "'{}' claims {} blocks, but has only {} bytes", path, n_blocks,
                file_size);
  }
  constexpr std::int64_t kAlwaysAllowed = std::int64_t{16} << 20;
  const std::int64_t bytes = g.block_bytes();
  if (bytes > kAlwaysAllowed && bytes / largest_ratio(g.compression) > file_size) {
    throw Error(Errc::data_loss,
                "'{}' claims blocks of {} x {} cells, {} each, but has only {} bytes", path,
                g.block_x, g.block_y, format_bytes(static_cast<double>(bytes)), file_size);
  }
}

using GeoTransform = std::array<double, 6>;

/// Where the cells are.
struct Georeference {
  GeoTransform transform = {0, 1, 0, 0, 0, 1};
  bool has_axes = true;  ///< x depends on the column only and y on the row only
  std::string wkt;
  std::string gcps;  ///< GeoJSON, empty when there are none
};

std::string wkt_of(OGRSpatialReferenceH crs) {
  if (!crs) return "";
  const auto text = [&](const char* const* options) {
    char* out = nullptr;
    const OGRErr failed = OSRExportToWktEx(crs, &out, options);
    const std::string wkt = out && failed == OGRERR_NONE ? out : "";
    CPLFree(out);
    return wkt;
  };
  const std::array<const char*, 2> wkt2 = {"FORMAT=WKT2_2019", nullptr};
  const std::string wkt1 = text(nullptr);
  return wkt1.empty() ? text(wkt2.data()) : wkt1;
}

std::string gcps_of(GDALDatasetH dataset) {
  const GDAL_GCP* gcps = GDALGetGCPs(dataset);
  Json features = Json::array();
  for (int i = 0; i < GDALGetGCPCount(dataset); ++i) {
    const GDAL_GCP& p = gcps[i];
    features.push_back(
        {{"type", "Feature"},
         {"properties",
          {{"id", p.pszId}, {"info", p.pszInfo}, {"row", p.dfGCPLine}, {"col", p.dfGCPPixel}}},
         {"geometry", {{"type", "Point"}, {"coordinates", {p.dfGCPX, p.dfGCPY, p.dfGCPZ}}}}});
  }
  const Json all = {{"type", "FeatureCollection"}, {"features", features}};
  // Bytes of the file that are not UTF-8 are replaced, not thrown at.
  return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Georeference georeference_of(GDALDatasetH dataset) {
  Georeference g;
  const bool has_transform = GDALGetGeoTransform(dataset, g.transform.data()) == CE_None;
  if (!has_transform) g.transform = {0, 1, 0, 0, 0, 1};
  const bool has_gcps = GDALGetGCPCount(dataset) > 0;
  if (has_gcps) g.gcps = gcps_of(dataset);
  g.wkt = wkt_of(GDALGetSpatialRef(dataset));
  if (g.wkt.empty() && has_gcps) g.wkt = wkt_of(GDALGetGCPSpatialRef(dataset));
  const bool is_rotated = g.transform[2] != 0 || g.transform[4] != 0;
  g.has_axes = !is_rotated && (has_transform || !has_gcps);
  return g;
}

/// The nodata value as a number of `dtype`, unless that dtype cannot hold it, so that no cell can
/// equal it.
std::optional<Attribute> nodata_of(GDALRasterBandH band, DType dtype) {
  int has_nodata = 0;
  if (dtype == DType::int64) {
    const std::int64_t v = GDALGetRasterNoDataValueAsInt64(band, &has_nodata);
    return has_nodata ? std::optional<Attribute>(Numbers{dtype, {v}, {}}) : std::nullopt;
  }
  if (dtype == DType::uint64) {
    const std::uint64_t v = GDALGetRasterNoDataValueAsUInt64(band, &has_nodata);
    return has_nodata ? std::optional<Attribute>(Numbers{dtype, {static_cast<std::int64_t>(v)}, {}})
                      : std::nullopt;
  }
  const double v = GDALGetRasterNoDataValue(band, &has_nodata);
  if (!has_nodata || is_complex(dtype)) return std::nullopt;
  const bool is_held = visit_dtype(dtype, [&]<typename T>(T) {
    if constexpr (std::is_floating_point_v<T>)
      return true;
    else
      return v >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
             v <= static_cast<double>(std::numeric_limits<T>::max()) && v == std::floor(v);
  });
  return is_held ? std::optional<Attribute>(number_attribute(dtype, v)) : std::nullopt;
}

/// One number for all bands, or a list where they differ; nothing where all are `neutral`.
void set_packing(Attributes& attributes, const char* one, const char* many,
                 std::vector<double> values, double neutral) {
  const bool is_same =
      std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
  if (is_same && values[0] == neutral) return;
  if (is_same) {
    attributes.set(one, number_attribute(DType::float64, values[0]));
  } else {
    attributes.set(many, Numbers{DType::float64, {}, std::move(values)});
  }
}

void add_metadata(Attributes& attributes, GDALMajorObjectH object) {
  char** items = GDALGetMetadata(object, nullptr);
  for (; items && *items; ++items) {
    const std::string item = utf8(*items);
    const auto equals = item.find('=');
    if (equals != std::string::npos)
      attributes.set(item.substr(0, equals), item.substr(equals + 1));
  }
}

Attributes attributes_of(GDALDatasetH dataset, const Grid& g) {
  Attributes a;
  add_metadata(a, dataset);
  std::vector<double> scales;
  std::vector<double> offsets;
  std::vector<std::string> descriptions;
  for (int b = 1; b <= g.n_bands; ++b) {
    const GDALRasterBandH band = GDALGetRasterBand(dataset, b);
    int has_value = 0;
    const double scale = GDALGetRasterScale(band, &has_value);
    scales.push_back(has_value ? scale : 1);
    const double offset = GDALGetRasterOffset(band, &has_value);
    offsets.push_back(has_value ? offset : 0);
    descriptions.push_back(utf8(GDALGetDescription(band)));
  }
  const GDALRasterBandH first = GDALGetRasterBand(dataset, 1);
  if (g.n_bands == 1) add_metadata(a, first);
  if (const auto nodata = nodata_of(first, g.dtype)) a.set("_FillValue", *nodata);
  set_packing(a, "scale_factor", "scales", scales, 1);
  set_packing(a, "add_offset", "offsets", offsets, 0);
  if (const std::string units = utf8(GDALGetRasterUnitType(first)); !units.empty())
    a.set("units", units);
  const bool has_names = std::any_of(descriptions.begin(), descriptions.end(),
                                     [](const auto& d) { return !d.empty(); });
  if (has_names && g.n_bands == 1) a.set("long_name", descriptions[0]);
  if (has_names && g.n_bands > 1) a.set("long_name", descriptions);
  a.set("overviews", number_attribute(DType::int64, GDALGetOverviewCount(first)));
  if (metadata_item(dataset, "MINISWHITE", "IMAGE_STRUCTURE") == "YES")
    a.set("photometric", "miniswhite");
  a.set("grid_mapping", "spatial_ref");
  return a;
}

std::vector<std::string> codecs_of(GDALDatasetH dataset, const Grid& g) {
  if (g.compression.empty()) return {};
  std::string codec = g.compression;
  std::transform(codec.begin(), codec.end(), codec.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<std::string> codecs = {codec};
  const std::string predictor = metadata_item(dataset, "PREDICTOR", "IMAGE_STRUCTURE");
  if (!predictor.empty() && predictor != "1") codecs.push_back("predictor " + predictor);
  return codecs;
}

VariableInfo coordinate(const char* name, const std::vector<std::string>& dims,
                        const Extents& shape, DType dtype) {
  VariableInfo v;
  v.name = name;
  v.schema = make_schema(dims, shape, dtype);
  v.is_dimension_scale = !dims.empty();
  return v;
}

class GeoTiffFile final : public DatasetFile {
 public:
  explicit GeoTiffFile(const std::string& path) : path_(path), pool_(path) {
    Loan loan(pool_);
    const CapturedErrors errors;
    grid_ = grid_of(loan.get(), path);
    check_claims(grid_, pool_.file_size(), path);
    georeference_ = georeference_of(loan.get());
    dimensions_ = {
        {"band", grid_.n_bands, false}, {"y", grid_.n_y, false}, {"x", grid_.n_x, false}};
    add_band_data(loan.get());
    add_coordinates();
    errors.check(false, Errc::data_loss, "cannot open GeoTIFF", path);
    loan.done();
  }

  const std::string& path() const override { return path_; }
  std::string_view format_name() const override { return "geotiff"; }
  const std::vector<DimensionInfo>& dimensions() const override { return dimensions_; }
  const std::vector<VariableInfo>& variables() const override { return variables_; }
  const Attributes& attributes() const override { return attributes_; }
  std::vector<std::string> groups() const override { return {}; }

  void read(std::size_t variable, const Block& out) const override {
    if (out.region.is_empty()) return;
    if (variable != kBandData) return read_coordinate(variable, out);
    try {
      Loan loan(pool_);
      for (std::int64_t band = out.region.begin[0]; band < out.region.end[0]; ++band) {
        Region one = out.region;
        one.begin[0] = band;
        one.end[0] = band + 1;
        read_band(loan.get(), out.sub(one));
      }
      count(loan.get(), out.region);
      loan.done();
    } catch (Error& e) {
      throw e.add_context(fmt::format("variable 'band_data', region {}", to_string(out.region)));
    }
  }

  std::vector<std::string> read_strings(std::size_t variable) const override {
    throw Error(Errc::unsupported, "'{}': variable '{}' holds numbers, not text", path_,
                variables_[variable].name);
  }

  ReadStatistics statistics() const override { return {n_chunks_, stored_bytes_, decoded_bytes_}; }

  std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                           const Region& region) const override {
    if (variable != kBandData || region.is_empty()) return 0;
    Loan loan(pool_);
    const CapturedErrors errors;
    const std::int64_t bytes = stored_bytes(loan.get(), region);
    loan.done();
    return bytes;
  }

 private:
  void add_band_data(GDALDatasetH dataset) {
    VariableInfo v;
    v.name = "band_data";
    const Extents shape{grid_.n_bands, grid_.n_y, grid_.n_x};
    const Extents chunk{grid_.is_interleaved ? grid_.n_bands : 1, grid_.block_y, grid_.block_x};
    v.schema =
        make_schema({"band", "y", "x"}, shape, grid_.dtype, ChunkGrid::regular(shape, chunk));
    v.attributes = attributes_of(dataset, grid_);
    v.fill_value = v.attributes.number("_FillValue").value_or(0);
    v.codecs = codecs_of(dataset, grid_);
    variables_.push_back(std::move(v));
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

  /// Straight into `out` where GDAL can write its cells, else by a copy that converts.
  void read_band(GDALDatasetH dataset, const Block& out) const {
    const DType stored = grid_.dtypes[static_cast<std::size_t>(out.region.begin[0])];
    const bool is_direct = out.dtype == stored && out.strides[1] > 0 && out.strides[2] > 0;
    if (is_direct) return read_cells(dataset, out);
    const OwnedBlock cells(out.region, stored);
    read_cells(dataset, cells.view());
    copy_cells(cells.view(), out);
  }

  void read_cells(GDALDatasetH dataset, const Block& out) const {
    const Region& r = out.region;
    const CapturedErrors errors;
    const GDALRasterBandH band = GDALGetRasterBand(dataset, static_cast<int>(r.begin[0]) + 1);
    const int width = static_cast<int>(r.size(2));
    const int height = static_cast<int>(r.size(1));
    const CPLErr result = GDALRasterIOEx(
        band, GF_Read, static_cast<int>(r.begin[2]), static_cast<int>(r.begin[1]), width, height,
        out.data, width, height, gdal_type(out.dtype), out.strides[2], out.strides[1], nullptr);
    errors.check(result != CE_None, Errc::data_loss, "cannot read GeoTIFF", path_);
  }

  std::int64_t stored_bytes(GDALDatasetH dataset, const Region& region) const {
    std::int64_t bytes = 0;
    for_each_index(
        variables_[kBandData].schema.chunks.chunks_touching(region), [&](const Extents& chunk) {
          const GDALRasterBandH band = GDALGetRasterBand(dataset, static_cast<int>(chunk[0]) + 1);
          const std::string key = fmt::format("BLOCK_SIZE_{}_{}", chunk[2], chunk[1]);
          const char* size = GDALGetMetadataItem(band, key.c_str(), "TIFF");
          if (size) bytes += std::strtoll(size, nullptr, 10);
        });
    return bytes;
  }

  void count(GDALDatasetH dataset, const Region& region) const {
    const CapturedErrors errors;
    const std::int64_t n = variables_[kBandData].schema.chunks.chunks_touching(region).n_cells();
    n_chunks_ += n;
    stored_bytes_ += stored_bytes(dataset, region);
    decoded_bytes_ += n * grid_.block_bytes();
  }

  std::string path_;
  mutable HandlePool pool_;
  Grid grid_;
  Georeference georeference_;
  std::vector<DimensionInfo> dimensions_;
  std::vector<VariableInfo> variables_;
  Attributes attributes_;
  mutable std::atomic<std::int64_t> n_chunks_{0};
  mutable std::atomic<std::int64_t> stored_bytes_{0};
  mutable std::atomic<std::int64_t> decoded_bytes_{0};
};

}  // namespace

std::unique_ptr<DatasetFile> open(const std::string& path, const std::string& group) {
  register_drivers();
  status_of(path);
  if (!group.empty() && group != "/") {
    throw Error(Errc::not_found, "'{}' is a GeoTIFF and has no groups: '{}' was asked for", path,
                group);
  }
  if (!probe(path))
    throw Error(Errc::data_loss, "'{}' is not a TIFF file: its first bytes are others", path);
  return std::make_unique<GeoTiffFile>(path);
}

}  // namespace rastream::geotiff
