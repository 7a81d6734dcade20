// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/compare_copy.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "rastream/base/error.h"
#include "rastream/exec/compare_metadata.h"
#include "rastream/exec/convert_cells.h"

namespace rastream {
namespace {

/// Sebastiano Vigna's variant of MurmurHash3's finalizer, over a cell's bits and its index.
std::uint64_t mixed(std::uint64_t bits, std::uint64_t index) {
  std::uint64_t z = bits ^ (index * 0x9E3779B97F4A7C15U + 0x632BE59BD9B4E019U);
  z = (z ^ (z >> 32U)) * 0xD6E8FEB86659FD93U;
  z = (z ^ (z >> 32U)) * 0xD6E8FEB86659FD93U;
  return z ^ (z >> 32U);
}

template <std::size_t item>
std::uint64_t sum_row(const std::byte* cells, std::uint64_t first, std::int64_t n) {
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, cells + i * static_cast<std::int64_t>(item), item);
    sum += mixed(bits, first + static_cast<std::uint64_t>(i));
  }
  return sum;
}

std::uint64_t sum_of_row(std::size_t item, const std::byte* cells, std::uint64_t first,
                         std::int64_t n) {
  switch (item) {
    case 1: return sum_row<1>(cells, first, n);
    case 2: return sum_row<2>(cells, first, n);
    case 4: return sum_row<4>(cells, first, n);
    default: break;
  }
  // Wider cells are rows of 64-bit words.
  const auto words = static_cast<std::int64_t>(item / 8);
  return sum_row<8>(cells, first * static_cast<std::uint64_t>(words), n * words);
}

/// Calls f(index of the first cell, its address, cells) for each row along the last dimension of
/// `part`. REQUIRES: cells of a row are neighbours.
void for_each_row(const Block& part,
                  const std::function<void(const Extents&, const std::byte*, std::int64_t)>& f) {
  Region rows = part.region;
  if (rows.is_empty()) return;
  const std::size_t rank = part.rank();
  const std::int64_t n = rank ? part.size(rank - 1) : 1;
  if (rank) rows.end[rank - 1] = rows.begin[rank - 1] + 1;
  for_each_index(rows, [&](const Extents& row) { f(row, part.at(row), n); });
}

std::uint64_t linear(const Extents& index, const Extents& shape) {
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < shape.size(); ++i)
    at = at * static_cast<std::uint64_t>(shape[i]) + static_cast<std::uint64_t>(index[i]);
  return at;
}

/// Runs work(i) for i < n on `n_threads` threads; throws the first error.
void for_all(std::int64_t n, std::int64_t n_threads,
             const std::function<void(std::int64_t)>& work) {
  std::atomic<std::int64_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto take = [&] {
    try {
      for (std::int64_t i = next++; i < n; i = next++) work(i);
    } catch (...) {
      next = n;
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::int64_t i = 1; i < std::min(n_threads, n); ++i) threads.emplace_back(take);
    take();
  }
  if (failure) std::rethrow_exception(failure);
}

/// One variable on one side: cells of the copy's index space, read from a file's chunks.
struct Side {
  const DatasetFile* file = nullptr;
  std::size_t variable = 0;
  DType dtype = DType::float64;  ///< that is read
  Extents origin;                ///< of the copy's first cell, in the file's index space
  bool has_band = false;         ///< the file has a leading dimension of size 1 that the copy lacks

  Region in_file(const Region& region) const {
    Region r = region;
    for (std::size_t i = 0; i < r.rank(); ++i) r.begin[i] += origin[i], r.end[i] += origin[i];
    return has_band ? insert_axis(r) : r;
  }

  /// The cells of `region` as `dtype_out`.
  OwnedBlock read(const Region& region, DType dtype_out) const {
    OwnedBlock cells(region, dtype);
    Block target = cells.view();
    target.region = in_file(region);
    if (has_band) target.strides.insert(0, 0);
    file->read(variable, target);
    if (dtype == dtype_out) return cells;
    OwnedBlock converted(region, dtype_out);
    convert_cells(cells.view(), converted.view());
    return converted;
  }

  /// Boxes of the copy's cells that are read one by one: the file's chunks, cut where they are over
  /// `most_cells`.
  std::vector<Region> boxes(const Extents& shape, std::int64_t most_cells) const {
    const ChunkGrid& grid = file->variables()[variable].schema.chunks;
    const Region whole = Region::whole(shape);
    std::vector<Region> out;
    if (whole.is_empty()) return out;
    for_each_index(grid.chunks_touching(in_file(whole)), [&](const Extents& index) {
      Region chunk = grid.chunk_region(index);
      if (has_band) chunk = drop_axis(chunk);
      for (std::size_t i = 0; i < chunk.rank(); ++i)
        chunk.begin[i] -= origin[i], chunk.end[i] -= origin[i];
      cut(intersect(chunk, whole), most_cells, out);
    });
    return out;
  }

 private:
  static Region insert_axis(Region r) {
    r.begin.insert(0, 0);
    r.end.insert(0, 1);
    return r;
  }
  static Region drop_axis(Region r) {
    r.begin.erase(0);
    r.end.erase(0);
    return r;
  }
  static void cut(const Region& region, std::int64_t most_cells, std::vector<Region>& out) {
    if (region.n_cells() <= most_cells) return out.push_back(region);
    std::size_t axis = 0;
    while (region.size(axis) < 2) ++axis;
    Region first = region;
    Region second = region;
    first.end[axis] = second.begin[axis] = region.begin[axis] + region.size(axis) / 2;
    cut(first, most_cells, out);
    cut(second, most_cells, out);
  }
};

/// Sums by chunk of the copy.
class ChunkSums {
 public:
  explicit ChunkSums(const ChunkGrid& grid)
      : grid_(grid), sums_(static_cast<std::size_t>(grid.n_chunks())) {}

  void add(const Block& cells) {
    const Extents shape = grid_.shape();
    for_each_index(grid_.chunks_touching(cells.region), [&](const Extents& index) {
      const Region part = intersect(grid_.chunk_region(index), cells.region);
      std::uint64_t sum = 0;
      for_each_row(cells.sub(part), [&](const Extents& row, const std::byte* data, std::int64_t n) {
        sum += sum_of_row(item_size(cells.dtype), data, linear(row, shape), n);
      });
      sums_[static_cast<std::size_t>(grid_.chunk_number(index))] += sum;
    });
  }
  bool is_equal(const ChunkSums& other, std::int64_t chunk) const {
    const auto at = static_cast<std::size_t>(chunk);
    return sums_[at].load() == other.sums_[at].load();
  }

 private:
  ChunkGrid grid_;
  std::vector<std::atomic<std::uint64_t>> sums_;
};

class Comparison {
 public:
  Comparison(const std::string& in, const std::string& out, const CopyOptions& options,
             std::int64_t memory_bytes, std::int64_t n_threads)
      : source_(in, options.in_group),
        copy_(out, options.out_group),
        selection_(select_copy(source_, out, options)),
        // A thread holds a box of each of: stored chunk, decoded cells, converted cells.
        most_bytes_(std::max<std::int64_t>(1 << 16, memory_bytes / (8 * n_threads))),
        n_threads_(n_threads) {}

  CompareReport run() {
    const auto begin = std::chrono::steady_clock::now();
    report_.differences = metadata_differences(source_, selection_, copy_);
    for (const CopiedVariable& v : selection_.variables) {
      // The grid of a GeoTIFF is six numbers, not coordinates.
      if (copy_.format_name() == "geotiff" && v.spec.schema.rank() < 2) continue;
      v.is_text() ? compare_text(v) : compare_numbers(v);
    }
    report_.wall_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return report_;
  }

 private:
  void differ(const CopiedVariable& v, const std::string& text) {
    report_.differences.push_back(fmt::format("variable '{}': {}", v.spec.name, text));
  }

  void compare_text(const CopiedVariable& v) {
    const std::vector<std::string> all = source_.read_strings(v.source);
    const std::vector<std::string> copied = copy_.read_strings(copy_.find_variable(v.spec.name));
    const ChunkGrid whole =
        ChunkGrid::regular(source_.variables()[v.source].schema.shape, Extents(v.window.rank(), 1));
    std::size_t i = 0;
    for_each_index(v.window, [&](const Extents& index) {
      const std::string& expected = all.at(static_cast<std::size_t>(whole.chunk_number(index)));
      const bool is_equal = i < copied.size() && copied[i] == expected;
      if (!is_equal)
        differ(v, fmt::format("text {} is '{}', the source has '{}'", to_string(index),
                              i < copied.size() ? copied[i] : "", expected));
      ++i;
    });
    report_.n_cells += static_cast<std::int64_t>(i);
  }

  Side copy_side(const CopiedVariable& v) const {
    const bool is_raster = copy_.format_name() == "geotiff";
    Side side{&copy_, copy_.find_variable(is_raster ? "band_data" : v.spec.name),
              v.spec.schema.dtype, Extents(v.window.rank()), false};
    const Extents& shape = copy_.variables()[side.variable].schema.shape;
    side.has_band = is_raster && shape.size() == v.window.rank() + 1;
    Extents expected = v.window.shape();
    if (side.has_band) expected.insert(0, 1);
    if (!(shape == expected)) {
      throw Error(Errc::data_loss, "'{}': variable '{}' has shape {}, expected {}", copy_.path(),
                  v.spec.name, to_string(shape), to_string(expected));
    }
    return side;
  }

  void compare_numbers(const CopiedVariable& v) {
    const VariableInfo& info = source_.variables()[v.source];
    const Side source{&source_, v.source, info.schema.dtype, v.window.begin, false};
    const Side copy = copy_side(v);
    const DType dtype = v.spec.schema.dtype;
    const ChunkGrid& grid = v.spec.schema.chunks;
    report_.n_cells += v.window.n_cells();
    ChunkSums expected(grid);
    ChunkSums found(grid);
    add_all(source, dtype, v, expected);
    add_all(copy, dtype, v, found);
    std::int64_t n_different = 0;
    std::string first;
    for (std::int64_t c = 0; c < grid.n_chunks(); ++c) {
      if (expected.is_equal(found, c)) continue;
      if (n_different++ == 0) first = first_difference(source, copy, dtype, grid.chunk_region(c));
    }
    report_.n_chunks_different += n_different;
    if (n_different > 0) differ(v, fmt::format("{} chunks differ, first {}", n_different, first));
  }

  void add_all(const Side& side, DType dtype, const CopiedVariable& v, ChunkSums& sums) const {
    const std::int64_t most = most_bytes_ / static_cast<std::int64_t>(item_size(dtype));
    const std::vector<Region> boxes = side.boxes(v.window.shape(), std::max<std::int64_t>(1, most));
    for_all(static_cast<std::int64_t>(boxes.size()), n_threads_, [&](std::int64_t i) {
      sums.add(side.read(boxes[static_cast<std::size_t>(i)], dtype).view());
    });
  }

  static std::string first_difference(const Side& source, const Side& copy, DType dtype,
                                      const Region& region) {
    const OwnedBlock expected = source.read(region, dtype);
    const OwnedBlock found = copy.read(region, dtype);
    std::string text = "cannot be found again: reading is not repeatable";
    bool is_found = false;
    const std::size_t item = item_size(dtype);
    for_each_index(region, [&](const Extents& index) {
      if (is_found || std::memcmp(expected.view().at(index), found.view().at(index), item) == 0)
        return;
      is_found = true;
      text =
          fmt::format("cell {}: {} where the source has {}", to_string(index),
                      cell_as_double(found.view(), index), cell_as_double(expected.view(), index));
    });
    return text;
  }

  DatasetTree source_;
  DatasetTree copy_;
  CopySelection selection_;
  std::int64_t most_bytes_;
  std::int64_t n_threads_;
  CompareReport report_;
};

}  // namespace

CompareReport compare_copy(const std::string& in, const std::string& out,
                           const CopyOptions& options, std::int64_t memory_bytes,
                           std::int64_t n_threads) {
  return Comparison(in, out, options, memory_bytes, std::max<std::int64_t>(1, n_threads)).run();
}

}  // namespace rastream
