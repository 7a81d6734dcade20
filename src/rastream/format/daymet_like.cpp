// SPDX-License-Identifier: Apache-2.0
// A year is written as a row of tasks: first the chunks of lat and lon, then day by day the chunks
// of the data. Tasks compute and compress on all threads; the bytes reach the files in order.
#include "rastream/format/daymet_like.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <thread>

#include "rastream/array/chunk_grid.h"
#include "rastream/base/error.h"
#include "rastream/format/daymet_like_catalog.h"
#include "rastream/format/daymet_like_file.h"
#include "rastream/format/daymet_like_grid.h"
#include "rastream/format/daymet_like_land.h"
#include "rastream/format/daymet_like_weather.h"
#include "rastream/format/ordered_work.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

constexpr std::array<DaymetVariable, 3> kVariables = {{
    {"tmin", "daily minimum temperature", "degrees C", "area: mean time: minimum"},
    {"tmax", "daily maximum temperature", "degrees C", "area: mean time: maximum"},
    {"dayl", "daylength", "s", "area: mean"},
}};

using Packed = std::array<Bytes, kVariables.size()>;  // lat and lon use the first two

void check_options(const DaymetLikeOptions& o) {
  const auto refuse = [](const char* what) {
    throw Error(Errc::invalid_argument, "make_daymet: {}", what);
  };
  if (o.folder.empty()) refuse("a folder is needed");
  if (o.first_year < 1950 || o.last_year > 2100 || o.first_year > o.last_year) {
    refuse("years must rise within 1950 to 2100");
  }
  if (!(o.fill_share <= 1)) refuse("fill_share must be at most 1");
  if (o.chunk_x < 1 || o.chunk_y < 1) refuse("chunks must have at least one cell");
  if (o.deflate_level < 1 || o.deflate_level > 9) refuse("deflate_level must be within 1 to 9");
  if (o.n_threads < 0 || o.n_threads > 1024) refuse("n_threads must be within 0 to 1024");
}

/// Makes the chunks of one set; what it holds is constant and shared by all threads.
class Maker {
 public:
  explicit Maker(const DaymetLikeOptions& options)
      : options_(options),
        grid_(daymet_grid(options)),
        storage_({{std::min(options.chunk_y, grid_.ny), std::min(options.chunk_x, grid_.nx)},
                  options.shuffle,
                  options.deflate_level}),
        chunks_(ChunkGrid::regular({grid_.ny, grid_.nx}, storage_.chunk)),
        n_threads_(options.n_threads > 0
                       ? options.n_threads
                       : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))),
        land_(make_land(grid_, options.fill_share, options.seed, n_threads_)) {
    const std::vector<float> fill(static_cast<std::size_t>(product(storage_.chunk)), kDaymetFill);
    packed_fill_ = packed(fill);
  }

  const DaymetGrid& grid() const { return grid_; }

  void make_year(int year, const std::function<void()>& on_day) const {
    std::array<std::optional<DaymetFile>, kVariables.size()> files;
    for (std::size_t v = 0; v < files.size(); ++v) {
      files[v].emplace(file_path(year, v), kVariables[v], grid_, year, storage_);
    }
    const std::int64_t n = chunks_.n_chunks();
    Weather weather(grid_, year, options_.seed, n_threads_);
    const auto prepare = [&](std::int64_t task) {
      const Region cells = chunks_.chunk_region(task % n);
      if (task < n) return packed_place(cells);
      const int day = static_cast<int>(task / n) - 1;
      return packed_day(*weather.day(day), day, cells);
    };
    const auto commit = [&](std::int64_t task, const Packed& packed) {
      const Region cells = chunks_.chunk_region(task % n);
      for (std::size_t v = 0; v < files.size(); ++v) {
        if (task < n)
          write_place(*files[v], cells, packed);
        else
          files[v]->write_day(static_cast<int>(task / n) - 1, cells.begin[0], cells.begin[1],
                              packed[v]);
      }
      if (task >= n && task % n == n - 1) on_day();
    };
    run_ordered(n_threads_, n * (kDaymetDays + 1), prepare, commit);
    for (auto& file : files) file->finish();
  }

  std::string file_path(int year, std::size_t variable) const {
    const fs::path folder = daymet_item_folder(options_.folder, grid_.region, year);
    return (folder / daymet_file_name(grid_.region, kVariables[variable].name, year)).string();
  }

 private:
  static void write_place(DaymetFile& file, const Region& cells, const Packed& packed) {
    file.write_latitude(cells.begin[0], cells.begin[1], packed[0]);
    file.write_longitude(cells.begin[0], cells.begin[1], packed[1]);
  }

  /// Latitudes and longitudes of a chunk, compressed; cells outside the grid hold 0.
  Packed packed_place(const Region& cells) const {
    const CoordinateTransform transform(*grid_.geobox().crs, Crs::from_user_input("EPSG:4326"));
    std::vector<float> lat(static_cast<std::size_t>(product(storage_.chunk)));
    std::vector<float> lon(lat.size());
    std::vector<double> x(static_cast<std::size_t>(cells.size(1)));
    std::vector<double> y(x.size());
    for (std::int64_t j = cells.begin[0]; j < cells.end[0]; ++j) {
      for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = grid_.x(cells.begin[1] + static_cast<std::int64_t>(i));
      std::fill(y.begin(), y.end(), grid_.y(j));
      transform.forward(x, y);
      const std::int64_t row = (j - cells.begin[0]) * storage_.chunk[1];
      std::copy(y.begin(), y.end(), lat.begin() + row);
      std::copy(x.begin(), x.end(), lon.begin() + row);
    }
    return {deflated_chunk(lat, false, storage_.deflate_level),
            deflated_chunk(lon, false, storage_.deflate_level), Bytes{}};
  }

  Bytes packed(std::span<const float> cells) const {
    return deflated_chunk(cells, storage_.shuffle, storage_.deflate_level);
  }

  Packed packed_day(const Weather::Day& weather, int day, const Region& cells) const {
    const auto n = static_cast<std::size_t>(product(storage_.chunk));
    std::array<Buffer, kVariables.size()> memory = {
        Buffer(n * sizeof(float)), Buffer(n * sizeof(float)), Buffer(n * sizeof(float))};
    const auto field = [&](std::size_t v) {
      return std::span(reinterpret_cast<float*>(memory[v].data()), n);
    };
    const DailyChunk chunk{field(0), field(1), field(2)};
    if (!make_daily_chunk(grid_, land_, weather, day, cells, storage_.chunk[1], chunk)) {
      return {packed_fill_, packed_fill_, packed_fill_};
    }
    return {packed(chunk.tmin), packed(chunk.tmax), packed(chunk.dayl)};
  }

  const DaymetLikeOptions& options_;
  DaymetGrid grid_;
  DaymetStorage storage_;
  ChunkGrid chunks_;
  int n_threads_;
  Land land_;
  Bytes packed_fill_;
};

/// Refuses before any work is done.
void check_files(const DaymetLikeOptions& options) {
  for (int year = options.first_year; year <= options.last_year; ++year) {
    const fs::path folder = daymet_item_folder(options.folder, options.region, year);
    for (const auto& v : kVariables) {
      const fs::path path = folder / daymet_file_name(options.region, v.name, year);
      if (!options.overwrite && fs::exists(path)) {
        throw Error(Errc::invalid_argument,
                    "'{}' exists: choose another folder, or replace it with --overwrite", path.string());
      }
    }
  }
}

void make_folder(const std::string& path) {
  std::error_code ec;
  fs::create_directories(path, ec);
  if (ec) throw error_from_errno(ec.value(), "cannot make the folder", path);
}

}  // namespace

void make_daymet(const DaymetLikeOptions& options) {
  check_options(options);
  check_files(options);
  const Maker maker(options);
  const std::int64_t n_total =
      std::int64_t{kDaymetDays} * (options.last_year - options.first_year + 1);
  std::int64_t n_done = 0;
  for (int year = options.first_year; year <= options.last_year; ++year) {
    make_folder(daymet_item_folder(options.folder, options.region, year));
    maker.make_year(year, [&] {
      ++n_done;
      if (options.progress) options.progress(n_done, n_total);
    });
    write_daymet_item(options.folder, maker.grid(), year, {"tmin", "tmax", "dayl"});
    write_daymet_catalog(options.folder);
  }
}

}  // namespace rastream
