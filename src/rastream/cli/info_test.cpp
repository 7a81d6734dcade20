// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "rastream/base/json.h"
#include "rastream/cli/command.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

TEST(Info, TellsTheExtentOfLongitudesAndLatitudes) {
  const ScratchFolder folder;
  const std::string path = folder / "globe.zarr";
  const auto axis = [](const char* name, std::int64_t n, double first, double step) {
    return stores::variable(name, {name}, {n}, {n}, DType::float64, [=](const Extents& i) {
      return first + step * static_cast<double>(i[0]);
    });
  };
  stores::write_store(path, {axis("lat", 4, 59.5, -1), axis("lon", 5, 10.5, 1),
                             stores::variable("a", {"lat", "lon"}, {4, 5}, {4, 5}, DType::float32,
                                              [](const Extents&) { return 1.0; })});
  CLI::App app;
  const auto run = make_info_command().set_up(app);
  app.parse(std::vector<std::string>{path, "--json"});
  testing::internal::CaptureStdout();
  run();
  const Json json = parse_json(testing::internal::GetCapturedStdout(), "info");
  EXPECT_EQ(json["extent"].get<std::vector<double>>(), (std::vector<double>{10, 56, 15, 60}));
  EXPECT_EQ(json["lonlat_extent"].get<std::vector<double>>(),
            (std::vector<double>{10, 56, 15, 60}));
  EXPECT_TRUE(json["crs"].is_null());
}

}  // namespace
}  // namespace rastream
