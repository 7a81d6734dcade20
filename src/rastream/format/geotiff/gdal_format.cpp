// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal_format.h"

#include <sys/stat.h>

#include <algorithm>

#include "rastream/format/geotiff/gdal_drivers.h"
#include "rastream/format/geotiff/raster_file.h"

namespace rastream {
namespace {

using geotiff::RasterName;

bool has_suffix_of_any_format(std::string_view path) {
  return std::any_of(formats().begin(), formats().end(), [&](const Format& f) {
    return std::any_of(f.suffixes.begin(), f.suffixes.end(),
                       [&](std::string_view suffix) { return path.ends_with(suffix); });
  });
}

bool is_regular(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
}

/// Only for names that say nothing.
bool probe(const std::string& path) {
  if (has_suffix_of_any_format(path) || !is_regular(path)) return false;
  geotiff::register_raster_drivers();
  const geotiff::CapturedErrors errors;
  std::vector<const char*> drivers;
  for (const std::string& name : geotiff::raster_drivers()) {
    // These take much for theirs that is not.
    if (name != "VRT" && name != "XYZ") drivers.push_back(name.c_str());
  }
  drivers.push_back(nullptr);
  return GDALIdentifyDriverEx(path.c_str(), GDAL_OF_RASTER, drivers.data(), nullptr) != nullptr;
}

std::unique_ptr<DatasetFile> open(const std::string& path, const std::string& group) {
  geotiff::register_raster_drivers();
  const RasterName name{path, geotiff::raster_drivers(), geotiff::overview_of_group(path, group)};
  return geotiff::open_raster(name, {"gdal", false});
}

}  // namespace

Format gdal_format() {
  return {"gdal",
          {".vrt",  ".jp2",     ".j2k",  ".jpx",   ".img",  ".asc", ".png",  ".jpg",  ".jpeg",
           ".grb",  ".grib",    ".grb2", ".grib2", ".gif",  ".bmp", ".webp", ".bil",  ".bip",
           ".bsq",  ".dem",     ".hgt",  ".dt0",   ".dt1",  ".dt2", ".ntf",  ".nitf", ".sdat",
           ".sgrd", ".ers",     ".pgm",  ".ppm",   ".pnm",  ".bt",  ".gtx",  ".gsb",  ".xyz",
           ".gpkg", ".mbtiles", ".N1",   ".cos",   ".fits", ".gxf", ".rsw",  ".tga",  ".xpm"},
          &probe,
          &open,
          nullptr};
}

}  // namespace rastream
