// SPDX-License-Identifier: Apache-2.0
// Makes daily weather files with the exact layout of Daymet V4 on Daymet's own grids, and a STAC
// catalog of them, so that tests, demonstrations and benchmarks need no download. The values are
// synthetic: a climate by latitude, height and season, weather that moves, and a rough coast line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace rastream {

struct DaymetLikeOptions {
  std::string folder;         ///< receives catalog.json, the collection, its items and their files
  std::string region = "na";  ///< "na", "hi" or "pr"
  /// Window of the region's grid, in its 1 km cells; nx or ny of 0 means up to the edge.
  std::int64_t x0 = 0, y0 = 0, nx = 0, ny = 0;
  std::int64_t stride = 1;  ///< every n-th cell of the window is kept; cells grow to n km
  int first_year = 1980;
  int last_year = 1980;
  double fill_share = -1;  ///< share of cells without data, 0 to 1; < 0: as the coast line has it
  std::uint64_t seed = 7;
  bool shuffle = false;                         ///< the real files have no shuffle filter
  int deflate_level = 4;                        ///< 1 to 9; the real files have 4
  std::int64_t chunk_y = 1000, chunk_x = 1000;  ///< stored chunks are 1 day x chunk_y x chunk_x
  int n_threads = 0;                            ///< 0: one a core
  bool overwrite = false;  ///< replace files that exist; else they are invalid_argument
  /// Called after each day of each year from one thread at a time; an exception ends the work.
  std::function<void(std::int64_t n_done, std::int64_t n_total)> progress;
};

/// Writes daymet_v4_daily_{region}_{tmin,tmax,dayl}_{year}.nc and items {region}-{year} of
/// collection daymet-daily-v4. The same options give the same bytes for any number of threads, and
/// the same values for a cell in any window and chunk shape (but for a `fill_share`, which is of
/// the window).
///
/// Memory: 4 bytes a cell of the window and some 40 bytes a cell of a chunk for each thread.
/// Thread safety: libhdf5 must not be used elsewhere in the process meanwhile.
/// Throws invalid_argument for options that do not fit and for files that exist, unavailable when
/// the disk is full. Nothing is under a final name before it is whole.
void make_daymet(const DaymetLikeOptions& options);

}  // namespace rastream
