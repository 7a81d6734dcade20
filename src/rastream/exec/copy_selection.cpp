// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/copy_selection.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "rastream/base/error.h"
#include "rastream/exec/convert_cells.h"
#include "rastream/geo/geotransform.h"

namespace rastream {
namespace {

constexpr std::int64_t kSmallChunk = std::int64_t{64} << 10;
constexpr std::int64_t kLargeChunk = std::int64_t{64} << 20;
constexpr std::int64_t kGoodChunk = std::int64_t{4} << 20;
/// Tiles of a new GeoTIFF.
constexpr std::int64_t kTile = 512;

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The names in an attribute such as `coordinates`; "a: x b: y" of an extended grid mapping too.
std::vector<std::string> words(const Attributes& attributes, const char* key) {
  std::istringstream stream(attributes.text(key).value_or(""));
  std::vector<std::string> out;
  for (std::string word; stream >> word;) {
    if (word.back() == ':') word.pop_back();
    out.push_back(word);
  }
  return out;
}

std::string folder_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash + 1);
}

std::string leaf_of(const std::string& name) { return name.substr(folder_of(name).size()); }

const VariableInfo* find(const DatasetFile& file, const std::string& name) {
  for (const VariableInfo& v : file.variables()) {
    if (v.name == name) return &v;
  }
  return nullptr;
}

/// The variable that `name` means when `user` mentions it: beside it, or else above.
const VariableInfo* find_mentioned(const DatasetFile& file, const VariableInfo& user,
                                   const std::string& name) {
  for (std::string folder = folder_of(user.name);;) {
    if (const VariableInfo* found = find(file, folder + name)) return found;
    if (folder.empty()) return nullptr;
    folder.pop_back();
    folder = folder_of(folder);
  }
}

/// What `v` needs to be understood: coordinates of its dimensions, and all that it names.
std::vector<const VariableInfo*> needs_of(const DatasetFile& file, const VariableInfo& v) {
  std::vector<std::string> names = v.schema.dims;
  for (const char* key : {"coordinates", "bounds", "grid_mapping"}) {
    for (std::string& word : words(v.attributes, key)) names.push_back(std::move(word));
  }
  std::vector<const VariableInfo*> out;
  for (const std::string& name : names) {
    const VariableInfo* found = find_mentioned(file, v, name);
    if (found && found != &v) out.push_back(found);
  }
  return out;
}

void add_with_needs(const DatasetFile& file, const VariableInfo& v,
                    std::set<const VariableInfo*>& chosen) {
  if (!chosen.insert(&v).second) return;
  for (const VariableInfo* needed : needs_of(file, v)) add_with_needs(file, *needed, chosen);
}

bool is_grid_mapping(const VariableInfo& v) {
  return v.schema.rank() == 0 &&
         (v.attributes.contains("grid_mapping_name") || v.attributes.contains("crs_wkt") ||
          v.attributes.contains("spatial_ref"));
}

/// The variables that are copied, in the file's order.
std::vector<const VariableInfo*> choose(const DatasetFile& file, const CopyOptions& options) {
  std::set<const VariableInfo*> chosen;
  for (const std::string& name : options.variables)
    add_with_needs(file, file.variables()[file.find_variable(name)], chosen);
  std::vector<const VariableInfo*> out;
  for (const VariableInfo& v : file.variables()) {
    if (options.variables.empty() || chosen.contains(&v)) out.push_back(&v);
  }
  return out;
}

/// Of `chosen` what a GeoTIFF holds: one raster, the coordinates of its last two dimensions, its
/// CRS.
std::vector<const VariableInfo*> choose_raster(const DatasetFile& file, const std::string& out,
                                               const std::vector<const VariableInfo*>& chosen,
                                               const CopyOptions& options,
                                               std::vector<std::string>& left_out) {
  const std::vector<std::string> coordinates = coordinate_names(file);
  std::vector<const VariableInfo*> rasters;
  std::vector<std::string> names;
  for (const VariableInfo* v : chosen) {
    const bool is_asked = holds(options.variables, v->name);
    if (v->schema.rank() < 2 || v->schema.dtype == DType::string) continue;
    const bool is_data = v->schema.n_cells() > 0 && !holds(coordinates, v->name);
    if (!is_asked && (!options.variables.empty() || !is_data)) continue;
    rasters.push_back(v);
    names.push_back(v->name);
  }
  if (rasters.size() != 1) {
    throw Error(Errc::invalid_argument,
                "'{}': a GeoTIFF holds one variable, and {} has {}: choose one with --variables{}, "
                "or write a .zarr",
                out, file.path(),
                names.empty() ? "none with two dimensions or more"
                              : fmt::format("{}", fmt::join(names, ", ")),
                names.empty() ? "" : " " + names.front());
  }
  std::vector<const VariableInfo*> kept;
  for (const VariableInfo* v : chosen) {
    const auto& all = rasters[0]->schema.dims;
    const std::vector<std::string> dims(all.end() - 2, all.end());
    const std::string leaf = leaf_of(v->name);
    const bool is_axis = v->schema.rank() == 1 && v->schema.dims[0] == leaf && holds(dims, leaf);
    const bool is_its_own = v == find_mentioned(file, *rasters[0], leaf);
    if (v == rasters[0] || (is_its_own && (is_axis || is_grid_mapping(*v))))
      kept.push_back(v);
    else
      left_out.push_back(v->name);
  }
  return kept;
}

/// Cuts a chunk shape that is far too large, and joins chunks that are far too small.
Extents sensible(Extents chunk, const Extents& shape, std::int64_t item_bytes) {
  const auto bytes = [&] { return product(chunk) * item_bytes; };
  if (bytes() > kLargeChunk) {
    for (std::size_t axis = 0; axis < chunk.size() && bytes() > kGoodChunk; ++axis) {
      const std::int64_t rest = std::max<std::int64_t>(1, bytes() / chunk[axis]);
      chunk[axis] = std::clamp<std::int64_t>(kGoodChunk / rest, 1, chunk[axis]);
    }
  } else if (bytes() < kSmallChunk) {
    for (std::size_t axis = chunk.size(); axis-- > 0;) {
      const std::int64_t rest =
          std::max<std::int64_t>(1, bytes() / std::max<std::int64_t>(1, chunk[axis]));
      const std::int64_t most = kGoodChunk / rest;
      if (most > chunk[axis]) chunk[axis] = std::min(shape[axis], most / chunk[axis] * chunk[axis]);
    }
  }
  return chunk;
}

ChunkGrid chunks_of(const VariableInfo& v, const Region& window, DType dtype, bool is_raster,
                    const CopyOptions& options) {
  const Extents shape = window.shape();
  Extents chunk = v.schema.chunks.max_chunk_shape();
  for (std::size_t i = 0; i < chunk.size(); ++i)
    chunk[i] = std::max<std::int64_t>(1, std::min(chunk[i], shape[i]));
  if (shape.size() == 1) chunk = shape;
  chunk =
      sensible(chunk, shape, static_cast<std::int64_t>(std::max<std::size_t>(1, item_size(dtype))));
  const std::size_t rank = shape.size();
  if (is_raster) {
    chunk = Extents(rank, 1);
    chunk[rank - 1] = chunk[rank - 2] = kTile;
  }
  // Labels stay in one piece whatever the chunks of the cells.
  const bool is_index = rank == 1 && v.schema.dims[0] == leaf_of(v.name);
  for (std::size_t i = 0; i < rank && !is_index; ++i) {
    const auto asked = options.chunks.find(v.schema.dims[i]);
    if (asked != options.chunks.end()) chunk[i] = asked->second < 0 ? shape[i] : asked->second;
    chunk[i] = std::max<std::int64_t>(1, std::min(chunk[i], shape[i]));
  }
  return ChunkGrid::regular(shape, chunk);
}

Region window_of(const VariableInfo& v, const CopyOptions& options) {
  Region window = v.schema.whole();
  for (std::size_t i = 0; i < window.rank(); ++i) {
    const auto it = options.windows.find(v.schema.dims[i]);
    if (it == options.windows.end()) continue;
    window.begin[i] = std::max<std::int64_t>(0, it->second.begin);
    window.end[i] = std::min(v.schema.shape[i], it->second.end);
  }
  return window;
}

/// The chunks go into shards of the lengths asked for, each a whole number of chunks.
void put_into_shards(VariableSpec& spec, const std::map<std::string, std::int64_t>& lengths) {
  const Extents& shape = spec.schema.shape;
  const Extents chunk = spec.schema.chunks.max_chunk_shape();
  Extents shard = chunk;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto asked = lengths.find(spec.schema.dims[i]);
    if (asked == lengths.end()) continue;
    shard[i] = asked->second < 0 ? shape[i] : asked->second;
    if (shard[i] < shape[i] && shard[i] % chunk[i] != 0) {
      throw Error(Errc::invalid_argument, "--shards {}={}: not a whole number of chunks of {}",
                  asked->first, asked->second, chunk[i]);
    }
    shard[i] = std::min(shard[i], shape[i]);
  }
  spec.inner_chunks = chunk;
  spec.schema.chunks = ChunkGrid::regular(shape, shard);
}

/// Only numbers of one part become other such numbers.
void check_conversion(const VariableInfo& v, DType dtype) {
  const auto has_one_part = [](DType d) { return d != DType::string && !is_complex(d); };
  if (has_one_part(v.schema.dtype) && has_one_part(dtype)) return;
  throw Error(
      Errc::invalid_argument,
      "--dtype: variable '{}' is {} and cannot become {}: expected real numbers and a dtype "
      "of real numbers",
      v.name, to_string(v.schema.dtype), to_string(dtype));
}

/// A grid mapping's GeoTransform tells where the first cell is: it moves with the window of the
/// last two dimensions, rows and columns, of what names the mapping. Where these are not known and
/// a raster is cut, it would be wrong.
void move_geotransforms(const DatasetFile& file, CopySelection& selection) {
  for (CopiedVariable& mapping : selection.variables) {
    Attributes& attributes = mapping.spec.attributes;
    const VariableInfo& info = file.variables()[mapping.source];
    const auto transform = parse_geotransform(attributes);
    if (!transform) continue;
    const CopiedVariable* raster = nullptr;
    bool is_cut = false;
    for (const CopiedVariable& v : selection.variables) {
      const VariableInfo& user = file.variables()[v.source];
      const std::size_t rank = v.window.rank();
      if (rank < 2) continue;
      is_cut = is_cut || v.window.size(rank - 1) < user.schema.shape[rank - 1] ||
               v.window.size(rank - 2) < user.schema.shape[rank - 2];
      for (const std::string& name : words(user.attributes, "grid_mapping")) {
        if (find_mentioned(file, user, name) == &info) raster = &v;
      }
    }
    if (!is_cut) continue;
    if (!raster) {
      attributes.erase("GeoTransform");
      continue;
    }
    const std::size_t rank = raster->window.rank();
    attributes.set("GeoTransform",
                   to_string(moved(*transform, static_cast<double>(raster->window.begin[rank - 1]),
                                   static_cast<double>(raster->window.begin[rank - 2]))));
  }
}

/// Groups below that are copied: all, or those in which a chosen variable lies.
std::map<std::string, Attributes> choose_groups(const DatasetTree& file,
                                                const std::vector<const VariableInfo*>& chosen,
                                                const CopyOptions& options) {
  if (options.variables.empty()) return file.groups_below();
  std::map<std::string, Attributes> out;
  for (const auto& [group, attributes] : file.groups_below()) {
    const bool is_used =
        std::any_of(chosen.begin(), chosen.end(),
                    [g = group + "/"](const VariableInfo* v) { return v->name.starts_with(g); });
    if (is_used) out[group] = attributes;
  }
  return out;
}

void check_lengths(const DatasetFile& file, std::string_view option,
                   const std::map<std::string, std::int64_t>& lengths) {
  for (const auto& [dim, length] : lengths) {
    const bool is_known =
        std::any_of(file.variables().begin(), file.variables().end(),
                    [&, d = dim](const VariableInfo& v) { return v.schema.has(d); });
    if (!is_known)
      throw Error(Errc::invalid_argument, "{}: {} has no dimension '{}'", option, file.path(), dim);
    if (length == 0 || length < -1) {
      throw Error(Errc::invalid_argument,
                  "{} {}={}: expected a number of cells, or -1 for all of them", option, dim,
                  length);
    }
  }
}

}  // namespace

bool is_raster_path(const std::string& path) {
  std::string lower = path;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.ends_with(".tif") || lower.ends_with(".tiff");
}

std::vector<std::string> coordinate_names(const DatasetFile& file) {
  std::vector<std::string> names;
  for (const VariableInfo& v : file.variables()) {
    if (v.schema.rank() == 1 && v.schema.dims[0] == v.name) names.push_back(v.name);
    for (const VariableInfo* needed : needs_of(file, v)) names.push_back(needed->name);
    if (is_grid_mapping(v)) names.push_back(v.name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

CopySelection select_copy(const DatasetTree& file, const std::string& out,
                          const CopyOptions& options) {
  check_lengths(file, "--chunks", options.chunks);
  check_lengths(file, "--shards", options.shards);
  const bool is_zarr = out.ends_with(".zarr") || out.ends_with(".zarr.zip");
  if (!options.shards.empty() && (!is_zarr || options.zarr_format != 3))
    throw Error(Errc::invalid_argument, "--shards: only Zarr v3 has shards: add --zarr-format 3");
  const bool to_raster = is_raster_path(out);
  if (!options.resampling.empty() && !to_raster)
    throw Error(Errc::invalid_argument, "--resampling: only a GeoTIFF has overviews, not '{}'",
                out);
  CopySelection selection;
  std::vector<const VariableInfo*> chosen = choose(file, options);
  if (options.variables.empty()) selection.refused = file.refused();
  if (to_raster) chosen = choose_raster(file, out, chosen, options, selection.left_out);
  const std::vector<std::string> coordinates = coordinate_names(file);
  for (const VariableInfo* v : chosen) {
    CopiedVariable copy;
    copy.source = static_cast<std::size_t>(v - file.variables().data());
    copy.window = window_of(*v, options);
    VariableSpec& spec = copy.spec;
    spec.name = to_raster ? leaf_of(v->name) : v->name;
    spec.attributes = v->attributes;
    spec.compressor = options.compressor;
    spec.level = options.level;
    const bool is_data = v->schema.rank() > 0 && v->schema.dtype != DType::string &&
                         (!holds(coordinates, v->name) || holds(options.variables, v->name));
    const DType dtype = is_data && options.dtype ? *options.dtype : v->schema.dtype;
    if (dtype != v->schema.dtype) {
      check_conversion(*v, dtype);
      spec.attributes = convert_attributes(v->attributes, dtype, v->name);
    }
    const bool is_raster = to_raster && v->schema.rank() >= 2;
    spec.schema = make_schema(v->schema.dims, copy.window.shape(), dtype,
                              chunks_of(*v, copy.window, dtype, is_raster, options));
    if (is_data && !options.shards.empty()) put_into_shards(spec, options.shards);
    // Zarr v2 has one value for absent chunks and for no data, so a fill value that was only the
    // former would hide cells; where `_FillValue` is given, writers take it from there.
    if (options.zarr_format == 3 && !spec.attributes.contains("_FillValue") &&
        dtype == v->schema.dtype)
      spec.fill_value = v->fill_value;
    if (file.format_name() == "geotiff") spec.attributes.erase("overviews");
    selection.variables.push_back(std::move(copy));
  }
  move_geotransforms(file, selection);
  selection.attributes = file.attributes();
  if (!to_raster) selection.groups = choose_groups(file, chosen, options);
  return selection;
}

}  // namespace rastream
