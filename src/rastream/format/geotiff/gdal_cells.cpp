// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal_cells.h"

#include <cstdlib>

namespace rastream::geotiff {

GdalCells::GdalCells(std::shared_ptr<HandlePool> pool, const Grid& grid, bool is_mask)
    : pool_(std::move(pool)), grid_(grid), is_mask_(is_mask) {}

GDALRasterBandH GdalCells::band(GDALDatasetH dataset, std::int64_t number) const {
  const GDALRasterBandH found = GDALGetRasterBand(dataset, static_cast<int>(number) + 1);
  return is_mask_ ? GDALGetMaskBand(found) : found;
}

void GdalCells::read(const Block& out) const {
  Loan loan(*pool_);
  for (std::int64_t b = out.region.begin[0]; b < out.region.end[0]; ++b) {
    Region one = out.region;
    one.begin[0] = b;
    one.end[0] = b + 1;
    read_band(loan.get(), out.sub(one));
  }
  count(loan.get(), out.region);
  loan.done();
}

/// Straight into `out` where GDAL can write its cells, else by a copy that converts.
void GdalCells::read_band(GDALDatasetH dataset, const Block& out) const {
  const DType stored =
      is_mask_ ? DType::uint8 : grid_.dtypes[static_cast<std::size_t>(out.region.begin[0])];
  const bool is_direct = out.dtype == stored && out.strides[1] > 0 && out.strides[2] > 0;
  if (is_direct) return read_cells(dataset, out);
  const OwnedBlock cells(out.region, stored);
  read_cells(dataset, cells.view());
  copy_cells(cells.view(), out);
}

void GdalCells::read_cells(GDALDatasetH dataset, const Block& out) const {
  const Region& r = out.region;
  const CapturedErrors errors;
  const int width = static_cast<int>(r.size(2));
  const int height = static_cast<int>(r.size(1));
  const CPLErr result =
      GDALRasterIOEx(band(dataset, r.begin[0]), GF_Read, static_cast<int>(r.begin[2]),
                     static_cast<int>(r.begin[1]), width, height, out.data, width, height,
                     gdal_type(out.dtype), out.strides[2], out.strides[1], nullptr);
  errors.check(result != CE_None, Errc::data_loss, "cannot read", pool_->path());
}

Region GdalCells::blocks_touching(const Region& r) const {
  Region blocks = r;
  if (grid_.is_interleaved) blocks.begin[0] = 0, blocks.end[0] = 1;
  blocks.begin[1] /= grid_.block_y;
  blocks.end[1] = (r.end[1] - 1) / grid_.block_y + 1;
  blocks.begin[2] /= grid_.block_x;
  blocks.end[2] = (r.end[2] - 1) / grid_.block_x + 1;
  return blocks;
}

std::int64_t GdalCells::stored_bytes(GDALDatasetH dataset, const Region& region) const {
  // Only the driver of TIFF knows sizes of blocks, and a question costs about a microsecond.
  const GDALDriverH driver = GDALGetDatasetDriver(dataset);
  if (driver && GDALGetDriverShortName(driver) != std::string_view("GTiff")) return 0;
  std::int64_t bytes = 0;
  for_each_index(blocks_touching(region), [&](const Extents& block) {
    const std::string key = fmt::format("BLOCK_SIZE_{}_{}", block[2], block[1]);
    const char* size = GDALGetMetadataItem(band(dataset, block[0]), key.c_str(), "TIFF");
    if (size) bytes += std::strtoll(size, nullptr, 10);
  });
  return bytes;
}

std::optional<std::int64_t> GdalCells::stored_bytes(const Region& region) const {
  Loan loan(*pool_);
  const CapturedErrors errors;
  const std::int64_t bytes = stored_bytes(loan.get(), region);
  loan.done();
  if (bytes == 0) return std::nullopt;
  return bytes;
}

void GdalCells::count(GDALDatasetH dataset, const Region& region) const {
  const CapturedErrors errors;
  const std::int64_t n = blocks_touching(region).n_cells();
  n_blocks_ += n;
  stored_bytes_ += stored_bytes(dataset, region);
  decoded_bytes_ += n * grid_.block_bytes();
}

ReadStatistics GdalCells::statistics() const { return {n_blocks_, stored_bytes_, decoded_bytes_}; }

}  // namespace rastream::geotiff
