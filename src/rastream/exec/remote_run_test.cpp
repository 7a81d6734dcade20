// SPDX-License-Identifier: Apache-2.0
// Plans over files behind a server: the same cells, within the bound, and no token in what is left.
#include <gtest/gtest.h>

#include "rastream/exec/compare_copy.h"
#include "rastream/exec/copy_dataset.h"
#include "rastream/format/format_test_support.h"
#include "rastream/store/byte_source.h"
#include "tests/servers/file_server.h"

namespace rastream {
namespace {

TEST(RemoteRun, AFileBehindAServerIsCopiedWithinItsBound) {
  const ScratchFolder folder;
  const VariableSpec spec = make_spec("v", {20, 600, 500}, {1, 600, 500}, DType::int16, "none");
  write_group(folder / "cube.nc", {}, spec);
  const FileServer server(folder.path());
  RunOptions run;
  run.plan.n_threads = 2;
  run.plan.memory_bytes = std::int64_t{512} << 20;
  CopyOptions options;
  options.chunks = {{"a", -1}, {"b", 100}, {"c", 100}};
  const CopyReport report =
      copy_dataset(server.url("cube.nc?token=canary"), folder / "out.zarr", options, run);
  EXPECT_TRUE(report.is_complete);
  EXPECT_GE(report.bound_bytes, kRemoteCacheBytes);
  EXPECT_LE(report.peak_bytes, std::max(report.bound_bytes, *run.plan.memory_bytes));
  const auto copy = open_file(folder / "out.zarr");
  EXPECT_EQ(count_wrong_cells(read_whole(*copy, copy->find_variable("v")).view(), {20, 600, 500}),
            0);
  for (const auto& [name, text] : tree_of(folder / "out.zarr"))
    EXPECT_EQ(text.find("canary"), std::string::npos) << name;
}

}  // namespace
}  // namespace rastream
