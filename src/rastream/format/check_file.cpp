// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/check_file.h"

#include <algorithm>
#include <utility>

#include "rastream/array/halve.h"
#include "rastream/base/error.h"
#include "rastream/format/ordered_work.h"

namespace rastream {
namespace {

/// Of more problems than this in one variable the rest is counted, not listed.
constexpr std::size_t kMostListed = 1000;
/// A piece that is read at once of cells that are stored as they are, often a whole variable.
constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;
/// The same of encoded ones: larger chunks do not come from writers, but from damaged headers.
constexpr std::int64_t kMostEncodedBytes = std::int64_t{2} << 30;

/// Chunks that cannot be read, in the order of the file.
using Problems = std::vector<std::pair<std::int64_t, std::string>>;

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
    } catch (const std::exception& e) {
      check_.problems.push_back(
          fmt::format("variable '{}': {}", file_.variables()[v].name, e.what()));
    }
  }

  void check_numbers(std::size_t v) {
    const VariableInfo& info = file_.variables()[v];
    const ChunkGrid& grid = info.schema.chunks;
    if (info.schema.n_cells() == 0) return;
    Problems problems;
    const std::int64_t n = grid.n_chunks();
    run_ordered(
        static_cast<int>(std::min(n_threads_, n)), n,
        [&](std::int64_t c) { return problem_of(v, grid.chunk_region(c)); },
        [&](std::int64_t c, std::string problem) {
          if (!problem.empty()) problems.emplace_back(c, std::move(problem));
          done_ += info.schema.size_bytes() / static_cast<double>(n);
          if (on_progress_ && total_ > 0) on_progress_(done_ / total_);
        });
    check_.n_chunks += n;
    check_.decoded_bytes += static_cast<std::int64_t>(info.schema.size_bytes());
    list(info, problems);
  }

  /// What is wrong with a chunk; empty when it can be read.
  std::string problem_of(std::size_t v, const Region& chunk) const {
    const VariableInfo& info = file_.variables()[v];
    const DType dtype = info.schema.dtype;
    // A piece of an encoded chunk costs decoding the whole.
    const std::int64_t most_bytes = info.codecs.empty() ? kMostBytes : kMostEncodedBytes;
    try {
      for (const Region& piece :
           halve(chunk, most_bytes / static_cast<std::int64_t>(item_size(dtype)))) {
        const OwnedBlock cells(piece, dtype);
        file_.read(v, cells.view());
      }
      return "";
    } catch (const std::bad_alloc&) {
      return fmt::format("chunk {} does not fit into memory", to_string(chunk));
    } catch (const std::exception& e) {
      return e.what();
    }
  }

  void list(const VariableInfo& info, const Problems& problems) {
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
