// SPDX-License-Identifier: Apache-2.0
// Chunks that cost more to find than to read, or that do not fit into memory.
#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/cli/lint/lint.h"

namespace rastream::lint {
namespace {

constexpr double kSmallest = 64.0 * 1024;
constexpr double kLargest = 512.0 * 1024 * 1024;
/// Below this a file is read at once anyway.
constexpr double kSmallVariable = 4.0 * 1024 * 1024;

void run(const Subject& subject, Findings& findings) {
  for (const VariableInfo& v : subject.variables()) {
    if (v.schema.dtype == DType::string || v.schema.n_cells() == 0) continue;
    const Extents shape = v.schema.chunks.max_chunk_shape();
    const double bytes =
        static_cast<double>(product(shape)) * static_cast<double>(item_size(v.schema.dtype));
    const std::int64_t n = v.schema.chunks.n_chunks();
    const std::string chunk =
        fmt::format("{} chunks of {}, {} each", n, to_string(shape), format_bytes(bytes));
    if (bytes < kSmallest && v.schema.size_bytes() > kSmallVariable) {
      findings.push_back(
          {"", Severity::warning, place_of(v), chunk, "64 KiB to 512 MiB, best some MiB",
           "rastream convert with --chunks: reading spends its time between chunks"});
    } else if (bytes > kLargest && !v.codecs.empty()) {
      findings.push_back({"", Severity::warning, place_of(v), chunk,
                          "64 KiB to 512 MiB, best some MiB",
                          "rastream convert with --chunks: every reader must hold whole chunks"});
    }
  }
}

}  // namespace

Check chunks_check() {
  return {"chunks", "chunks are far too small or too large",
          "decoded size of a chunk below 64 KiB in a variable over 4 MiB, or above 512 MiB where "
          "chunks "
          "are compressed",
          &run};
}

}  // namespace rastream::lint
