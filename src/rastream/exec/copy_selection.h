// SPDX-License-Identifier: Apache-2.0
// What a copy of a file holds: which variables, which part of each, and how each is stored.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rastream/exec/dataset_tree.h"
#include "rastream/exec/place.h"

namespace rastream {

struct CopyOptions {
  std::string in_group;                        ///< group that is copied
  std::vector<std::string> variables;          ///< with their coordinates; {}: all
  std::map<std::string, IndexRange> windows;   ///< part of a dimension that is copied
  std::map<std::string, std::int64_t> chunks;  ///< chunk length by dimension; -1: whole
  std::map<std::string, std::int64_t> shards;  ///< Zarr v3: shard length by dimension; -1: whole
  std::optional<DType> dtype;                  ///< of stored cells of data variables
  std::string compressor;                      ///< "": the format's own
  int level = -1;
  std::string out_group;
  bool overwrite = false;
  int zarr_format = 2;
  WritePlace place;  ///< where in a dataset that exists the copy goes; its chunks and codecs stay
  std::string resampling;  ///< of a GeoTIFF's overviews; "": chosen by the cells
};

/// A variable of the source as it will be stored.
struct CopiedVariable {
  std::size_t source = 0;  ///< index in the source's variables()
  Region window;           ///< cells of the source
  VariableSpec spec;
  bool is_text() const { return spec.schema.dtype == DType::string; }
};

struct CopySelection {
  std::vector<CopiedVariable> variables;
  Attributes attributes;
  std::map<std::string, Attributes> groups;  ///< attributes of the groups below, by path
  /// Variables that the target's format has no place for.
  std::vector<std::string> left_out;
  /// Variables that nobody chose by name and that cannot be read.
  std::vector<RefusedVariable> refused;
};

/// True for a path that names a GeoTIFF by its suffix, which holds one raster and its grid.
bool is_raster_path(const std::string& path);

/// Names of the variables that others use as coordinates, bounds or grid mapping (CF 5, 7.1), and
/// of dimension coordinates.
std::vector<std::string> coordinate_names(const DatasetFile& file);

/// What goes from `file` into `out`. Chunks are those asked for, else as stored; stored ones below
/// 64 KiB or above 64 MiB, and those of one-dimensional variables, are replaced by chunks of about
/// 4 MiB. Throws not_found for a variable that is not there, invalid_argument for a chunk or
/// shard length or a dimension that does not fit and for several rasters that are to go into a
/// GeoTIFF.
CopySelection select_copy(const DatasetTree& file, const std::string& out,
                          const CopyOptions& options);

}  // namespace rastream
