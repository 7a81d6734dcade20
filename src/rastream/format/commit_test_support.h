// SPDX-License-Identifier: Apache-2.0
// What the tests of interrupted and competing writers share: a small variable, runs that can be
// killed, and a look at what a reader sees.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include "rastream/format/format_test_support.h"

namespace rastream {

inline const Extents kShape = {16, 8};

inline VariableSpec numbered(const std::string& name = "v") {
  return make_spec(name, kShape, {2, 8}, DType::float32);
}

inline CreateOptions run_options(const std::string& run_id, bool overwrite = false,
                                 const std::string& group = "") {
  CreateOptions o;
  o.group = group;
  o.run_id = run_id;
  o.overwrite = overwrite;
  return o;
}

/// Runs f in a child that ends without unwinding, as a killed process does.
template <typename F>
pid_t start(F&& f) {
  const pid_t child = ::fork();
  if (child == 0) {
    f();
    ::_exit(0);
  }
  return child;
}

/// Fills a file or group with one constant; goes on with what the same run has left.
inline void write_constant(const std::string& path, double value, const CreateOptions& options) {
  const auto writer = create_file(path, options);
  const VariableSpec spec = numbered();
  const std::size_t v = writer->add(spec);
  for (std::int64_t i = 0; i < spec.schema.chunks.n_chunks(); ++i) {
    if (writer->is_committed(v, i)) continue;
    OwnedBlock block(spec.schema.chunks.chunk_region(i), DType::float32);
    fill_cells(block.view(), value);
    writer->write(v, block.view());
  }
  writer->finish();
}

/// The one value of all cells; fails when there are two.
inline double constant_of(const std::string& path, const std::string& group = "") {
  const auto file = open_file(path, group);
  const OwnedBlock block = read_whole(*file, 0);
  const double first = cell_as_double(block.view(), {0, 0});
  for_each_index(block.view().region,
                 [&](const Extents& i) { EXPECT_EQ(cell_as_double(block.view(), i), first); });
  return first;
}

}  // namespace rastream
