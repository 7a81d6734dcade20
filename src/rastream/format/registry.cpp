// SPDX-License-Identifier: Apache-2.0
// The table of formats: a new one is an include and a line here.
#include <sys/stat.h>

#include <cerrno>

#include "rastream/base/error.h"
#include "rastream/format/complex_pairs.h"
#include "rastream/format/format.h"
#include "rastream/format/geotiff/gdal_format.h"
#include "rastream/format/geotiff/geotiff.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/netcdf.h"
#include "rastream/format/raw/raw_file.h"
#include "rastream/format/zarr/zarr_file.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/public_name.h"

namespace rastream {
namespace {

bool has_suffix(const Format& format, std::string_view path) {
  if (is_remote(path)) path = path.substr(0, path.find_first_of("?#"));
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  for (const std::string_view suffix : format.suffixes) {
    if (path.size() > suffix.size() && path.ends_with(suffix)) return true;
  }
  return false;
}

const Format* find_by_suffix(std::string_view path) {
  for (const Format& format : formats()) {
    if (has_suffix(format, path)) return &format;
  }
  return nullptr;
}

/// What is in the file counts for more than its name.
const Format* find_format(const std::string& path) {
  for (const Format& format : formats()) {
    if (format.probe(path)) return &format;
  }
  return find_by_suffix(path);
}

/// A server that does not answer is an error at once, rather than waited for by every format. Any
/// other answer may mean a folder.
void check_answers(const std::string& url) {
  try {
    open_bytes(url);
  } catch (Error& e) {
    if (e.code() == Errc::unavailable) throw e.add_context("opening '" + url + "'");
  }
}

void check_exists(const std::string& path) {
  if (is_remote(path)) return check_answers(path);
  struct stat info {};
  const bool is_part_of_name =
      path.find("://") != std::string::npos || complex_pairs_format().probe(path);
  if (!is_part_of_name && ::stat(path.c_str(), &info) != 0) {
    throw error_from_errno(errno, "open", path);
  }
}

std::string known_suffixes() {
  std::string out;
  for (const Format& format : formats()) {
    for (const std::string_view suffix : format.suffixes) {
      if (format.create) out += fmt::format("{}{}", out.empty() ? "" : ", ", suffix);
    }
  }
  return out;
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> table = {
      netcdf4_format(),  netcdf_classic_format(), zarr_format(),
      zarr_zip_format(), reference_format(),      raw_format(),
      npy_format(),      doris_format(),          complex_pairs_format(),
      geotiff_format(),  gdal_format(),
  };
  return table;
}

std::shared_ptr<DatasetFile> open_file(const std::string& path_or_url, const std::string& group) {
  const std::string path = public_name(path_or_url);
  check_exists(path);
  const Format* format = find_format(path);
  if (!format)
    throw Error(Errc::data_loss,
                "'{}' is not a NetCDF, HDF5, Zarr, GeoTIFF or other raster dataset", path);
  return format->open(path, group);
}

std::unique_ptr<DatasetWriter> create_file(const std::string& path, const CreateOptions& options) {
  const Format* format = find_by_suffix(path);
  if (format && format->create) return format->create(path, options);
  throw Error(Errc::invalid_argument,
              "'{}': cannot tell from the name what to write: expected one of {}", path,
              known_suffixes());
}

std::unique_ptr<DatasetWriter> update_file(const std::string& path, const CreateOptions& options) {
  check_exists(path);
  const Format* format = find_format(path);
  if (format && format->update) return format->update(path, options);
  throw Error(Errc::unsupported, "'{}': only a Zarr store in a folder can be changed in place",
              path);
}

}  // namespace rastream
