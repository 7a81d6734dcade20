// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal_description.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "rastream/array/exact_cell.h"
#include "rastream/base/bytes.h"
#include "rastream/base/json.h"

namespace rastream::geotiff {
namespace {

/// Text of a file is often ISO 8859-1 instead of UTF-8.
std::string utf8(const char* text) {
  if (CPLIsUTF8(text, -1)) return text;
  char* recoded = CPLRecode(text, CPL_ENC_ISO8859_1, CPL_ENC_UTF8);
  std::string out = recoded;
  CPLFree(recoded);
  return out;
}

/// How often a codec can shrink a block at best; generous where no bound is known.
std::int64_t largest_ratio(std::string_view compression) {
  if (compression.empty()) return 1;
  if (compression == "PACKBITS") return 128;
  if (compression == "DEFLATE" || compression == "LZW") return 4096;
  return 65536;
}

std::string metadata_item(GDALMajorObjectH object, const char* key, const char* domain) {
  const char* value = GDALGetMetadataItem(object, key, domain);
  return value ? value : "";
}

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
      return exact_cell<T>(v).has_value();
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

/// The value of T closest to `v`; 0 for NaN.
template <typename T>
T nearest(double v) {
  if (std::isnan(v)) return T{};
  const double low = static_cast<double>(std::numeric_limits<T>::lowest());
  const double high = static_cast<double>(std::numeric_limits<T>::max());
  return v <= low    ? std::numeric_limits<T>::lowest()
         : v >= high ? std::numeric_limits<T>::max()
                     : static_cast<T>(std::floor(v + 0.5));
}

}  // namespace

std::int64_t Grid::block_bytes() const {
  const std::int64_t bands = is_interleaved ? n_bands : 1;
  return checked_multiply(checked_multiply(block_x, block_y, "a block"),
                          bands * static_cast<std::int64_t>(item_size(dtype)), "a block");
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
  g.has_mask = GDALGetMaskFlags(GDALGetRasterBand(dataset, 1)) == GMF_PER_DATASET;
  g.n_overviews = GDALGetOverviewCount(GDALGetRasterBand(dataset, 1));
  g.compression = metadata_item(dataset, "COMPRESSION", "IMAGE_STRUCTURE");
  return g;
}

void check_claims(const Grid& g, std::int64_t file_size, bool has_index, const std::string& path) {
  if (g.n_x < 1 || g.n_y < 1 || g.block_x < 1 || g.block_y < 1) {
    throw Error(Errc::data_loss, "'{}' has no cells: {} x {} in blocks of {} x {}", path, g.n_x,
                g.n_y, g.block_x, g.block_y);
  }
  // Each block has an entry of at least one byte in the file's index.
  const std::int64_t n_blocks = checked_multiply((g.n_x + g.block_x - 1) / g.block_x,
                                                 (g.n_y + g.block_y - 1) / g.block_y, path);
  if (has_index && n_blocks > file_size) {
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
  a.set("overviews", number_attribute(DType::int64, g.n_overviews));
  if (metadata_item(dataset, "MINISWHITE", "IMAGE_STRUCTURE") == "YES")
    a.set("photometric", "miniswhite");
  a.set("grid_mapping", "spatial_ref");
  return a;
}

CellBytes absent_cell(GDALDatasetH dataset, const Grid& g) {
  const GDALRasterBandH band = GDALGetRasterBand(dataset, 1);
  int has_nodata = 0;
  CellBytes cell{};
  if (g.dtype == DType::int64 || g.dtype == DType::uint64) {
    const std::uint64_t v =
        g.dtype == DType::uint64
            ? GDALGetRasterNoDataValueAsUInt64(band, &has_nodata)
            : static_cast<std::uint64_t>(GDALGetRasterNoDataValueAsInt64(band, &has_nodata));
    if (has_nodata) std::memcpy(cell.data(), &v, sizeof(v));
    return cell;
  }
  const double v = GDALGetRasterNoDataValue(band, &has_nodata);
  if (!has_nodata) return cell;
  visit_cell(g.dtype, [&]<typename T>(T) {
    T held{};
    if constexpr (std::is_integral_v<T>)
      held = nearest<T>(v);
    else if constexpr (std::is_floating_point_v<T>)
      held = static_cast<T>(v);
    else
      held = {static_cast<typename T::value_type>(v), 0};
    std::memcpy(cell.data(), &held, sizeof(held));
  });
  return cell;
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

}  // namespace rastream::geotiff
