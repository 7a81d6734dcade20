// SPDX-License-Identifier: Apache-2.0
// Writes one raster variable as a GeoTIFF under a temporary name; finish() adds what is only known
// then, makes the cloud-optimized file when asked, and renames.
#include <cpl_string.h>
#include <fcntl.h>
#include <ogr_srs_api.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>

#include "rastream/format/geotiff/gdal.h"
#include "rastream/format/geotiff/geotiff.h"
#include "rastream/geo/crs.h"

namespace rastream::geotiff {
namespace {

constexpr std::int64_t kTile = 512;

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

/// A file that is gone again unless it was renamed.
class StagedFile {
 public:
  explicit StagedFile(const std::string& target) : target_(target) {
    static std::atomic<unsigned> counter{0};
    path_ = fmt::format("{}.{}-{}.part", target, getpid(), counter++);
    const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) throw error_from_errno(errno, "cannot write GeoTIFF", target);
    close(descriptor);
  }
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  ~StagedFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

  void commit() {
    sync(path_, O_RDONLY);
    if (std::rename(path_.c_str(), target_.c_str()) != 0)
      throw error_from_errno(errno, "cannot write GeoTIFF", target_);
    path_.clear();
    const std::string folder = std::filesystem::path(target_).parent_path().string();
    sync(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  }

 private:
  void sync(const std::string& path, int flags) const {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    const bool is_synced = descriptor >= 0 && fsync(descriptor) == 0;
    const int error_number = errno;
    if (descriptor >= 0) close(descriptor);
    if (!is_synced) throw error_from_errno(error_number, "cannot flush GeoTIFF", target_);
  }

  std::string target_;
  std::string path_;
};

/// What a variable is to the file.
enum class Role { raster, axis, grid_mapping, left_out };

bool is_latitude_or_longitude(const VariableSpec& spec) {
  const std::string name = spec.attributes.text("standard_name").value_or(spec.name);
  for (const char* known : {"lat", "lon", "latitude", "longitude", "xc", "yc"}) {
    if (name == known) return true;
  }
  return false;
}

Role role_of(const VariableSpec& spec) {
  const Schema& s = spec.schema;
  if (s.dtype == DType::string) return Role::left_out;
  if (s.rank() == 0) return Role::grid_mapping;
  if (s.rank() == 1) return s.dims[0] == spec.name ? Role::axis : Role::left_out;
  return is_latitude_or_longitude(spec) ? Role::left_out : Role::raster;
}

std::string compression_of(const VariableSpec& spec, const std::string& path) {
  if (spec.compressor == "none") return "NONE";
  for (const char* known : {"zstd", "gzip", "deflate"}) {
    if (spec.compressor == known) return "DEFLATE";
  }
  throw Error(Errc::invalid_argument,
              "'{}': GeoTIFF cannot be compressed with '{}': expected deflate or none", path,
              spec.compressor);
}

/// TIFF predictor: 3 for floating (TIFF technical note 3), 2 for integers (TIFF 6.0 section 14);
/// none for 64-bit integers, which older readers cannot undo.
const char* predictor_of(DType dtype) {
  if (is_floating(dtype)) return "3";
  return item_size(dtype) < 8 ? "2" : "1";
}

std::string tile_size(std::int64_t n_cells) {
  return std::to_string(std::min(kTile, (n_cells + 15) / 16 * 16));
}

/// Origin and step of evenly spaced cell centres. `lone_step` is the step of a single cell.
std::pair<double, double> origin_and_step(const std::vector<double>& centres,
                                          std::optional<double> lone_step, const std::string& name,
                                          const std::string& path) {
  const std::size_t n = centres.size();
  if (n == 1 && !lone_step) {
    throw Error(Errc::invalid_argument,
                "'{}': the size of the only cell along '{}' is not known: expected a GeoTransform "
                "attribute of the grid mapping",
                path, name);
  }
  const double step =
      n == 1 ? *lone_step : (centres[n - 1] - centres[0]) / static_cast<double>(n - 1);
  for (std::size_t i = 0; i < n; ++i) {
    // Coordinates are often float32 or rounded decimals: a thousandth of a cell is no shift that
    // shows.
    const bool is_even = std::abs(centres[i] - (centres[0] + step * static_cast<double>(i))) <=
                         1e-3 * std::abs(step);
    if (is_even && step != 0) continue;
    throw Error(Errc::invalid_argument,
                "'{}': coordinate '{}' is not evenly spaced at index {}: GeoTIFF needs equal steps",
                path, name, i);
  }
  return {centres[0] - step / 2, step};
}

std::optional<std::array<double, 6>> parse_geotransform(const Attributes& grid_mapping) {
  const auto text = grid_mapping.text("GeoTransform");
  if (!text) return std::nullopt;
  std::istringstream in(*text);
  std::array<double, 6> t{};
  for (double& v : t) {
    if (!(in >> v) || !std::isfinite(v)) return std::nullopt;
  }
  return t;
}

/// Attributes that have a place of their own in the file, or describe how it was stored elsewhere.
bool is_plain_metadata(std::string_view name) {
  for (const std::string_view other :
       {"_FillValue", "missing_value", "scale_factor", "add_offset", "scales", "offsets", "units",
        "long_name", "overviews", "grid_mapping", "coordinates"}) {
    if (name == other) return false;
  }
  return true;
}

class GeoTiffWriter final : public DatasetWriter {
 public:
  GeoTiffWriter(const std::string& path, const CreateOptions& options)
      : path_(path), is_cloud_optimized_(options.cloud_optimized), staged_(path) {}

  std::size_t add(const VariableSpec& spec) override {
    const std::lock_guard lock(mutex_);
    Variable v{spec, role_of(spec), {}};
    if (v.role == Role::axis) v.centres.resize(static_cast<std::size_t>(spec.schema.n_cells()));
    if (v.role == Role::raster) check_raster(spec);
    variables_.push_back(std::move(v));
    if (variables_.back().role == Role::raster) raster_ = variables_.size() - 1;
    return variables_.size() - 1;
  }

  void set_attributes(const Attributes&) override {}
  void write_strings(std::size_t, const std::vector<std::string>&) override {}

  void write(std::size_t variable, const Block& block) override {
    const std::lock_guard lock(mutex_);
    Variable& v = variables_.at(variable);
    if (v.role == Role::axis) {
      copy_cells(block, dense_block(block.region, DType::float64,
                                    reinterpret_cast<std::byte*>(v.centres.data() +
                                                                 block.region.begin[0])));
    }
    if (v.role == Role::raster) write_raster(v, block);
  }

  bool is_committed(std::size_t, std::int64_t) const override { return false; }

  void finish() override {
    const std::lock_guard lock(mutex_);
    if (!raster_)
      throw Error(Errc::invalid_argument, "'{}': no variable with dimensions y and x to write",
                  path_);
    const auto missing = std::find(is_written_.begin(), is_written_.end(), false);
    if (missing != is_written_.end()) {
      throw Error(Errc::internal, "'{}': chunk {} of variable '{}' was never written", path_,
                  missing - is_written_.begin(), raster().spec.name);
    }
    set_georeference();
    close(dataset_, staged_.path());
    if (is_cloud_optimized_) {
      StagedFile optimized(path_);
      make_cloud_optimized(optimized.path());
      optimized.commit();
    } else {
      staged_.commit();
    }
    // What belonged to a replaced file would be read as part of the new one.
    for (const char* suffix : {".aux.xml", ".ovr", ".msk"}) unlink((path_ + suffix).c_str());
  }

 private:
  struct Variable {
    VariableSpec spec;
    Role role;
    std::vector<double> centres;  ///< of an axis
  };

  const Variable& raster() const { return variables_[*raster_]; }

  void check_raster(const VariableSpec& spec) {
    if (raster_) {
      throw Error(Errc::unsupported,
                  "'{}': a GeoTIFF holds one variable: '{}' cannot be beside '{}'", path_,
                  spec.name, raster().spec.name);
    }
    const Schema& s = spec.schema;
    if (s.rank() > 3) {
      throw Error(Errc::unsupported,
                  "'{}': variable '{}' has {} dimensions: GeoTIFF has (y, x) or (band, y, x)",
                  path_, spec.name, s.rank());
    }
    for (const std::int64_t n : s.shape) {
      if (n >= 1 && n <= 2147483647) continue;
      throw Error(Errc::invalid_argument, "'{}': variable '{}' of shape {} does not fit a GeoTIFF",
                  path_, spec.name, to_string(s.shape));
    }
    gdal_type(s.dtype);
    compression_of(spec, path_);
    is_written_.assign(static_cast<std::size_t>(s.chunks.n_chunks()), false);
  }

  void write_raster(const Variable& v, const Block& block) {
    const ChunkGrid& chunks = v.spec.schema.chunks;
    const Region touched = chunks.chunks_touching(block.region);
    const std::int64_t chunk = chunks.chunk_number(touched.begin);
    if (!(chunks.chunk_region(chunk) == block.region)) {
      throw Error(Errc::invalid_argument, "'{}': region {} is not a chunk of variable '{}'", path_,
                  to_string(block.region), v.spec.name);
    }
    if (!dataset_) create();
    OwnedBlock cells(block.region, v.spec.schema.dtype);
    copy_cells(block, cells.view());
    const bool has_bands = block.rank() == 3;
    const Extents shape = block.region.shape();
    const std::int64_t n_bands = has_bands ? shape[0] : 1;
    const std::int64_t first_band = has_bands ? block.region.begin[0] : 0;
    const std::size_t y = has_bands ? 1 : 0;
    const std::int64_t band_bytes =
        shape[y] * shape[y + 1] * static_cast<std::int64_t>(item_size(v.spec.schema.dtype));
    for (std::int64_t b = 0; b < n_bands; ++b) {
      write_band(static_cast<int>(first_band + b) + 1, block.region.begin[y],
                 block.region.begin[y + 1], shape[y], shape[y + 1],
                 cells.view().data + b * band_bytes);
    }
    is_written_[static_cast<std::size_t>(chunk)] = true;
  }

  void write_band(int band, std::int64_t y, std::int64_t x, std::int64_t n_y, std::int64_t n_x,
                  std::byte* cells) {
    const CapturedErrors errors;
    const int width = static_cast<int>(n_x);
    const int height = static_cast<int>(n_y);
    const CPLErr result = GDALRasterIO(
        GDALGetRasterBand(dataset_.get(), band), GF_Write, static_cast<int>(x), static_cast<int>(y),
        width, height, cells, width, height, gdal_type(raster().spec.schema.dtype), 0, 0);
    errors.check(result != CE_None, Errc::unavailable, "cannot write GeoTIFF", path_);
  }

  void create() {
    const VariableSpec& spec = raster().spec;
    const Extents& shape = spec.schema.shape;
    const std::size_t y = shape.size() - 2;
    OptionList options;
    options.set("TILED", "YES");
    options.set("BLOCKXSIZE", tile_size(shape[y + 1]));
    options.set("BLOCKYSIZE", tile_size(shape[y]));
    options.set("INTERLEAVE", "BAND");
    options.set("BIGTIFF", "IF_SAFER");
    set_compression(options);
#if GDAL_VERSION_NUM < GDAL_COMPUTE_VERSION(3, 7, 0)
    if (spec.schema.dtype == DType::int8) options.set("PIXELTYPE", "SIGNEDBYTE");
#endif
    const CapturedErrors errors;
    const int n_bands = shape.size() == 3 ? static_cast<int>(shape[0]) : 1;
    dataset_.reset(GDALCreate(GDALGetDriverByName("GTiff"), staged_.path().c_str(),
                              static_cast<int>(shape[y + 1]), static_cast<int>(shape[y]), n_bands,
                              gdal_type(spec.schema.dtype), options.get()));
    errors.check(!dataset_, Errc::unavailable, "cannot write GeoTIFF", path_);
    for (int b = 1; b <= n_bands; ++b)
      describe_band(GDALGetRasterBand(dataset_.get(), b), static_cast<std::size_t>(b - 1));
    for (const auto& [name, value] : spec.attributes) {
      const auto* text = std::get_if<std::string>(&value);
      if (text && is_plain_metadata(name))
        GDALSetMetadataItem(dataset_.get(), name.c_str(), text->c_str(), nullptr);
    }
    errors.check(false, Errc::unavailable, "cannot write GeoTIFF", path_);
  }

  void set_compression(OptionList& options) const {
    const VariableSpec& spec = raster().spec;
    const std::string compression = compression_of(spec, path_);
    options.set("COMPRESS", compression);
    if (compression == "NONE") return;
    options.set("PREDICTOR", predictor_of(spec.schema.dtype));
    // The file that the cloud-optimized one is copied from is read once and thrown away.
    if (is_cloud_optimized_)
      options.set("ZLEVEL", "1");
    else if (spec.level >= 1)
      options.set("ZLEVEL", std::to_string(std::min(spec.level, 9)));
  }

  void describe_band(GDALRasterBandH band, std::size_t index) const {
    const VariableSpec& spec = raster().spec;
    const Attributes& a = spec.attributes;
    set_nodata(band);
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

  void set_nodata(GDALRasterBandH band) const {
    const VariableSpec& spec = raster().spec;
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

  const Attributes* grid_mapping() const {
    const std::string name = raster().spec.attributes.text("grid_mapping").value_or("spatial_ref");
    for (const Variable& v : variables_) {
      if (v.role == Role::grid_mapping && v.spec.name == name) return &v.spec.attributes;
    }
    return nullptr;
  }

  const Variable* axis(std::size_t i) const {
    for (const Variable& v : variables_) {
      if (v.role == Role::axis && v.spec.name == raster().spec.schema.dims[i]) return &v;
    }
    return nullptr;
  }

  void set_georeference() {
    const Attributes* mapping = grid_mapping();
    const std::size_t rank = raster().spec.schema.rank();
    const Variable* y = axis(rank - 2);
    const Variable* x = axis(rank - 1);
    auto transform = mapping ? parse_geotransform(*mapping) : std::nullopt;
    if (x && y) {
      const auto known = [&](std::size_t i) {
        return transform ? std::optional((*transform)[i]) : std::nullopt;
      };
      const auto [left, width] = origin_and_step(x->centres, known(1), x->spec.name, path_);
      const auto [top, height] = origin_and_step(y->centres, known(5), y->spec.name, path_);
      transform = {left, width, 0, top, 0, height};
    }
    const CapturedErrors errors;
    if (transform) GDALSetGeoTransform(dataset_.get(), transform->data());
    if (mapping) set_crs(*mapping);
    errors.check(false, Errc::unavailable, "cannot write GeoTIFF", path_);
  }

  void set_crs(const Attributes& mapping) {
    auto wkt = mapping.text("crs_wkt") ? mapping.text("crs_wkt") : mapping.text("spatial_ref");
    if (!wkt && !mapping.contains("grid_mapping_name")) return;
    if (!wkt) wkt = Crs::from_cf(mapping).wkt1();
    const std::unique_ptr<void, decltype(&OSRDestroySpatialReference)> crs(
        OSRNewSpatialReference(nullptr), &OSRDestroySpatialReference);
    // Only as WKT: GDAL's guessing of other text would also open files and URLs.
    std::string text = *wkt;
    char* cursor = text.data();
    const bool is_bad = OSRImportFromWkt(crs.get(), &cursor) != OGRERR_NONE;
    if (is_bad) {
      throw Error(Errc::invalid_argument,
                  "'{}': the CRS of variable '{}' is not one that GDAL understands: {}", path_,
                  raster().spec.name, wkt->substr(0, 80));
    }
    GDALSetSpatialRef(dataset_.get(), crs.get());
  }

  /// Much is only written now; a full disk shows here.
  void close(Dataset& dataset, const std::string& file) const {
    const CapturedErrors errors;
    GDALFlushCache(dataset.get());
    GDALClose(dataset.release());
    errors.check(false, Errc::unavailable, "cannot write GeoTIFF", file);
  }

  void make_cloud_optimized(const std::string& target) const {
    const CapturedErrors errors;
    const Dataset source(GDALOpen(staged_.path().c_str(), GA_ReadOnly));
    errors.check(!source, Errc::unavailable, "cannot read back GeoTIFF", staged_.path());
    const VariableSpec& spec = raster().spec;
    OptionList options;
    const std::string compression = compression_of(spec, path_);
    options.set("COMPRESS", compression);
    if (compression != "NONE") {
      options.set("PREDICTOR", item_size(spec.schema.dtype) < 8 || is_floating(spec.schema.dtype)
                                   ? "YES"
                                   : "NO");
      if (spec.level >= 1) options.set("LEVEL", std::to_string(std::min(spec.level, 9)));
    }
    options.set("BLOCKSIZE", std::to_string(kTile));
    options.set("OVERVIEWS", "IGNORE_EXISTING");
    options.set("OVERVIEW_RESAMPLING", "NEAREST");
    options.set("BIGTIFF", "IF_SAFER");
    Dataset copy(GDALCreateCopy(GDALGetDriverByName("COG"), target.c_str(), source.get(), FALSE,
                                options.get(), nullptr, nullptr));
    errors.check(!copy, Errc::unavailable, "cannot write cloud-optimized GeoTIFF", path_);
    close(copy, target);
  }

  std::string path_;
  bool is_cloud_optimized_;
  StagedFile staged_;  ///< outlives dataset_, which is open on it
  std::mutex mutex_;
  std::vector<Variable> variables_;
  std::optional<std::size_t> raster_;
  std::vector<bool> is_written_;  ///< by chunk of the raster
  Dataset dataset_;
};

}  // namespace

std::unique_ptr<DatasetWriter> create(const std::string& path, const CreateOptions& options) {
  register_drivers();
  if (!options.group.empty() && options.group != "/") {
    throw Error(Errc::unsupported, "'{}': a GeoTIFF has no groups: '{}' was asked for", path,
                options.group);
  }
  if (!options.overwrite && std::filesystem::exists(path)) {
    throw Error(Errc::invalid_argument,
                "'{}' exists: choose another name, or replace it with --overwrite", path);
  }
  return std::make_unique<GeoTiffWriter>(path, options);
}

}  // namespace rastream::geotiff
