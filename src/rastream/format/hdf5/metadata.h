// SPDX-License-Identifier: Apache-2.0
// What libhdf5 and the rules of netCDF-4 say of one group of a file: dimensions, variables,
// attributes, subgroups. After this was read, cells are read without libhdf5. The rules: netCDF
// User's Guide, "Interoperability with HDF5".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rastream/array/attributes.h"
#include "rastream/format/format.h"
#include "rastream/format/hdf5/cells.h"
#include "rastream/format/hdf5/chunk_index.h"
#include "rastream/format/hdf5/filters.h"

namespace rastream {

/// How the cells of a dataset are typed in the file.
struct CellType {
  enum class Kind { number, fixed_text, variable_text };
  Kind kind = Kind::number;
  StoredCells cells;           ///< of numbers and bools
  std::size_t text_bytes = 0;  ///< of fixed_text
  bool is_char() const { return kind == Kind::fixed_text && text_bytes == 1; }
};

/// A dataset that can be read.
struct DatasetMetadata {
  VariableInfo info;                 ///< its schema has the netCDF shape and dims
  std::uint64_t header_address = 0;  ///< of the object header, relative to the superblock's base
  CellType type;
  Extents stored_shape;  ///< may be shorter than info.schema.shape along unlimited dimensions
  Extents limits;        ///< the largest shape it may grow to; kUnlimited
  Extents chunk_shape;   ///< rank 0 unless chunked
  FilterPipeline filters;
  CellBytes fill{};    ///< of chunks that were never written
  CellBytes beyond{};  ///< of cells past stored_shape
  bool has_external_files = false;
};

/// A dataset that cannot be read, and the reason: "is compound".
struct GroupMetadata {
  std::vector<DimensionInfo> dimensions;
  std::vector<DatasetMetadata> datasets;
  std::vector<RefusedVariable> refused;
  Attributes attributes;
  std::vector<std::string> groups;
};

/// Reads `group` ("" = root, "a/b") of the file, `file_bytes` long, under the library's lock.
/// Throws not_found when there is no such group, data_loss when the metadata is damaged.
GroupMetadata read_group_metadata(const std::string& path, const std::string& group,
                                  std::uint64_t file_bytes);

}  // namespace rastream
