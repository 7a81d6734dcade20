// SPDX-License-Identifier: Apache-2.0
// One file in the layout of Daymet V4 (NetCDF-4 in HDF5), written chunk by chunk as compressed
// bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rastream/array/chunk_grid.h"
#include "rastream/base/bytes.h"
#include "rastream/format/daymet_like_grid.h"

namespace rastream {

/// A Daymet variable as it is described in its file.
struct DaymetVariable {
  const char* name;
  const char* long_name;
  const char* units;
  const char* cell_methods;
};

inline constexpr int kDaymetDays = 365;

/// How the data variable is stored; all others are deflated alike, without shuffle.
struct DaymetStorage {
  Extents chunk;  ///< (y, x)
  bool shuffle = false;
  int deflate_level = 4;
};

/// HDF5's chunk filters: optionally shuffle (bytes of a kind together), then deflate in a zlib
/// stream.
Bytes deflated_chunk(std::span<const float> cells, bool shuffle, int level);

/// NOT safe to share between threads. The file is called path + ".partial" until finish().
class DaymetFile {
 public:
  /// Defines all variables and writes the coordinates along time, x and y.
  DaymetFile(std::string path, const DaymetVariable& variable, const DaymetGrid& grid, int year,
             const DaymetStorage& storage);
  ~DaymetFile();
  DaymetFile(const DaymetFile&) = delete;
  DaymetFile& operator=(const DaymetFile&) = delete;

  /// `y` and `x` are the chunk's first cell.
  void write_latitude(std::int64_t y, std::int64_t x, std::span<const std::byte> chunk);
  void write_longitude(std::int64_t y, std::int64_t x, std::span<const std::byte> chunk);
  void write_day(int day, std::int64_t y, std::int64_t x, std::span<const std::byte> chunk);
  /// Post-condition: the file is whole and under its name.
  void finish();

 private:
  void write(std::int64_t dataset, const std::vector<std::uint64_t>& offset,
             std::span<const std::byte> chunk);
  void open(const char* variable, const DaymetGrid& grid);
  void close();
  void abandon();

  std::string path_;
  std::string partial_;
  std::int64_t file_ = -1;
  std::int64_t latitude_ = -1, longitude_ = -1, data_ = -1;
};

}  // namespace rastream
