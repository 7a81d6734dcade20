// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/tiff_cells.h"

#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"

namespace rastream::geotiff {
namespace {

/// Memory that one thread uses again for tile after tile.
struct TileScratch {
  Buffer stored;  ///< the tile as it is in the file
  Buffer cells;   ///< decoded, where only a part of it is wanted
  Buffer row;     ///< one row, joined from planes of bytes
  Buffer values;  ///< one row, unpacked

  static TileScratch& of_this_thread() {
    thread_local TileScratch scratch;
    return scratch;
  }
  /// Gives memory back that only an unusually large tile needs.
  void shrink() {
    constexpr std::size_t kKeptBytes = std::size_t{64} << 20;
    for (Buffer* buffer : {&stored, &cells, &row, &values}) {
      if (buffer->size() > kKeptBytes) *buffer = Buffer();
    }
  }
};

std::byte* reserve(Buffer& buffer, std::int64_t n_bytes) {
  buffer.reserve(static_cast<std::size_t>(n_bytes));
  return buffer.data();
}

/// Copies n values that are `from_stride` and `to_stride` bytes apart.
void copy_values(const std::byte* from, std::int64_t from_stride, DType from_dtype, std::byte* to,
                 std::int64_t to_stride, DType to_dtype, std::int64_t n) {
  const auto size = static_cast<std::int64_t>(item_size(to_dtype));
  if (from_dtype == to_dtype && from_stride == size && to_stride == size) {
    std::memcpy(to, from, static_cast<std::size_t>(n * size));
    return;
  }
  const Region line({0}, {n});
  // A Block to be read from is not written to.
  copy_cells(Block{line, from_dtype, const_cast<std::byte*>(from), {from_stride}},
             Block{line, to_dtype, to, {to_stride}});
}

}  // namespace

TiffCells::TiffCells(std::shared_ptr<const FileBytes> file, const TiffDirectory& directory,
                     bool is_big_endian, const TiffCellType& type, const CellBytes& fill)
    : file_(std::move(file)),
      directory_(directory),
      is_big_endian_(is_big_endian),
      type_(type),
      fill_(fill),
      layout_(directory),
      codec_(find_tiff_codec(directory.compression)),
      // libtiff knows predictors of these codecs only, and ignores the tag beside others.
      predictor_(codec_->decode && codec_->decode != &decode_packbits ? directory.predictor : 1) {
  constexpr std::int64_t kAlwaysAllowed = std::int64_t{16} << 20;
  const std::int64_t tile_bytes = layout_.max_tile_bytes();
  if (tile_bytes > kAlwaysAllowed &&
      static_cast<std::uint64_t>(tile_bytes / codec_->max_ratio) > file_->size()) {
    throw Error(
        Errc::data_loss,
        "TIFF directory {} of '{}' claims tiles of {} x {} cells, {} each, but the file has "
        "only {} bytes",
        directory.number, file_->path(), layout_.tile_height(), layout_.tile_width(),
        format_bytes(static_cast<double>(tile_bytes)), file_->size());
  }
  const auto n = static_cast<std::uint64_t>(layout_.n_tiles());
  const std::uint64_t n_listed = std::min(directory.offsets.count, directory.sizes.count);
  if (n_listed < n) {
    throw Error(Errc::data_loss, "TIFF directory {} of '{}' lists {} tiles: the image has {}",
                directory.number, file_->path(), n_listed, n);
  }
  for (TiffNumbers* list : {&directory_.offsets, &directory_.sizes}) list->count = n;
  offsets_ = read_numbers(*file_, directory_.offsets, is_big_endian);
  sizes_ = read_numbers(*file_, directory_.sizes, is_big_endian);
}

bool TiffCells::is_old_lzw() const {
  if (codec_->decode != &decode_lzw) return false;
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    if (sizes_[i] < 2) continue;
    return file_->holds(offsets_[i], 2) && geotiff::is_old_lzw(file_->read_at(offsets_[i], 2));
  }
  return false;
}

template <typename F>
void TiffCells::for_each_part(const Region& region, F&& f) const {
  const std::int64_t w = layout_.tile_width();
  const std::int64_t h = layout_.tile_height();
  const std::int64_t planes = layout_.tile_bands();
  for (std::int64_t b = region.begin[0]; b < region.end[0]; b += planes) {
    const std::int64_t plane = directory_.is_planar ? b : 0;
    for (std::int64_t down = region.begin[1] / h; down * h < region.end[1]; ++down) {
      for (std::int64_t across = region.begin[2] / w; across * w < region.end[2]; ++across) {
        const Region tile{{plane, down * h, across * w},
                          {plane + planes, (down + 1) * h, (across + 1) * w}};
        Part part;
        part.tile = layout_.tile_number(plane, down, across);
        part.plane = plane;
        part.stored_bytes = layout_.stored_rows(down) * layout_.row_bytes();
        part.out.region = intersect(region, tile);
        part.row = part.out.region.begin[1] - tile.begin[1];
        part.column = part.out.region.begin[2] - tile.begin[2];
        f(part);
      }
    }
    if (!directory_.is_planar) break;
  }
}

void TiffCells::read(const Block& out) const {
  for_each_part(out.region, [&](Part& part) {
    part.out = out.sub(part.out.region);
    try {
      read_part(part);
    } catch (Error& e) {
      throw e.add_context(fmt::format("{} {} at byte {} of TIFF directory {} of '{}'",
                                      directory_.is_tiled ? "tile" : "strip", part.tile,
                                      offset_of(part.tile), directory_.number, file_->path()));
    }
  });
  TileScratch::of_this_thread().shrink();
}

void TiffCells::read_part(const Part& part) const {
  const std::uint64_t n_bytes = size_of(part.tile);
  if (n_bytes == 0 && offset_of(part.tile) == 0) return fill(part.out);
  if (offset_of(part.tile) == 0)
    throw Error(Errc::data_loss, "its {} bytes are said to be where the header is", n_bytes);
  if (!file_->holds(offset_of(part.tile), n_bytes)) {
    throw Error(Errc::data_loss, "its {} bytes are not in the file of {}", n_bytes, file_->size());
  }
  // Before any memory is taken for what the directory merely claims.
  if (static_cast<std::uint64_t>(part.stored_bytes / codec_->max_ratio) > n_bytes) {
    throw Error(Errc::data_loss, "{} bytes of {} cannot become {}", n_bytes, codec_->name,
                part.stored_bytes);
  }
  codec_->decode ? read_coded(part) : read_plain(part);
  count(part);
}

/// True when the tile is, row for row, what `out` is to be.
bool TiffCells::is_direct(const Part& part) const {
  const Block& out = part.out;
  const auto size = static_cast<std::int64_t>(item_size(type_.dtype));
  return type_.kind == TiffCellType::Kind::native && predictor_ != 3 && layout_.tile_bands() == 1 &&
         out.dtype == type_.dtype && out.strides[2] == size &&
         out.size(2) == layout_.tile_width() &&
         (out.strides[1] == layout_.row_bytes() || out.size(1) == 1);
}

/// Stored rows are read where they go, and only those that are wanted.
void TiffCells::read_plain(const Part& part) const {
  const std::int64_t row_bytes = layout_.row_bytes();
  const std::int64_t n_bytes = part.out.size(1) * row_bytes;
  if (size_of(part.tile) < static_cast<std::uint64_t>(part.end_row() * row_bytes)) {
    throw Error(Errc::data_loss, "it has {} bytes: expected {}", size_of(part.tile),
                part.stored_bytes);
  }
  const bool direct = is_direct(part);
  std::byte* rows = direct ? part.out.data : reserve(TileScratch::of_this_thread().cells, n_bytes);
  file_->read_at(offset_of(part.tile) + static_cast<std::uint64_t>(part.row * row_bytes),
                 {rows, static_cast<std::size_t>(n_bytes)});
  put_rows(rows, part);
}

void TiffCells::read_coded(const Part& part) const {
  TileScratch& scratch = TileScratch::of_this_thread();
  // No codec makes a tile much longer: what is beyond is not needed, whatever the list says.
  const std::uint64_t n_stored = std::min<std::uint64_t>(
      size_of(part.tile), 2 * static_cast<std::uint64_t>(part.stored_bytes) + 65536);
  const std::span<std::byte> stored{reserve(scratch.stored, static_cast<std::int64_t>(n_stored)),
                                    n_stored};
  file_->read_at(offset_of(part.tile), stored);
  const bool is_whole =
      part.row == 0 && part.out.size(1) * layout_.row_bytes() == part.stored_bytes;
  std::byte* cells =
      is_whole && is_direct(part) ? part.out.data : reserve(scratch.cells, part.stored_bytes);
  codec_->decode(stored, {cells, static_cast<std::size_t>(part.stored_bytes)});
  put_rows(cells + part.row * layout_.row_bytes(), part);
}

RowShape TiffCells::row_shape(std::int64_t n_cells) const {
  return {n_cells, layout_.tile_bands(), type_.stored_bytes()};
}

/// The values of the wanted columns of a row, in native order and of dtype type_.dtype.
const std::byte* TiffCells::finish_row(std::byte* row, const Part& part) const {
  TileScratch& scratch = TileScratch::of_this_thread();
  const RowShape shape = row_shape(part.end_column());
  if (predictor_ == 3) {
    const RowShape whole = row_shape(layout_.tile_width());
    std::byte* joined = reserve(scratch.row, whole.n_bytes());
    undo_floating_predictor(row, whole, joined);
    row = joined;
  } else {
    if (is_big_endian_ && type_.part_bytes() > 1)
      swap_bytes(row, shape.n_bytes() / type_.part_bytes(), type_.part_bytes());
    if (predictor_ == 2) undo_differences(row, shape);
  }
  const std::int64_t first = part.column * shape.samples;
  if (type_.kind == TiffCellType::Kind::native) return row + first * shape.bytes;
  const std::int64_t n = shape.n_values() - first;
  std::byte* values =
      reserve(scratch.values, n * static_cast<std::int64_t>(item_size(type_.dtype)));
  unpack_values(row, first, n, type_, values);
  return values;
}

/// From `rows`, which begin with the first wanted one, to `part.out`, where they may already be.
void TiffCells::put_rows(std::byte* rows, const Part& part) const {
  const Block& out = part.out;
  const auto size = static_cast<std::int64_t>(item_size(type_.dtype));
  const std::int64_t stride = size * layout_.tile_bands();
  for (std::int64_t k = 0; k < out.size(1); ++k) {
    const std::byte* values = finish_row(rows + k * layout_.row_bytes(), part);
    for (std::int64_t b = 0; b < out.size(0); ++b) {
      std::byte* to = out.data + b * out.strides[0] + k * out.strides[1];
      if (to == values) continue;
      copy_values(values + (out.region.begin[0] + b - part.plane) * size, stride, type_.dtype, to,
                  out.strides[2], out.dtype, out.size(2));
    }
  }
}

void TiffCells::fill(const Block& out) const {
  CellBytes cell = fill_;
  copy_cells(Block{out.region, type_.dtype, cell.data(), Extents(out.rank())}, out);
}

void TiffCells::count(const Part& part) const {
  n_tiles_.fetch_add(1, std::memory_order_relaxed);
  stored_bytes_.fetch_add(static_cast<std::int64_t>(size_of(part.tile)), std::memory_order_relaxed);
  decoded_bytes_.fetch_add(part.stored_bytes, std::memory_order_relaxed);
}

std::optional<std::int64_t> TiffCells::stored_bytes(const Region& region) const {
  std::int64_t n_bytes = 0;
  for_each_part(region, [&](const Part& part) {
    n_bytes += static_cast<std::int64_t>(std::min(size_of(part.tile), file_->size()));
  });
  return n_bytes;
}

ReadStatistics TiffCells::statistics() const { return {n_tiles_, stored_bytes_, decoded_bytes_}; }

}  // namespace rastream::geotiff
