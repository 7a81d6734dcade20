// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/check_file.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "rastream/base/error.h"

namespace rastream {
namespace {

/// Of more problems than this in one variable the rest is counted, not listed.
constexpr std::size_t kMostListed = 1000;
/// A piece that is read at once; larger chunks are those of files that are not chunked.
constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;

/// Halves `region` until a piece has at most `most` cells.
void cut(const Region& region, std::int64_t most, std::vector<Region>& out) {
  if (region.n_cells() <= most) return out.push_back(region);
  std::size_t axis = 0;
  while (region.size(axis) < 2) ++axis;
  Region first = region;
  Region second = region;
  first.end[axis] = second.begin[axis] = region.begin[axis] + region.size(axis) / 2;
  cut(first, most, out);
  cut(second, most, out);
}

class Checker {
 public:
  Checker(const DatasetFile& file, std::int64_t n_threads,
          const std::function<void(double)>& on_progress)
      : file_(file), n_threads_(std::max<std::int64_t>(1, n_threads)), on_progress_(on_progress) {
    for (const VariableInfo& v : file.variables()) total_ += v.schema.size_bytes();
  }

  FileCheck run() {
    for (std::size_t v = 0; v < file_.variables().size(); ++v) {
      ++check_.n_variables;
      file_.variables()[v].schema.dtype == DType::string ? check_text(v) : check_numbers(v);
    }
    return check_;
  }

 private:
  void check_text(std::size_t v) {
    ++check_.n_chunks;
    try {
      const auto cells = file_.read_strings(v);
      for (const std::string& text : cells)
        check_.decoded_bytes += static_cast<std::int64_t>(text.size());
    } catch (const Error& e) {
      check_.problems.push_back(
          fmt::format("variable '{}': {}", file_.variables()[v].name, e.what()));
    }
  }

  void check_numbers(std::size_t v) {
    const VariableInfo& info = file_.variables()[v];
    const ChunkGrid& grid = info.schema.chunks;
    if (info.schema.n_cells() == 0) return;
    std::map<std::int64_t, std::string> problems;  // by chunk, so that their order is the file's
    std::atomic<std::int64_t> next = 0;
    std::mutex mutex;
    const std::int64_t n = grid.n_chunks();
    const auto work = [&] {
      for (std::int64_t c = next++; c < n; c = next++) {
        const std::string problem = problem_of(v, grid.chunk_region(c));
        const std::lock_guard lock(mutex);
        if (!problem.empty()) problems[c] = problem;
        done_ += info.schema.size_bytes() / static_cast<double>(n);
        if (on_progress_ && total_ > 0) on_progress_(done_ / total_);
      }
    };
    {
      std::vector<std::jthread> threads;
      for (std::int64_t i = 1; i < std::min(n_threads_, n); ++i) threads.emplace_back(work);
      work();
    }
    check_.n_chunks += n;
    check_.decoded_bytes += static_cast<std::int64_t>(info.schema.size_bytes());
    list(info, problems);
  }

  /// What is wrong with a chunk; empty when it can be read.
  std::string problem_of(std::size_t v, const Region& chunk) const {
    const DType dtype = file_.variables()[v].schema.dtype;
    std::vector<Region> pieces;
    cut(chunk, kMostBytes / static_cast<std::int64_t>(item_size(dtype)), pieces);
    try {
      for (const Region& piece : pieces) {
        const OwnedBlock cells(piece, dtype);
        file_.read(v, cells.view());
      }
      return "";
    } catch (const Error& e) {
      return e.what();
    } catch (const std::bad_alloc&) {
      return fmt::format("chunk {} does not fit into memory", to_string(chunk));
    }
  }

  void list(const VariableInfo& info, const std::map<std::int64_t, std::string>& problems) {
    std::size_t n = 0;
    for (const auto& [chunk, text] : problems) {
      if (n++ == kMostListed) {
        check_.problems.push_back(fmt::format("variable '{}': {} more chunks cannot be read",
                                              info.name, problems.size() - kMostListed));
        return;
      }
      check_.problems.push_back(fmt::format("variable '{}', chunk {}: {}", info.name,
                                            to_string(info.schema.chunks.chunk_index(chunk)),
                                            text));
    }
  }

  const DatasetFile& file_;
  std::int64_t n_threads_;
  const std::function<void(double)>& on_progress_;
  double total_ = 0;
  double done_ = 0;
  FileCheck check_;
};

}  // namespace

FileCheck check_file(const DatasetFile& file, std::int64_t n_threads,
                     const std::function<void(double)>& on_progress) {
  return Checker(file, n_threads, on_progress).run();
}

}  // namespace rastream
