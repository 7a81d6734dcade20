// SPDX-License-Identifier: Apache-2.0
// GeoTIFF and cloud-optimized GeoTIFF, seen as RioXarray sees them. GDAL says what a file is; our
// own code reads and writes its cells (docs/formats/geotiff.md, geotiff-writing.md).
#pragma once

#include "rastream/format/format.h"

namespace rastream {

/// Reading. The variables are
/// * `band_data` (band, y, x): its dtype is the promotion of all bands' dtypes (complex integers
///   are read as complex64 and complex128), its chunks are tiles or strips, of all bands when these
///   are interleaved;
/// * `band` int64, 1 to n; `x` and `y` float64, cell centres;
/// * `spatial_ref`, an int64 scalar 0, with the attributes `crs_wkt` and `spatial_ref` (WKT 1, or
///   WKT2:2019 where that cannot express the CRS; absent without a CRS), `GeoTransform` (GDAL's six
///   numbers: corner of the first cell and steps, also for AREA_OR_POINT=Point) and `gcps`
///   (GeoJSON) when there are ground control points.
/// A rotated geotransform and ground control points leave no `x` and `y`. Without any georeference
/// these are 0.5, 1.5, ...
///
/// `band_data` has the file's metadata as text attributes (AREA_OR_POINT, TIFFTAG_*, ...) and
/// `_FillValue` (a nodata value that the dtype can hold), `scale_factor` and `add_offset` (`scales`
/// and `offsets` where bands differ), `units`, `long_name` (descriptions of the bands), `overviews`
/// (how many levels), `grid_mapping`, and `photometric` = "miniswhite" where 0 is white: such
/// pixels are as stored, not inverted. Masks, alpha and colour tables are not applied; a stored
/// mask is the variable `mask` (y, x), uint8, 255 where cells are valid, and a coordinate of
/// band_data. Overviews are groups, `overview_1` the largest, with grids of their own. Of many
/// pages the first is read.
///
/// Only GDAL's GTiff driver may open a file: another format under the name .tif is data_loss, as is
/// a header that claims more blocks, or larger ones, than the file can hold.
///
/// Threads: concurrent reads share nothing but the file's descriptor. Files with codecs or cells
/// that our code does not take are read through GDAL: then each concurrent read has a GDAL handle
/// of its own, kept for the next, GDAL's block cache is limited to 64 MiB for the process, and
/// ReadStatistics count the blocks that reads touch, though GDAL may have some in its cache.
///
/// Writing. One variable with dimensions (y, x) or (band, y, x), by position, and what belongs to
/// it: numeric coordinates of its last two dimensions (evenly spaced; they become the geotransform,
/// else the grid mapping's `GeoTransform` does) and the grid mapping (`crs_wkt` or `spatial_ref`).
/// A second raster is unsupported. Coordinates that GeoTIFF has no place for (2-D lat and lon,
/// time, text) and attributes of the dataset are left out. `_FillValue`, else
/// VariableSpec::fill_value, becomes nodata; scale_factor, add_offset, units, long_name and text
/// attributes are kept.
///
/// Tiles are 512 x 512, compressed with deflate (compressor "", "gzip" or "deflate"), "zstd" or
/// "none", and TIFF predictor 2 (integers up to 32 bits) or 3 (floating); BigTIFF when needed. Any
/// regular chunk grid is accepted. bool becomes uint8. All directories are before all tiles, which
/// are in reading order; CreateOptions::cloud_optimized adds overviews. A CRS that GeoTIFF cannot
/// say is kept in NAME.aux.xml. write() compresses in the calling thread; tiles that wait for cells
/// take up to 64 MiB, beyond that a scratch file. The bytes do not depend on threads or chunks.
/// See docs/formats/geotiff-writing.md.
///
/// All is written to scratch files without a name in the same folder; finish() puts it in order
/// under a temporary name and renames. A GeoTIFF in work cannot be resumed: is_committed() is
/// always false, and a writer that is destroyed before finish() leaves nothing.
Format geotiff_format();

namespace geotiff {

bool probe(const std::string& path);
std::unique_ptr<DatasetFile> open(const std::string& path, const std::string& group);
std::unique_ptr<DatasetWriter> create(const std::string& path, const CreateOptions& options);

}  // namespace geotiff
}  // namespace rastream
