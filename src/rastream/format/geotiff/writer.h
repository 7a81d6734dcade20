// SPDX-License-Identifier: Apache-2.0
// Writes one raster variable, with what belongs to it, as a GeoTIFF.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rastream/format/format.h"
#include "rastream/format/geotiff/overview.h"

namespace rastream::geotiff {

struct WriterOptions {
  bool has_overviews = false;
  std::optional<Resampling> resampling;  ///< nothing: chosen by the raster, see choose_resampling
  bool is_pixel_interleaved = false;
  std::int64_t tile = 512;                             ///< side of a tile, a multiple of 16
  bool force_big = false;                              ///< BigTIFF even where it is not needed
  std::int64_t memory_bytes = std::int64_t{64} << 20;  ///< for tiles that wait for cells
  bool overwrite = true;                               ///< replace a file that is there at the end
};

/// Average where values lie on a scale (floating cells, or integers with a scale factor); else
/// nearest, for a mean of classes or flags is no class.
Resampling choose_resampling(const VariableSpec& spec);

/// Most bytes that a writer of a raster (y, x) or (band, y, x) holds, however many threads bring
/// cells: waiting tiles, the tiles that each thread has in work, the buffer of finish().
std::int64_t buffer_bytes(const Schema& raster, std::int64_t n_threads);

/// See geotiff.h for what is written and refused. Throws not_found and permission_denied for the
/// folder of `path`.
std::unique_ptr<DatasetWriter> make_writer(const std::string& path, const WriterOptions& options);

}  // namespace rastream::geotiff
