// SPDX-License-Identifier: Apache-2.0
// Arrays opened and computed straight from mass storage: dcache:// through door and pools of the
// stand-in, and webdav:// at the same door and at apache2. The bits are those of the local file.
#include <cstdlib>

#include "rastream/exec/asset_test_support.h"
#include "rastream/exec/copy_dataset.h"
#include "rastream/exec/get_asset.h"
#include "rastream/ops/labelled.h"
#include "rastream/store/store.h"
#include "tests/servers/server_process.h"
#include "tests/suites/engine_runs.h"

namespace rastream {
namespace {

constexpr const char* kSuite = "RemoteDatasets";

/// Which store stands behind a URL is read once a process, so that it is written before the first
/// test; only when the tests of this file run.
class MassStorage : public testing::Environment {
 public:
  void SetUp() override {
    if (!is_wanted()) return;
    server_ = std::make_unique<ServerProcess>(
        std::vector<std::string>{"python3", "tests/servers/dcache_like.py"});
    server_->ask({{"put", "/pnfs/home"}, {"folder", true}});
    const Json surf = {{"url", "dcache://surf/"},
                       {"type", "dcache"},
                       {"webdav_url", server_->origin("door") + "/pnfs/home"},
                       {"api_url", server_->origin("api") + "/api/v1"}};
    write_text_file(folder_ / "stores.json", Json{{"stores", {surf}}}.dump());
    ::setenv("RASTREAM_STORES", (folder_ / "stores.json").c_str(), 1);
  }
  void TearDown() override { server_.reset(); }
  ServerProcess& server() { return *server_; }

 private:
  static bool is_wanted() {
    const auto& all = *testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
      const testing::TestSuite* suite = all.GetTestSuite(i);
      if (suite->name() == std::string(kSuite) && suite->test_to_run_count() > 0) return true;
    }
    return false;
  }

  ScratchFolder folder_;
  std::unique_ptr<ServerProcess> server_;
};

auto* const kStorage =
    static_cast<MassStorage*>(testing::AddGlobalTestEnvironment(new MassStorage));

class RemoteDatasets : public AssetTest {
 protected:
  RemoteDatasets() { write_cube(cube_); }

  /// Puts the cube below `root`, and returns its URL there.
  std::string stored(const std::string& root) const {
    open_store(root)->put("deep/cube.nc", *read_file(cube_));
    return root + "deep/cube.nc";
  }

  /// What is computed from `data` is what is computed from the cube here: by evaluating the graph,
  /// and by a plan that opens the file again from its JSON.
  void expect_as_here(const Dataset& data) const {
    const Dataset here = open_dataset(cube_);
    EXPECT_EQ(index_values(data["v"], "lat"), index_values(here["v"], "lat"));
    const std::vector<Array> there = {mean(data["v"], {"time"}).array, data["v"].array};
    const std::vector<Array> expected = {mean(here["v"], {"time"}).array, here["v"].array};
    const auto cells = runs::evaluated(expected);
    const auto remote = runs::evaluated(there);
    for (std::size_t i = 0; i < cells.size(); ++i)
      EXPECT_TRUE(runs::equal_cells(remote[i].view(), cells[i].view()));
    PlanOptions options;
    options.n_threads = 2;
    options.memory_bytes = std::int64_t{512} << 20;
    EXPECT_TRUE(runs::makes(make_plan(runs::targets_of(there), options), there, cells, "threads"));
  }

  /// The cube, opened by its URL and as the asset of an item.
  void expect_same_at(const std::string& root) {
    const std::string url = stored(root);
    expect_as_here(open_dataset(url));
    catalog_.add("a/a.json", "a", {{"cube", {{"href", url}}}});
    expect_as_here(std::get<Dataset>(get_asset(catalog_.open(), "a", "cube")));
  }

  std::string cube_ = folder_ / "here.nc";
};

TEST_F(RemoteDatasets, OfDCacheAreComputedThroughDoorAndPools) {
  kStorage->server().ask({{"requests", true}});
  expect_same_at("dcache://surf/");
  bool has_pool = false;
  for (const Json& seen : kStorage->server().ask({{"requests", true}}))
    has_pool = has_pool || (seen["server"] == "pool" && seen["method"] == "GET");
  EXPECT_TRUE(has_pool);
}

TEST_F(RemoteDatasets, OfADoorByWebDavAreTheSame) {
  expect_same_at(
      fmt::format("webdav://127.0.0.1:{}/pnfs/home/dav/", kStorage->server().port("door")));
}

TEST_F(RemoteDatasets, OfAWebDavServerAreTheSame) {
  const ServerProcess apache({"python3", "tests/servers/apache_dav.py"});
  if (!apache.is_running()) GTEST_SKIP() << "apache2 is not installed";
  expect_same_at(fmt::format("webdav://127.0.0.1:{}/", apache.port()));
}

TEST_F(RemoteDatasets, AreWrittenAsWhatTheyAreHere) {
  RunOptions run;
  run.plan.n_threads = 2;
  run.plan.memory_bytes = std::int64_t{512} << 20;
  EXPECT_TRUE(copy_dataset(stored("dcache://surf/"), folder_ / "there.zarr", {}, run).is_complete);
  EXPECT_TRUE(copy_dataset(cube_, folder_ / "here.zarr", {}, run).is_complete);
  const auto here = runs::evaluated({open_dataset(folder_ / "here.zarr")["v"].array});
  const auto there = runs::evaluated({open_dataset(folder_ / "there.zarr")["v"].array});
  EXPECT_TRUE(runs::equal_cells(there[0].view(), here[0].view()));
}

}  // namespace
}  // namespace rastream
