// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/compare_copy.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <mutex>

#include "rastream/array/cell_text.h"
#include "rastream/array/halve.h"
#include "rastream/array/move_region.h"
#include "rastream/base/error.h"
#include "rastream/base/parallel_work.h"
#include "rastream/base/progress.h"
#include "rastream/exec/compare_metadata.h"
#include "rastream/exec/convert_cells.h"
#include "rastream/exec/placement.h"

namespace rastream {
namespace {

/// Fewer cells than these are read in a moment.
constexpr double kWorthShowing = 1 << 24;

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

/// One variable on one side: cells of the copy's index space, read from a file's chunks.
struct Side {
  const DatasetFile* file = nullptr;
  std::size_t variable = 0;
  DType dtype = DType::float64;  ///< that is read
  Extents origin;                ///< of the copy's first cell, in the file's index space
  bool has_band = false;         ///< the file has a leading dimension of size 1 that the copy lacks

  Region in_file(const Region& region) const {
    const Region r = moved(region, origin);
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
      const Region part = intersect(moved_back(chunk, origin), whole);
      for (const Region& box : halve(part, most_cells)) out.push_back(box);
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

/// The cells of a variable of `shape` that the copy of `v` has written: the last ones along the
/// dimension that grew.
Region written_region(const WritePlace& place, const CopiedVariable& v, const Extents& shape) {
  Region region = Region::whole(v.window.shape());
  for (std::size_t i = 0; i < region.rank(); ++i) {
    const std::string& dim = v.spec.schema.dims[i];
    const auto range = place.region.find(dim);
    if (dim == place.append) region.begin[i] = shape[i] - v.window.size(i);
    if (range != place.region.end()) region.begin[i] = range->second.begin;
    region.end[i] = region.begin[i] + v.window.size(i);
  }
  if (Region::whole(shape).contains(region)) return region;
  throw Error(Errc::data_loss, "variable '{}' has shape {} after {} was written", v.spec.name,
              to_string(shape), to_string(region));
}

class Comparison {
 public:
  Comparison(const std::string& in, const std::string& out, const CopyOptions& options,
             std::int64_t memory_bytes, std::int64_t n_threads, const std::stop_token& stop,
             std::FILE* progress)
      : source_(in, options.in_group),
        copy_(out, options.out_group),
        out_group_(options.out_group),
        selection_(select_copy(source_, out, options)),
        place_(options.place),
        memory_bytes_(memory_bytes),
        n_threads_(n_threads),
        stop_(stop),
        progress_("reading back", total_cells(), "cells",
                  total_cells() < kWorthShowing ? nullptr : progress) {}

  CompareReport run() {
    const auto begin = std::chrono::steady_clock::now();
    if (place_.is_new()) report_.differences = metadata_differences(source_, selection_, copy_);
    for (const CopiedVariable& v : selection_.variables) {
      // The grid of a GeoTIFF is six numbers, not coordinates.
      if (copy_.format_name() == "geotiff" && v.spec.schema.rank() < 2) continue;
      v.is_text() ? compare_text(v) : compare_numbers(v);
      if (!report_.is_complete) break;
    }
    report_.wall_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return report_;
  }

 private:
  /// Of both sides.
  double total_cells() const {
    double n = 0;
    for (const CopiedVariable& v : selection_.variables)
      n += v.is_text() ? 0.0 : 2.0 * static_cast<double>(v.window.n_cells());
    return n;
  }

  void differ(const CopiedVariable& v, const std::string& text) {
    report_.differences.push_back(fmt::format("variable '{}': {}", v.spec.name, text));
  }

  void compare_text(const CopiedVariable& v) {
    const std::vector<std::string> all = source_.read_strings(v.source);
    const std::size_t variable = copy_.find_variable(v.spec.name);
    const Extents& shape = copy_.variables()[variable].schema.shape;
    const std::vector<std::string> stored = copy_.read_strings(variable);
    const Region written = written_region(place_, v, shape);
    const ChunkGrid each = ChunkGrid::regular(shape, Extents(shape.size(), 1));
    std::vector<std::string> copied;
    for_each_index(written, [&](const Extents& index) {
      copied.push_back(stored.at(static_cast<std::size_t>(each.chunk_number(index))));
    });
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
    if (!place_.is_new()) side.origin = written_region(place_, v, shape).begin;
    side.has_band = is_raster && shape.size() == v.window.rank() + 1;
    Extents expected = v.window.shape();
    if (side.has_band) expected.insert(0, 1);
    if (place_.is_new() && !(shape == expected)) {
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
    if (!place_.is_new() &&
        info.attributes.text("units") != copy_.variables()[copy.variable].attributes.text("units"))
      return compare_meaning(v, copy);
    ChunkSums expected(grid);
    ChunkSums found(grid);
    add_all(source, dtype, v, expected);
    add_all(copy, dtype, v, found);
    if (!report_.is_complete) return;
    std::int64_t n_different = 0;
    std::string first;
    for (std::int64_t c = 0; c < grid.n_chunks(); ++c) {
      if (expected.is_equal(found, c)) continue;
      if (n_different++ == 0) first = first_difference(source, copy, dtype, grid.chunk_region(c));
    }
    report_.n_chunks_different += n_different;
    if (n_different > 0) differ(v, fmt::format("{} chunks differ, first {}", n_different, first));
  }

  /// Labels that went into a store with other units of time.
  void compare_meaning(const CopiedVariable& v, const Side& copy) {
    const VariableInfo& stored = copy_.variables()[copy.variable];
    OwnedBlock cells(v.window, source_.variables()[v.source].schema.dtype);
    source_.read(v.source, cells.view());
    cells.view().region = Region::whole(v.window.shape());
    const OwnedBlock expected =
        Placement(open_file(copy_.path(), out_group_), place_)
            .as_stored(v.spec.name, cells.view(), source_.variables()[v.source].attributes);
    const OwnedBlock found = copy.read(cells.view().region, stored.schema.dtype);
    const auto n = static_cast<std::size_t>(v.window.n_cells()) * item_size(stored.schema.dtype);
    if (std::memcmp(expected.view().data, found.view().data, n) != 0)
      differ(v, "the times are others than in the source");
  }

  /// How the chunks of a side are read within the memory: whole, if need be by fewer threads. A
  /// part of a chunk costs decoding all of it, unless cells are stored as they are.
  struct Share {
    std::int64_t most_cells;  ///< of a box
    std::int64_t n_threads;
  };
  Share share_of(const Side& side, DType dtype) const {
    constexpr std::int64_t kLeast = 1 << 16;
    const VariableInfo& info = side.file->variables()[side.variable];
    const auto item = static_cast<std::int64_t>(std::max(item_size(side.dtype), item_size(dtype)));
    const std::int64_t chunk = product(info.schema.chunks.max_chunk_shape());
    // A thread holds a chunk as it is stored, decoded, and converted.
    const double at_once = 3.0 * static_cast<double>(chunk) * static_cast<double>(item);
    const double fitting = static_cast<double>(memory_bytes_) / std::max(1.0, at_once);
    if (fitting >= static_cast<double>(n_threads_)) return {chunk, n_threads_};
    if (info.codecs.empty())
      return {std::max(kLeast, memory_bytes_ / (8 * n_threads_)) / item, n_threads_};
    if (fitting >= 1) return {chunk, static_cast<std::int64_t>(fitting)};
    return {std::max(kLeast, memory_bytes_ / 8) / item, 1};
  }

  void add_all(const Side& side, DType dtype, const CopiedVariable& v, ChunkSums& sums) {
    const Share share = share_of(side, dtype);
    const std::vector<Region> boxes = side.boxes(v.window.shape(), share.most_cells);
    const std::int64_t before = side.file->statistics().decoded_bytes;
    const auto add = [&](std::int64_t i) {
      const Region& box = boxes[static_cast<std::size_t>(i)];
      sums.add(side.read(box, dtype).view());
      const std::lock_guard lock(mutex_);
      progress_.update(done_ += static_cast<double>(box.n_cells()));
    };
    const auto n = static_cast<std::int64_t>(boxes.size());
    report_.is_complete = report_.is_complete && run_parallel(share.n_threads, n, add, stop_);
    report_.decoded_bytes += side.file->statistics().decoded_bytes - before;
  }

  /// Of `region`, in pieces that fit into the memory.
  std::string first_difference(const Side& source, const Side& copy, DType dtype,
                               const Region& region) const {
    const std::int64_t most =
        std::min(share_of(source, dtype).most_cells, share_of(copy, dtype).most_cells);
    for (const Region& piece : halve(region, most)) {
      if (auto text = difference_in(source, copy, dtype, piece)) return *text;
    }
    return "cannot be found again: reading is not repeatable";
  }

  static std::optional<std::string> difference_in(const Side& source, const Side& copy, DType dtype,
                                                  const Region& region) {
    const OwnedBlock expected = source.read(region, dtype);
    const OwnedBlock found = copy.read(region, dtype);
    std::optional<std::string> text;
    const std::size_t item = item_size(dtype);
    for_each_index(region, [&](const Extents& index) {
      if (text || std::memcmp(expected.view().at(index), found.view().at(index), item) == 0) return;
      text = fmt::format("cell {}: {} where the source has {}", to_string(index),
                         cell_text(found.view(), index), cell_text(expected.view(), index));
    });
    return text;
  }

  DatasetTree source_;
  DatasetTree copy_;
  std::string out_group_;
  CopySelection selection_;
  WritePlace place_;
  std::int64_t memory_bytes_;
  std::int64_t n_threads_;
  std::stop_token stop_;
  std::mutex mutex_;  ///< of what follows, while boxes are read
  double done_ = 0;
  Progress progress_;
  CompareReport report_;
};

}  // namespace

CompareReport compare_copy(const std::string& in, const std::string& out,
                           const CopyOptions& options, std::int64_t memory_bytes,
                           std::int64_t n_threads, const std::stop_token& stop,
                           std::FILE* progress) {
  return Comparison(in, out, options, memory_bytes, std::max<std::int64_t>(1, n_threads), stop,
                    progress)
      .run();
}

}  // namespace rastream
