// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/cells.h"

#include <cstring>

#include "rastream/array/half.h"

namespace rastream {
namespace {

constexpr std::int64_t kMaxSpanBytes = std::int64_t{4} << 20;

template <typename Word>
Word reversed(Word w) {
  if constexpr (sizeof(Word) == 2) return __builtin_bswap16(w);
  if constexpr (sizeof(Word) == 4) return __builtin_bswap32(w);
  if constexpr (sizeof(Word) == 8) return __builtin_bswap64(w);
}

template <typename Word>
void reverse_row(std::byte* row, std::int64_t n, std::int64_t stride) {
  for (std::int64_t i = 0; i < n; ++i) {
    Word word;
    std::memcpy(&word, row + i * stride, sizeof(Word));
    word = reversed(word);
    std::memcpy(row + i * stride, &word, sizeof(Word));
  }
}

void finish_row(const StoredCells& cells, std::byte* row, std::int64_t n, std::int64_t stride) {
  if (is_complex(cells.dtype)) {  // each part by itself
    const StoredCells part{part_of(cells.dtype), cells.is_swapped, false};
    finish_row(part, row, n, stride);
    return finish_row(part, row + part.size_bytes(), n, stride);
  }
  switch (cells.size_bytes()) {
    case 2: return reverse_row<std::uint16_t>(row, n, stride);
    case 4: return reverse_row<std::uint32_t>(row, n, stride);
    case 8: return reverse_row<std::uint64_t>(row, n, stride);
    default: break;
  }
  for (std::int64_t i = 0; i < n; ++i) row[i * stride] = std::byte{row[i * stride] != std::byte{0}};
}

/// Bytes from the first cell of `region` to the end of its last one. REQUIRES: region not empty.
std::int64_t span_of(const FileArray& array, const Region& region) {
  auto span = static_cast<std::int64_t>(array.cells.size_bytes());
  for (std::size_t i = 0; i < region.rank(); ++i) span += (region.size(i) - 1) * array.strides[i];
  return span;
}

std::uint64_t offset_of(const FileArray& array, const Extents& index) {
  std::uint64_t offset = array.offset;
  for (std::size_t i = 0; i < index.size(); ++i)
    offset += static_cast<std::uint64_t>(index[i] * array.strides[i]);
  return offset;
}

bool is_dense_in_file(const FileArray& array, const Region& region) {
  return span_of(array, region) ==
         region.n_cells() * static_cast<std::int64_t>(array.cells.size_bytes());
}

/// Cells of one read must be aligned in memory; records of classic NetCDF are only padded to four
/// bytes.
bool has_aligned_strides(const FileArray& array, const Region& region) {
  const auto size = static_cast<std::int64_t>(array.cells.size_bytes());
  for (std::size_t i = 0; i < region.rank(); ++i) {
    if (region.size(i) > 1 && array.strides[i] % size != 0) return false;
  }
  return true;
}

void read_span(const FileBytes& file, const FileArray& array, const Block& out, Buffer& scratch) {
  const auto span = static_cast<std::size_t>(span_of(array, out.region));
  scratch.reserve(span);
  file.read_at(offset_of(array, out.region.begin), scratch.span().first(span));
  const Block stored{out.region, array.cells.stored_dtype(), scratch.data(), array.strides};
  finish_cells(array.cells, stored);
  copy_finished(array.cells, stored, out);
}

void read_box(const FileBytes& file, const FileArray& array, const Block& out, Buffer& scratch) {
  const Region& region = out.region;
  if (out.dtype == array.cells.stored_dtype() && !array.cells.is_half &&
      is_dense_in_file(array, region) && is_dense(out)) {
    const auto n_bytes = static_cast<std::size_t>(span_of(array, region));
    file.read_at(offset_of(array, region.begin), {out.data, n_bytes});
    return finish_cells(array.cells, out);
  }
  if (span_of(array, region) <= kMaxSpanBytes && has_aligned_strides(array, region)) {
    return read_span(file, array, out, scratch);
  }
  std::size_t axis = 0;
  while (region.size(axis) == 1) ++axis;
  Region first = region;
  Region second = region;
  first.end[axis] = second.begin[axis] = region.begin[axis] + region.size(axis) / 2;
  read_box(file, array, out.sub(first), scratch);
  read_box(file, array, out.sub(second), scratch);
}

}  // namespace

CellBytes netcdf_default_fill(DType dtype) {
  const auto cell_of = [](auto value) {
    CellBytes cell{};
    std::memcpy(cell.data(), &value, sizeof(value));
    return cell;
  };
  switch (dtype) {
    case DType::int8: return cell_of(std::int8_t{-127});
    case DType::int16: return cell_of(std::int16_t{-32767});
    case DType::int32: return cell_of(std::int32_t{-2147483647});
    case DType::int64: return cell_of(std::int64_t{-9223372036854775806});
    case DType::uint8: return cell_of(std::uint8_t{255});
    case DType::uint16: return cell_of(std::uint16_t{65535});
    case DType::uint32: return cell_of(std::uint32_t{4294967295U});
    case DType::uint64: return cell_of(std::uint64_t{18446744073709551614U});
    case DType::float32: return cell_of(9.9692099683868690e+36F);
    case DType::float64: return cell_of(9.9692099683868690e+36);
    default: return {};
  }
}

double as_double(DType dtype, const CellBytes& cell) {
  return visit_dtype(part_of(dtype), [&]<typename T>(T value) {
    std::memcpy(&value, cell.data(), sizeof(value));
    return static_cast<double>(value);
  });
}

void fill_with_cell(const Block& out, DType dtype, const CellBytes& cell) {
  alignas(16) CellBytes aligned = cell;
  copy_cells({out.region, dtype, aligned.data(), Extents(out.rank())}, out);
}

bool is_dense(const Block& block) {
  auto stride = static_cast<std::int64_t>(item_size(block.dtype));
  for (std::size_t i = block.rank(); i-- > 0;) {
    if (block.size(i) != 1 && block.strides[i] != stride) return false;
    stride *= block.size(i);
  }
  return true;
}

void finish_cells(const StoredCells& cells, const Block& block) {
  if (!cells.is_swapped && cells.dtype != DType::bool_) return;
  if (cells.size_bytes() == 1 && cells.dtype != DType::bool_) return;
  if (is_dense(block)) {
    return finish_row(cells, block.data, block.n_cells(),
                      static_cast<std::int64_t>(cells.size_bytes()));
  }
  const std::size_t last = block.rank() - 1;
  Region rows = block.region;
  rows.end[last] = rows.begin[last] + 1;
  for_each_index(rows, [&](const Extents& row) {
    finish_row(cells, block.at(row), block.size(last), block.strides[last]);
  });
}

void copy_finished(const StoredCells& cells, const Block& finished, const Block& out) {
  if (!cells.is_half) return copy_cells(finished, out);
  const OwnedBlock floats(out.region, DType::float32);
  copy_cells(finished, floats.view());
  for (float *f = floats.view().as<float>(), *end = f + out.n_cells(); f != end; ++f)
    *f = widened_half(static_cast<std::uint16_t>(*f));
  copy_cells(floats.view(), out);
}

void read_file_array(const FileBytes& file, const FileArray& array, const Block& out) {
  if (out.region.is_empty()) return;
  Buffer scratch;
  read_box(file, array, out, scratch);
}

}  // namespace rastream
