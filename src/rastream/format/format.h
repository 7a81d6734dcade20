// SPDX-License-Identifier: Apache-2.0
// A file format: it opens a file as named variables with dims, dtypes, chunks and attributes, and
// reads stored cells of any region. Meaning (CF scale, fill, time) is added above, by
// ops/open_dataset.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/array/attributes.h"
#include "rastream/array/block.h"
#include "rastream/array/schema.h"

namespace rastream {

/// A variable as it is stored.
struct VariableInfo {
  std::string name;       ///< with its group path below the opened group: "tmin", "sub/tmin"
  Schema schema;          ///< stored dtype; chunks as stored (one chunk when contiguous)
  Attributes attributes;  ///< as stored, `_FillValue` included
  std::optional<double> fill_value;  ///< what an absent chunk reads as
  std::vector<std::string> codecs;   ///< for people: "deflate 4", "shuffle", "blosc lz4 5 shuffle"
  bool is_dimension_scale = false;
  /// Zarr: the shape of what is stored under one key, a chunk or a shard of many, which may be
  /// longer than the variable; else empty.
  Extents object_shape = {};
};

/// A variable that cannot be read.
struct RefusedVariable {
  std::string name;
  std::string reason;
};

struct DimensionInfo {
  std::string name;
  std::int64_t size = 0;
  bool is_unlimited = false;
};

/// Counters of one opened file, for read amplification and benchmarks.
struct ReadStatistics {
  std::int64_t n_chunks = 0;       ///< chunks decoded
  std::int64_t stored_bytes = 0;   ///< bytes read from the store
  std::int64_t decoded_bytes = 0;  ///< bytes after decompression
};

/// An open file or group. Immutable after opening; `read` is safe to call from many threads at
/// once.
class DatasetFile {
 public:
  virtual ~DatasetFile() = default;
  virtual const std::string& path() const = 0;
  virtual std::string_view format_name() const = 0;  ///< "netcdf4", "zarr", ...
  virtual const std::vector<DimensionInfo>& dimensions() const = 0;
  virtual const std::vector<VariableInfo>& variables() const = 0;
  virtual const Attributes& attributes() const = 0;
  virtual std::vector<std::string> groups() const = 0;  ///< names of the groups one level below
  /// Fills every cell of `out` (any strides) with stored values of `variable` (an index into
  /// variables()), converted to out.dtype. REQUIRES: out.region inside the variable. Throws
  /// data_loss naming file, variable and region for a chunk that is corrupt, truncated or lost.
  virtual void read(std::size_t variable, const Block& out) const = 0;
  /// Text cells of a string or char variable, in C order. Throws unsupported when it holds numbers.
  virtual std::vector<std::string> read_strings(std::size_t variable) const = 0;
  virtual ReadStatistics statistics() const = 0;
  /// Stored size in bytes of the chunks that `region` touches; nothing when that cannot be known
  /// without reading.
  virtual std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                                   const Region& region) const = 0;

  /// Variables that the file has but that are not among variables(), and why: "is compound".
  virtual std::vector<RefusedVariable> refused() const { return {}; }
  /// The reason of the refused variable `name`; nothing when there is none.
  std::optional<std::string> unsupported_reason(std::string_view name) const;

  /// Index of `name`; throws unsupported with the reason, or not_found naming the file and the
  /// variables that are there.
  std::size_t find_variable(std::string_view name) const;
};

/// What a new variable is to be; its cells follow by DatasetWriter::write.
struct VariableSpec {
  std::string name;
  Schema schema;  ///< dtype as stored; schema.chunks is the grid of what write() stores (regular)
  Attributes attributes;
  std::optional<double> fill_value;
  std::string compressor;     ///< "none", "zstd", "gzip", "blosc", "deflate"; "": the format's own
  int level = -1;             ///< the compressor's own default when < 0
  Extents inner_chunks = {};  ///< Zarr v3: chunks inside each chunk of the schema, which is
                              ///< then a shard (sharding_indexed); empty: no shards
  Extents begin = {};         ///< update_file: where the first cell goes in the stored variable
};

/// Writes a new dataset. Nothing is under the final name before finish(); a writer that is
/// destroyed before finish() leaves its staging data, so that the same run may resume. Thread
/// safety: write() from many threads; the rest from one.
class DatasetWriter {
 public:
  virtual ~DatasetWriter() = default;
  /// Declares a variable; returns its index.
  virtual std::size_t add(const VariableSpec& spec) = 0;
  virtual void set_attributes(const Attributes& attributes) = 0;
  /// Attributes of a group below ("sub/more"), which is made if no variable lies in it. A format
  /// without groups ignores them.
  virtual void set_group_attributes(const std::string& group, const Attributes& attributes) = 0;
  /// Text cells of a string variable (dtype string), in C order.
  virtual void write_strings(std::size_t variable, const std::vector<std::string>& cells) = 0;
  /// Stores one whole chunk: block.region must be a chunk of the variable's grid. Idempotent,
  /// atomic. Of update_file the grid is update_grid's, and chunks are numbered as there.
  virtual void write(std::size_t variable, const Block& block) = 0;
  /// True when that chunk was stored by an earlier run of the same work.
  virtual bool is_committed(std::size_t variable, std::int64_t chunk_number) const = 0;
  /// True when an earlier run of the same work has put everything under the final name, and died
  /// before it had tidied up: finish() does that.
  virtual bool is_finished() const { return false; }
  /// Post-condition: the dataset is whole, durable and under its final name. Throws internal when a
  /// chunk is missing.
  virtual void finish() = 0;
};

struct CreateOptions {
  std::string group;       ///< group inside the file ("" = root)
  bool overwrite = false;  ///< replace an existing dataset or group; else that is invalid_argument
  std::string run_id;      ///< a hash of the work: staging data with the same id is resumed, other
                           ///< staging data removed
  int zarr_format = 2;     ///< 2 or 3
  bool cloud_optimized = false;  ///< GeoTIFF: with overviews (COG)
  std::string resampling = {};   ///< of overviews: "nearest", "average", "mode"; "": by the cells
  std::string interleave = {};   ///< GeoTIFF: "band" (also ""), or "pixel": bands side by side
  std::vector<std::string> unlimited = {};  ///< NetCDF-4: dimensions that may grow later
};

/// A format in the table of format/registry.cpp.
struct Format {
  std::string_view name;
  std::vector<std::string_view> suffixes;
  /// True when the path's first bytes (or folder) look like this format. Never throws.
  bool (*probe)(const std::string& path);
  /// Opens `path` at `group` ("" = root).
  std::unique_ptr<DatasetFile> (*open)(const std::string& path, const std::string& group);
  /// nullptr when the format cannot be written.
  std::unique_ptr<DatasetWriter> (*create)(const std::string& path, const CreateOptions& options);
  /// See update_file; nullptr when files of this format cannot be changed.
  std::unique_ptr<DatasetWriter> (*update)(const std::string& path,
                                           const CreateOptions& options) = nullptr;
};

const std::vector<Format>& formats();
/// Opens a path, or the URL of any store, by magic, then suffix; path() is then its public_name().
/// Throws not_found, permission_denied, or data_loss "not a NetCDF, Zarr or GeoTIFF ...".
std::shared_ptr<DatasetFile> open_file(const std::string& path_or_url,
                                       const std::string& group = "");
/// Creates by suffix. Throws invalid_argument for an unknown one, naming those that are known.
std::unique_ptr<DatasetWriter> create_file(const std::string& path, const CreateOptions& options);
/// Changes cells of a dataset that exists, or lets it grow: add() names a variable that it has, and
/// `begin` with the shape the cells that will be written; cells beyond the stored shape make the
/// variable longer. All other cells, variables and attributes stay. Readers see the old dataset
/// until finish(), then the new one. Of `options` only group and run_id are used. Throws not_found,
/// and unsupported for a format that cannot be changed.
std::unique_ptr<DatasetWriter> update_file(const std::string& path, const CreateOptions& options);
/// The stored objects of `object_shape` as the cells `piece` of an array see them, in their own
/// index space: only the first and the last along a dimension may be cut. `piece` may reach beyond
/// the array as it is.
ChunkGrid update_grid(const Extents& object_shape, const Region& piece);

}  // namespace rastream
