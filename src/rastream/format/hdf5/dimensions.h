// SPDX-License-Identifier: Apache-2.0
// The dimensions of a netCDF-4 group: HDF5 dimension scales, and phony_dim_N where a dataset has
// none, as netcdf-c names them. Callers hold LibraryLock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rastream/format/format.h"
#include "rastream/format/hdf5/chunk_index.h"
#include "rastream/format/hdf5/library.h"

namespace rastream {

/// An open dataset and what its shape and its netCDF marks say.
struct ScannedDataset {
  std::string name;
  Handle id;
  std::uint64_t address = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> limits;  ///< the largest shape; kUnlimited
  bool is_null = false;              ///< has no cells at all
  bool is_scale = false;
  bool is_only_dimension = false;  ///< "This is a netCDF dimension but not a netCDF variable"
};

/// The links of one group, opened, in creation order where the file keeps it. External links are
/// left out: a file must not make its reader open another one. So are soft links that lead nowhere.
struct ScannedGroup {
  std::vector<ScannedDataset> datasets;
  std::vector<std::string> groups;
};
ScannedGroup scan_group(hid_t group, std::uint64_t file_bytes);

/// The dimensions that variables of the last group of `chain` can use.
class Dimensions {
 public:
  struct Dimension {
    std::string name;
    std::int64_t size = 0;
    bool is_unlimited = false;
    std::uint64_t scale_address = 0;  ///< unused when phony
    std::optional<std::int64_t> id;   ///< _Netcdf4Dimid
    bool is_own = false;              ///< declared in the opened group
    bool is_phony = false;
    bool is_used = false;
  };

  /// `chain` is the root, ..., the opened group, whose datasets are `opened`.
  Dimensions(const std::vector<Handle>& chain, const ScannedGroup& opened,
             std::uint64_t file_bytes);

  /// Indices into all() of the axes of a dataset of the opened group; makes phony ones as needed.
  std::vector<std::size_t> of(const ScannedDataset& dataset);
  const std::vector<Dimension>& all() const { return dimensions_; }
  /// The opened group's own, and those of the groups above that were asked for.
  std::vector<DimensionInfo> infos() const;

 private:
  void add_scales(const ScannedGroup& group, bool is_own);
  std::vector<std::optional<std::size_t>> scales_of(const ScannedDataset& dataset) const;
  std::optional<std::size_t> find_id(std::int64_t id) const;
  std::optional<std::size_t> find_address(std::uint64_t address) const;
  std::size_t phony(const ScannedDataset& dataset, std::size_t axis,
                    const std::vector<std::size_t>& taken);
  void stretch_unlimited(const ScannedGroup& group);
  void stretch_below(hid_t group, int depth);

  std::vector<Dimension> dimensions_;
  std::uint64_t file_bytes_;
};

}  // namespace rastream
