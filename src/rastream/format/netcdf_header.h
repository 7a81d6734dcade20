// SPDX-License-Identifier: Apache-2.0
// The header of a classic NetCDF file as plain data.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/format/format.h"
#include "rastream/format/hdf5/cells.h"

namespace rastream {

/// A variable: what DatasetFile shows of it, and where its cells are.
struct ClassicVariable {
  VariableInfo info;
  FileArray array;       ///< of numbers; of chars, one byte each, the text dimension included
  Extents stored_shape;  ///< info.schema.shape, and the text dimension of chars
};

struct ClassicHeader {
  std::vector<DimensionInfo> dimensions;
  std::vector<ClassicVariable> variables;
  std::vector<RefusedVariable> refused;
  Attributes attributes;
};

/// True for "CDF" and a known version.
bool is_classic_netcdf(const FileBytes& file);

/// Throws data_loss when the file is no classic NetCDF file, its header is damaged, or it does not
/// hold the cells that the header describes.
ClassicHeader read_classic_header(const FileBytes& file);

}  // namespace rastream
