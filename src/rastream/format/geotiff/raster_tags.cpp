// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/raster_tags.h"

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_srs_api.h>

#include <algorithm>
#include <atomic>

#include "rastream/format/geotiff/gdal.h"
#include "rastream/geo/crs.h"

namespace rastream::geotiff {
namespace {

/// GDAL's lists of "KEY=VALUE".
class OptionList {
 public:
  OptionList() = default;
  OptionList(const OptionList&) = delete;
  OptionList& operator=(const OptionList&) = delete;
  ~OptionList() { CSLDestroy(list_); }
  void set(const char* key, const std::string& value) {
    list_ = CSLSetNameValue(list_, key, value.c_str());
  }
  char** get() const { return list_; }

 private:
  char** list_ = nullptr;
};

/// Name of a file in GDAL's memory, which is removed with what GDAL put beside it.
class MemoryFile {
 public:
  MemoryFile() {
    static std::atomic<unsigned> counter{0};
    path_ = fmt::format("/vsimem/rastream-tags-{}.tif", counter++);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    VSIUnlink(path_.c_str());
    VSIUnlink(side_file().c_str());
  }
  const std::string& path() const { return path_; }
  std::span<const std::byte> bytes() const { return bytes_of(path_); }
  std::span<const std::byte> side_bytes() const { return bytes_of(side_file()); }

 private:
  std::string side_file() const { return path_ + ".aux.xml"; }
  static std::span<const std::byte> bytes_of(const std::string& path) {
    vsi_l_offset size = 0;
    const GByte* data = VSIGetMemFileBuffer(path.c_str(), &size, FALSE);
    return {reinterpret_cast<const std::byte*>(data), data ? static_cast<std::size_t>(size) : 0};
  }

  std::string path_;
};

/// Attributes that have a place of their own in the file, or describe how it was stored elsewhere.
bool is_plain_metadata(std::string_view name) {
  for (const std::string_view other :
       {"_FillValue", "missing_value", "scale_factor", "add_offset", "scales", "offsets", "units",
        "long_name", "overviews", "grid_mapping", "coordinates", "photometric"}) {
    if (name == other) return false;
  }
  return true;
}

void set_nodata(GDALRasterBandH band, const VariableSpec& spec) {
  const Attribute* attribute = spec.attributes.find("_FillValue");
  const auto* fill = attribute ? std::get_if<Numbers>(attribute) : nullptr;
  const bool is_exact = fill && fill->integers.size() == 1;
  if (spec.schema.dtype == DType::int64 && is_exact) {
    GDALSetRasterNoDataValueAsInt64(band, fill->integers[0]);
  } else if (spec.schema.dtype == DType::uint64 && is_exact) {
    GDALSetRasterNoDataValueAsUInt64(band, static_cast<std::uint64_t>(fill->integers[0]));
  } else if (const auto value = fill ? spec.attributes.number("_FillValue") : spec.fill_value) {
    GDALSetRasterNoDataValue(band, *value);
  }
}

void describe_band(GDALRasterBandH band, std::size_t index, const VariableSpec& spec) {
  const Attributes& a = spec.attributes;
  set_nodata(band, spec);
  const auto pick = [&](const char* one, const char* many) -> std::optional<double> {
    const std::vector<double> each = a.numbers(many);
    return index < each.size() ? each[index] : a.number(one);
  };
  if (const auto scale = pick("scale_factor", "scales")) GDALSetRasterScale(band, *scale);
  if (const auto offset = pick("add_offset", "offsets")) GDALSetRasterOffset(band, *offset);
  if (const auto units = a.text("units")) GDALSetRasterUnitType(band, units->c_str());
  if (const auto name = a.text("long_name")) GDALSetDescription(band, name->c_str());
  const Attribute* names = a.find("long_name");
  const auto* list = names ? std::get_if<std::vector<std::string>>(names) : nullptr;
  if (list && index < list->size()) GDALSetDescription(band, (*list)[index].c_str());
}

void set_crs(GDALDatasetH dataset, const VariableSpec& spec, const Attributes& mapping,
             const std::string& path) {
  auto wkt = mapping.text("crs_wkt") ? mapping.text("crs_wkt") : mapping.text("spatial_ref");
  if (!wkt && !mapping.contains("grid_mapping_name")) return;
  if (!wkt) wkt = Crs::from_cf(mapping).wkt1();
  const std::unique_ptr<void, decltype(&OSRDestroySpatialReference)> crs(
      OSRNewSpatialReference(nullptr), &OSRDestroySpatialReference);
  // Only as WKT: GDAL's guessing of other text would also open files and URLs.
  std::string text = *wkt;
  char* cursor = text.data();
  if (OSRImportFromWkt(crs.get(), &cursor) != OGRERR_NONE) {
    throw Error(Errc::invalid_argument,
                "'{}': the CRS of variable '{}' is not one that GDAL understands: {}", path,
                spec.name, wkt->substr(0, 80));
  }
  GDALSetSpatialRef(dataset, crs.get());
}

Dataset create_one_cell(const VariableSpec& spec, std::int64_t n_bands, const std::string& file) {
  OptionList options;
  options.set("ENDIANNESS", "LITTLE");
  options.set("SPARSE_OK", "TRUE");
#if GDAL_VERSION_NUM < GDAL_COMPUTE_VERSION(3, 7, 0)
  if (spec.schema.dtype == DType::int8) options.set("PIXELTYPE", "SIGNEDBYTE");
#endif
  if (spec.attributes.text("photometric") == "miniswhite") options.set("PHOTOMETRIC", "MINISWHITE");
  return Dataset(GDALCreate(GDALGetDriverByName("GTiff"), file.c_str(), 1, 1,
                            static_cast<int>(n_bands), gdal_type(spec.schema.dtype),
                            options.get()));
}

/// Tags that say how the file of one cell is stored: sizes, compression, planes, strips and tiles.
bool is_of_layout(const Tag& tag) {
  for (const int number : {254, 255, 256, 257, 259, 273, 278, 279, 284, 317, 322, 323, 324, 325}) {
    if (tag.number == number) return true;
  }
  return false;
}

/// BitsPerSample, PhotometricInterpretation, SamplesPerPixel, ExtraSamples, SampleFormat and GDAL's
/// nodata.
bool is_of_overviews(const Tag& tag) {
  for (const int number : {258, 262, 277, 338, 339, 42113}) {
    if (tag.number == number) return true;
  }
  return false;
}

}  // namespace

RasterTags describe_raster(const VariableSpec& spec, std::int64_t n_bands,
                           const Attributes* grid_mapping,
                           const std::optional<GeoTransform>& transform, const std::string& path) {
  register_drivers();
  const MemoryFile file;
  const CapturedErrors errors;
  Dataset dataset = create_one_cell(spec, n_bands, file.path());
  errors.check(!dataset, Errc::unavailable, "cannot describe GeoTIFF", path);
  for (std::int64_t b = 0; b < n_bands; ++b) {
    describe_band(GDALGetRasterBand(dataset.get(), static_cast<int>(b) + 1),
                  static_cast<std::size_t>(b), spec);
  }
  for (const auto& [name, value] : spec.attributes) {
    const auto* text = std::get_if<std::string>(&value);
    if (text && is_plain_metadata(name))
      GDALSetMetadataItem(dataset.get(), name.c_str(), text->c_str(), nullptr);
  }
  if (transform) {
    GeoTransform t = *transform;
    GDALSetGeoTransform(dataset.get(), t.data());
  }
  if (grid_mapping) set_crs(dataset.get(), spec, *grid_mapping, path);
  GDALClose(dataset.release());
  errors.check(false, Errc::unavailable, "cannot describe GeoTIFF", path);
  RasterTags tags;
  for (Tag& tag : read_first_directory(file.bytes())) {
    if (is_of_layout(tag)) continue;
    if (is_of_overviews(tag)) tags.overview.push_back(tag);
    tags.raster.push_back(std::move(tag));
  }
  const std::span<const std::byte> side = file.side_bytes();
  tags.side_file.assign(reinterpret_cast<const char*>(side.data()), side.size());
  return tags;
}

}  // namespace rastream::geotiff
