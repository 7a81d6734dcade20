// SPDX-License-Identifier: Apache-2.0
// netcdf-c writes everything that is small, so that the layout is its own; the chunks of the large
// variables go past it, compressed on other threads, through H5Dwrite_chunk.
#include "rastream/format/daymet_like_file.h"

#include <hdf5.h>
#include <libdeflate.h>
#include <netcdf.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "rastream/base/error.h"
#include "rastream/format/daymet_like_weather.h"
#include "rastream/geo/calendar.h"

namespace rastream {
namespace {

void check(int status, const std::string& path) {
  if (status == NC_NOERR) return;
  const bool is_full = status == ENOSPC || status == NC_EHDFERR;
  throw Error(is_full ? Errc::unavailable : Errc::internal, "cannot write '{}': {}", path,
              nc_strerror(status));
}

/// The definitions and the small variables of one file, by netcdf-c.
class Definition {
 public:
  Definition(const std::string& path, const DaymetGrid& grid, const DaymetStorage& storage)
      : path_(path), grid_(grid), storage_(storage) {
    check(nc_create(path.c_str(), NC_NETCDF4 | NC_CLOBBER, &nc_), path);
  }
  ~Definition() {
    if (nc_ >= 0) nc_close(nc_);
  }
  Definition(const Definition&) = delete;
  Definition& operator=(const Definition&) = delete;

  void write(const DaymetVariable& variable, int year) {
    define_dimensions();
    const int x = coordinate("x", {x_}, {grid_.nx}, "m", "x coordinate of projection",
                             "projection_x_coordinate");
    const int y = coordinate("y", {y_}, {grid_.ny}, "m", "y coordinate of projection",
                             "projection_y_coordinate");
    const std::vector<std::int64_t> tile = {storage_.chunk[0], storage_.chunk[1]};
    coordinate("lat", {y_, x_}, tile, "degrees_north", "latitude coordinate", "latitude");
    coordinate("lon", {y_, x_}, tile, "degrees_east", "longitude coordinate", "longitude");
    const int time = define_time();
    const int yearday = chunked("yearday", NC_SHORT, {time_}, {1});
    text(yearday, "long_name", "day of year (DOY) starting with day 1 on Januaray 1st");
    const int bounds = chunked("time_bnds", NC_FLOAT, {time_, nv_}, {1, 2});
    define_projection();
    define_data(variable);
    define_globals(year);
    check(nc_enddef(nc_), path_);
    write_plane(x, y);
    write_time(time, yearday, bounds, year);
    const int id = nc_;
    nc_ = -1;
    check(nc_close(id), path_);
  }

 private:
  void define_dimensions() {
    check(nc_def_dim(nc_, "x", static_cast<std::size_t>(grid_.nx), &x_), path_);
    check(nc_def_dim(nc_, "y", static_cast<std::size_t>(grid_.ny), &y_), path_);
    check(nc_def_dim(nc_, "time", NC_UNLIMITED, &time_), path_);
    check(nc_def_dim(nc_, "nv", 2, &nv_), path_);
  }

  void text(int variable, const char* name, const std::string& value) {
    check(nc_put_att_text(nc_, variable, name, value.size(), value.c_str()), path_);
  }

  int chunked(const char* name, nc_type type, std::vector<int> dims,
              std::vector<std::int64_t> chunk, bool shuffle = false) {
    int id = 0;
    check(nc_def_var(nc_, name, type, static_cast<int>(dims.size()), dims.data(), &id), path_);
    const std::vector<std::size_t> sizes(chunk.begin(), chunk.end());
    check(nc_def_var_chunking(nc_, id, NC_CHUNKED, sizes.data()), path_);
    check(nc_def_var_deflate(nc_, id, shuffle ? 1 : 0, 1, storage_.deflate_level), path_);
    return id;
  }

  int coordinate(const char* name, std::vector<int> dims, std::vector<std::int64_t> chunk,
                 const char* units, const char* long_name, const char* standard_name) {
    const int id = chunked(name, NC_FLOAT, std::move(dims), std::move(chunk));
    text(id, "units", units);
    text(id, "long_name", long_name);
    text(id, "standard_name", standard_name);
    return id;
  }

  int define_time() {
    const int id = chunked("time", NC_FLOAT, {time_}, {1});
    text(id, "standard_name", "time");
    text(id, "calendar", "standard");
    text(id, "units", "days since 1950-01-01 00:00:00");
    text(id, "bounds", "time_bnds");
    text(id, "long_name", "24-hour day based on local time");
    return id;
  }

  void define_projection() {
    int id = 0;
    check(nc_def_var(nc_, "lambert_conformal_conic", NC_SHORT, 0, nullptr, &id), path_);
    for (const auto& [name, value] : daymet_grid_mapping()) {
      if (const auto* word = std::get_if<std::string>(&value)) {
        text(id, name.c_str(), *word);
      } else {
        const auto& numbers = std::get<Numbers>(value).floats;
        check(nc_put_att_double(nc_, id, name.c_str(), NC_DOUBLE, numbers.size(), numbers.data()),
              path_);
      }
    }
  }

  void define_data(const DaymetVariable& v) {
    const int id = chunked(v.name, NC_FLOAT, {time_, y_, x_},
                           {1, storage_.chunk[0], storage_.chunk[1]}, storage_.shuffle);
    check(nc_put_att_float(nc_, id, "_FillValue", NC_FLOAT, 1, &kDaymetFill), path_);
    text(id, "long_name", v.long_name);
    text(id, "units", v.units);
    check(nc_put_att_float(nc_, id, "missing_value", NC_FLOAT, 1, &kDaymetFill), path_);
    text(id, "coordinates", "lat lon");
    text(id, "grid_mapping", "lambert_conformal_conic");
    text(id, "cell_methods", v.cell_methods);
  }

  void define_globals(int year) {
    const auto start_year = static_cast<short>(year);
    check(nc_put_att_short(nc_, NC_GLOBAL, "start_year", NC_SHORT, 1, &start_year), path_);
    text(NC_GLOBAL, "source", "rastream: synthetic values in the layout of Daymet V4");
    text(NC_GLOBAL, "Version_software", "Daymet Software Version 4.0");
    text(NC_GLOBAL, "Version_data", "Daymet Data Version 4.0");
    text(NC_GLOBAL, "Conventions", "CF-1.6");
    text(NC_GLOBAL, "citation", "Synthetic data: not to be cited");
    text(NC_GLOBAL, "references", "https://daymet.ornl.gov describes the real data");
  }

  void write_plane(int x, int y) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < grid_.nx; ++i) values.push_back(static_cast<float>(grid_.x(i)));
    check(nc_put_var_float(nc_, x, values.data()), path_);
    values.clear();
    for (std::int64_t j = 0; j < grid_.ny; ++j) values.push_back(static_cast<float>(grid_.y(j)));
    check(nc_put_var_float(nc_, y, values.data()), path_);
  }

  void write_time(int time, int yearday, int bounds, int year) {
    const auto first = static_cast<float>(day_number(Calendar::standard, {year, 1, 1}) -
                                          day_number(Calendar::standard, {1950, 1, 1}));
    std::vector<float> noons;
    std::vector<float> edges;
    std::vector<short> days;
    for (int t = 0; t < kDaymetDays; ++t) {
      const float midnight = first + static_cast<float>(t);
      noons.push_back(midnight + 0.5F);
      edges.insert(edges.end(), {midnight, midnight + 1});
      days.push_back(static_cast<short>(t + 1));
    }
    const std::size_t start[2] = {0, 0};
    const std::size_t count[2] = {kDaymetDays, 2};
    check(nc_put_vara_float(nc_, time, start, count, noons.data()), path_);
    check(nc_put_vara_short(nc_, yearday, start, count, days.data()), path_);
    check(nc_put_vara_float(nc_, bounds, start, count, edges.data()), path_);
  }

  std::string path_;
  const DaymetGrid& grid_;
  const DaymetStorage& storage_;
  int nc_ = -1;
  int x_ = 0, y_ = 0, time_ = 0, nv_ = 0;
};

std::vector<std::byte> shuffled(std::span<const float> cells) {
  const auto bytes = std::as_bytes(cells);
  std::vector<std::byte> out(bytes.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t b = 0; b < sizeof(float); ++b)
      out[b * cells.size() + i] = bytes[i * sizeof(float) + b];
  }
  return out;
}

/// This thread's compressor. It is kept because it is large: making one costs as much as a small
/// chunk.
libdeflate_compressor* compressor_of(int level) {
  struct Free {
    void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
  };
  thread_local std::unique_ptr<libdeflate_compressor, Free> compressor;
  thread_local int compressor_level = 0;
  if (!compressor || compressor_level != level) {
    compressor.reset(libdeflate_alloc_compressor(level));
    compressor_level = level;
  }
  if (!compressor) throw Error(Errc::internal, "libdeflate has no compressor of level {}", level);
  return compressor.get();
}

hid_t open_dataset(hid_t file, const char* name, const std::string& path) {
  const hid_t id = H5Dopen2(file, name, H5P_DEFAULT);
  if (id < 0) throw Error(Errc::internal, "'{}': variable '{}' cannot be opened again", path, name);
  return id;
}

}  // namespace

Bytes deflated_chunk(std::span<const float> cells, bool shuffle, int level) {
  libdeflate_compressor* compressor = compressor_of(level);
  const auto moved = shuffle ? shuffled(cells) : std::vector<std::byte>{};
  const auto in = shuffle ? std::span<const std::byte>(moved) : std::as_bytes(cells);
  const Buffer out(libdeflate_zlib_compress_bound(compressor, in.size()));
  const std::size_t n =
      libdeflate_zlib_compress(compressor, in.data(), in.size(), out.data(), out.size());
  if (n == 0) throw Error(Errc::internal, "libdeflate did not compress {} bytes", in.size());
  return {out.data(), out.data() + n};
}

DaymetFile::DaymetFile(std::string path, const DaymetVariable& variable, const DaymetGrid& grid,
                       int year, const DaymetStorage& storage)
    : path_(std::move(path)), partial_(path_ + ".partial") {
  try {
    Definition(partial_, grid, storage).write(variable, year);
    open(variable.name, grid);
  } catch (...) {
    abandon();
    throw;
  }
}

void DaymetFile::open(const char* variable, const DaymetGrid& grid) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  file_ = H5Fopen(partial_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  if (file_ < 0)
    throw Error(Errc::unavailable, "'{}' cannot be opened again for writing", partial_);
  latitude_ = open_dataset(file_, "lat", partial_);
  longitude_ = open_dataset(file_, "lon", partial_);
  data_ = open_dataset(file_, variable, partial_);
  const hsize_t extent[3] = {kDaymetDays, static_cast<hsize_t>(grid.ny),
                             static_cast<hsize_t>(grid.nx)};
  if (H5Dset_extent(data_, extent) < 0)
    throw Error(Errc::internal, "'{}' cannot be extended", partial_);
}

DaymetFile::~DaymetFile() { abandon(); }

void DaymetFile::abandon() {
  close();
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
}

void DaymetFile::close() {
  for (std::int64_t* id : {&latitude_, &longitude_, &data_}) {
    if (*id >= 0) H5Dclose(*id);
    *id = -1;
  }
  if (file_ >= 0) H5Fclose(file_);
  file_ = -1;
}

void DaymetFile::write(std::int64_t dataset, const std::vector<std::uint64_t>& offset,
                       std::span<const std::byte> chunk) {
  const std::vector<hsize_t> at(offset.begin(), offset.end());
  if (H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, at.data(), chunk.size(), chunk.data()) < 0) {
    throw Error(Errc::unavailable,
                "a chunk of {} bytes cannot be written to '{}': is the disk full?", chunk.size(),
                partial_);
  }
}

void DaymetFile::write_latitude(std::int64_t y, std::int64_t x, std::span<const std::byte> chunk) {
  write(latitude_, {static_cast<std::uint64_t>(y), static_cast<std::uint64_t>(x)}, chunk);
}

void DaymetFile::write_longitude(std::int64_t y, std::int64_t x, std::span<const std::byte> chunk) {
  write(longitude_, {static_cast<std::uint64_t>(y), static_cast<std::uint64_t>(x)}, chunk);
}

void DaymetFile::write_day(int day, std::int64_t y, std::int64_t x,
                           std::span<const std::byte> chunk) {
  write(data_,
        {static_cast<std::uint64_t>(day), static_cast<std::uint64_t>(y),
         static_cast<std::uint64_t>(x)},
        chunk);
}

void DaymetFile::finish() {
  if (H5Fflush(file_, H5F_SCOPE_GLOBAL) < 0) {
    throw Error(Errc::unavailable, "'{}' cannot be flushed: is the disk full?", partial_);
  }
  close();
  if (std::rename(partial_.c_str(), path_.c_str()) != 0)
    throw error_from_errno(errno, "cannot rename to", path_);
}

}  // namespace rastream
