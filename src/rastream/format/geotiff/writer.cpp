// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/writer.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "rastream/array/exact_cell.h"
#include "rastream/format/geotiff/cog_builder.h"
#include "rastream/format/geotiff/geotiff.h"
#include "rastream/format/geotiff/staged_file.h"
#include "rastream/store/file.h"

namespace rastream::geotiff {
namespace {

namespace fs = std::filesystem;

/// Each thread holds a tile three times: a tile of very many bands side by side is refused.
constexpr std::int64_t kMostTileBytes = std::int64_t{1} << 26;
/// Of a thread: the tile, it with predictor, it compressed; a fourth of it, that of the next level,
/// and so on.
constexpr std::int64_t kTilesInWork = 5;
constexpr std::int64_t kFinishBytes = std::int64_t{4} << 20;
constexpr std::int64_t kBytesPerTile = 28;  ///< place and length
constexpr std::int64_t kMostBands = 65535;  ///< SamplesPerPixel is a SHORT

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

/// A raster (y, x) has one band.
Extents with_bands(const Extents& shape) {
  return shape.size() == 3 ? shape : Extents{1, shape[0], shape[1]};
}

Block with_bands(const Block& block) {
  if (block.rank() == 3) return block;
  const Region& r = block.region;
  return {{{0, r.begin[0], r.begin[1]}, {1, r.end[0], r.end[1]}},
          block.dtype,
          block.data,
          {0, block.strides[0], block.strides[1]}};
}

/// The first number of _FillValue, else of the spec; none when there is neither.
Numbers nodata_of(const VariableSpec& spec, DType dtype) {
  const Attribute* attribute = spec.attributes.find("_FillValue");
  const auto* fill = attribute ? std::get_if<Numbers>(attribute) : nullptr;
  Numbers nodata;
  if (fill)
    nodata = *fill;
  else if (spec.fill_value)
    nodata.floats = {*spec.fill_value};
  if (nodata.size() == 0 || !is_integer(dtype)) return nodata;
  visit_number(nodata, 0, [&](auto number) {
    const bool fits =
        visit_dtype(dtype, [&]<typename T>(T) { return exact_cell<T>(number).has_value(); });
    if (!fits)
      throw Error(Errc::invalid_argument, "variable '{}': fill value {} is not a number of {}",
                  spec.name, number, to_string(dtype));
  });
  return nodata;
}

void check_raster(const VariableSpec& spec, const std::string& path) {
  const Schema& s = spec.schema;
  if (s.rank() > 3) {
    throw Error(Errc::unsupported,
                "'{}': variable '{}' has {} dimensions: GeoTIFF has (y, x) or (band, y, x)", path,
                spec.name, s.rank());
  }
  const Extents shape = with_bands(s.shape);
  const bool has_cells = std::all_of(shape.begin(), shape.end(),
                                     [](std::int64_t n) { return n >= 1 && n <= 2147483647; });
  if (!has_cells || shape[0] > kMostBands) {
    throw Error(Errc::invalid_argument, "'{}': variable '{}' of shape {} does not fit a GeoTIFF",
                path, spec.name, to_string(s.shape));
  }
}

CogOptions cog_options(const VariableSpec& spec, const WriterOptions& options,
                       const std::string& path) {
  const Pyramid pyramid(with_bands(spec.schema.shape), options.tile, options.is_pixel_interleaved,
                        options.has_overviews);
  // bool is 0 and 1 of uint8.
  const DType dtype = spec.schema.dtype == DType::bool_ ? DType::uint8 : spec.schema.dtype;
  TileCoding coding;
  coding.compression = parse_compression(spec.compressor, path);
  coding.predictor = predictor_of(dtype, coding.compression);
  coding.level = level_of(coding.compression, spec.level);
  coding.item_bytes = static_cast<std::int64_t>(item_size(dtype));
  coding.n_samples = pyramid.n_samples();
  coding.width = pyramid.tile_width();
  coding.height = pyramid.tile_height();
  if (coding.tile_bytes() > kMostTileBytes) {
    throw Error(Errc::unsupported,
                "'{}': {} bands side by side make tiles of {}: expected bands one after the other",
                path, pyramid.n_bands(), format_bytes(static_cast<double>(coding.tile_bytes())));
  }
  return {pyramid,
          dtype,
          coding,
          options.resampling.value_or(choose_resampling(spec)),
          nodata_of(spec, dtype),
          options.memory_bytes};
}

bool is_pixel_interleave(const std::string& name) {
  if (name.empty() || name == "band") return false;
  if (name == "pixel") return true;
  throw Error(Errc::invalid_argument, "bands cannot be interleaved by '{}': expected band or pixel",
              name);
}

class GeoTiffWriter final : public DatasetWriter {
 public:
  GeoTiffWriter(const std::string& path, const WriterOptions& options)
      : path_(path), options_(options) {}

  std::size_t add(const VariableSpec& spec) override {
    const std::lock_guard lock(mutex_);
    Variable v{spec, role_of(spec), {}};
    if (v.role == Role::axis) v.centres.resize(static_cast<std::size_t>(spec.schema.n_cells()));
    if (v.role == Role::raster) start_raster(spec);
    variables_.push_back(std::move(v));
    return variables_.size() - 1;
  }

  void set_attributes(const Attributes&) override {}
  void set_group_attributes(const std::string&, const Attributes&) override {}
  void write_strings(std::size_t, const std::vector<std::string>&) override {}

  void write(std::size_t variable, const Block& block) override {
    Variable& v = variables_.at(variable);
    if (v.role == Role::axis) write_axis(v, block);
    if (v.role == Role::raster) write_raster(v, block);
  }

  bool is_committed(std::size_t, std::int64_t) const override { return false; }

  void finish() override {
    const std::lock_guard lock(mutex_);
    if (!builder_) {
      throw Error(Errc::invalid_argument, "'{}': no variable with dimensions y and x to write",
                  path_);
    }
    check_whole();
    const VariableSpec& spec = raster().spec;
    const RasterTags tags = describe_raster(spec, with_bands(spec.schema.shape)[0], grid_mapping(),
                                            geotransform(), path_);
    StagedFile file(path_);
    builder_->write(file.descriptor(), tags, options_.force_big);
    file.flush();
    check_is_free();
    remove_side_files();
    file.commit(options_.overwrite);
    if (!tags.side_file.empty()) {
      write_file_atomically(path_ + ".aux.xml", std::as_bytes(std::span(tags.side_file)),
                            Durability::file);
    }
  }

 private:
  struct Variable {
    VariableSpec spec;
    Role role;
    std::vector<double> centres;  ///< of an axis
  };
  enum class ChunkState : std::uint8_t { open, at_work, written };

  const Variable& raster() const { return variables_[raster_]; }

  void check_is_free() const {
    std::error_code ignored;
    if (!options_.overwrite && fs::exists(path_, ignored))
      throw Error(Errc::invalid_argument, "'{}' was created by another run in the meantime", path_);
  }

  /// What belongs to a file that is replaced would be read as part of the new one. It goes before
  /// that comes, and a new side file comes after: a run that is killed between may lose what was
  /// beside the cells, but never mixes old and new.
  void remove_side_files() const {
    for (const char* suffix : {".aux.xml", ".ovr", ".msk"}) {
      const std::string side_file = path_ + suffix;
      if (unlink(side_file.c_str()) != 0 && errno != ENOENT)
        throw error_from_errno(errno, "cannot remove", side_file);
    }
  }

  void start_raster(const VariableSpec& spec) {
    if (builder_) {
      throw Error(Errc::unsupported,
                  "'{}': a GeoTIFF holds one variable: '{}' cannot be beside '{}'", path_,
                  spec.name, raster().spec.name);
    }
    check_raster(spec, path_);
    builder_.emplace(cog_options(spec, options_, path_), path_);
    chunks_.assign(static_cast<std::size_t>(spec.schema.chunks.n_chunks()), ChunkState::open);
    raster_ = variables_.size();
  }

  void write_axis(Variable& axis, const Block& block) {
    double* to = axis.centres.data() + block.region.begin[0];
    copy_cells(block, dense_block(block.region, DType::float64, reinterpret_cast<std::byte*>(to)));
  }

  void write_raster(const Variable& v, const Block& block) {
    const auto chunk = v.spec.schema.chunks.find_chunk(block.region);
    if (!chunk) {
      throw Error(Errc::invalid_argument, "'{}': region {} is not a chunk of variable '{}'", path_,
                  to_string(block.region), v.spec.name);
    }
    // The same chunk again, from a task that was run twice, has the same cells.
    if (!begin(*chunk)) return;
    builder_->add(with_bands(block));
    const std::lock_guard lock(mutex_);
    chunks_[static_cast<std::size_t>(*chunk)] = ChunkState::written;
  }

  bool begin(std::int64_t chunk) {
    const std::lock_guard lock(mutex_);
    ChunkState& state = chunks_[static_cast<std::size_t>(chunk)];
    if (state != ChunkState::open) return false;
    state = ChunkState::at_work;
    return true;
  }

  void check_whole() const {
    const auto missing = std::find_if(chunks_.begin(), chunks_.end(), [](ChunkState state) {
      return state != ChunkState::written;
    });
    if (missing != chunks_.end()) {
      throw Error(Errc::internal, "'{}': chunk {} of variable '{}' was never written", path_,
                  missing - chunks_.begin(), raster().spec.name);
    }
    if (builder_->n_waiting() > 0) {
      throw Error(Errc::internal, "'{}': {} tiles of variable '{}' lack cells", path_,
                  builder_->n_waiting(), raster().spec.name);
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

  std::optional<GeoTransform> geotransform() const {
    const Attributes* mapping = grid_mapping();
    const std::size_t rank = raster().spec.schema.rank();
    const Variable* y = axis(rank - 2);
    const Variable* x = axis(rank - 1);
    const auto known = mapping ? parse_geotransform(*mapping) : std::nullopt;
    if (!x || !y) return known;
    const auto step = [&](std::size_t i) {
      return known ? std::optional((*known)[i]) : std::nullopt;
    };
    const EvenAxis columns = even_axis(x->centres, step(1), x->spec.name, path_);
    const EvenAxis rows = even_axis(y->centres, step(5), y->spec.name, path_);
    return GeoTransform{columns.corner, columns.step, 0, rows.corner, 0, rows.step};
  }

  std::string path_;
  WriterOptions options_;
  std::mutex mutex_;  ///< of all but the builder, which has its own
  std::vector<Variable> variables_;
  std::optional<CogBuilder> builder_;  ///< once there is a raster
  std::size_t raster_ = 0;
  std::vector<ChunkState> chunks_;  ///< of the raster
};

}  // namespace

Resampling choose_resampling(const VariableSpec& spec) {
  const bool is_scaled =
      spec.attributes.contains("scale_factor") || spec.attributes.contains("scales");
  return is_floating(spec.schema.dtype) || is_scaled ? Resampling::average : Resampling::nearest;
}

std::int64_t buffer_bytes(const Schema& raster, std::int64_t n_threads) {
  if (raster.rank() < 2 || raster.rank() > 3 || raster.n_cells() == 0) return 0;
  const WriterOptions options;
  const Pyramid pyramid(with_bands(raster.shape), options.tile, false, true);
  const auto item = static_cast<std::int64_t>(item_size(raster.dtype));
  const std::int64_t tile = pyramid.tile_cells() * item;
  std::int64_t n_tiles = 0;
  for (std::size_t l = 0; l < pyramid.levels().size(); ++l) n_tiles += pyramid.n_tiles(l);
  return std::min(options.memory_bytes, n_tiles * tile) + n_threads * kTilesInWork * tile +
         kFinishBytes + n_tiles * kBytesPerTile;
}

std::unique_ptr<DatasetWriter> make_writer(const std::string& path, const WriterOptions& options) {
  // Refuses a folder that cannot be written to before work begins.
  const ScratchFile probe(path);
  return std::make_unique<GeoTiffWriter>(path, options);
}

std::unique_ptr<DatasetWriter> create(const std::string& path, const CreateOptions& options) {
  if (!options.group.empty() && options.group != "/") {
    throw Error(Errc::unsupported, "'{}': a GeoTIFF has no groups: '{}' was asked for", path,
                options.group);
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::none)
    throw error_from_errno(error.value(), "cannot write GeoTIFF", path);
  if (fs::is_directory(status))
    throw Error(Errc::invalid_argument, "'{}' is a folder: expected the name of a file", path);
  if (!options.overwrite && fs::exists(status)) {
    throw Error(Errc::invalid_argument,
                "'{}' exists: choose another name, or replace it with --overwrite", path);
  }
  WriterOptions own;
  own.has_overviews = options.cloud_optimized;
  if (!options.resampling.empty()) own.resampling = parse_resampling(options.resampling);
  own.is_pixel_interleaved = is_pixel_interleave(options.interleave);
  own.overwrite = options.overwrite;
  return make_writer(path, own);
}

}  // namespace rastream::geotiff
