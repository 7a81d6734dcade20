// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/geotiff.h"

#include "rastream/format/file_bytes.h"
#include "rastream/format/geotiff/raster_file.h"

namespace rastream {

bool geotiff::probe(const std::string& path) {
  const std::string magic = first_bytes(path, 4);
  if (magic.size() < 4) return false;
  // TIFF 6.0 section 2: byte order and 42; BigTIFF: 43.
  const bool is_little =
      magic[0] == 'I' && magic[1] == 'I' && (magic[2] == 42 || magic[2] == 43) && magic[3] == 0;
  const bool is_big =
      magic[0] == 'M' && magic[1] == 'M' && magic[2] == 0 && (magic[3] == 42 || magic[3] == 43);
  return is_little || is_big;
}

std::unique_ptr<DatasetFile> geotiff::open(const std::string& path, const std::string& group) {
  register_drivers();
  const RasterName name{path, {"GTiff"}, overview_of_group(path, group)};
  // Says first when there is no such file.
  const HandlePool pool(name);
  if (!probe(path))
    throw Error(Errc::data_loss, "'{}' is not a TIFF file: its first bytes are others", path);
  return open_raster(name, {"geotiff", true});
}

Format geotiff_format() {
  return {"geotiff",
          {".tif", ".tiff", ".TIF", ".TIFF"},
          &geotiff::probe,
          &geotiff::open,
          &geotiff::create};
}

}  // namespace rastream
