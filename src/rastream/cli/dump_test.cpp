// SPDX-License-Identifier: Apache-2.0
// What dump and head print of cells that the files of the transcripts do not have.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "rastream/base/error.h"
#include "rastream/cli/command.h"
#include "rastream/cli/shown_variable.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

/// What the program prints on standard output.
std::string printed(const Command& command, const std::vector<std::string>& arguments) {
  CLI::App app;
  const std::function<int()> run = command.set_up(app);
  app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  testing::internal::CaptureStdout();
  try {
    run();
  } catch (...) {
    testing::internal::GetCapturedStdout();
    throw;
  }
  return testing::internal::GetCapturedStdout();
}

template <typename T>
void add(DatasetWriter& writer, const std::string& name, std::vector<T> cells) {
  const Extents shape{static_cast<std::int64_t>(cells.size())};
  VariableSpec spec;
  spec.name = name;
  spec.schema = make_schema({name + "_dim"}, shape, dtype_of<T>);
  writer.write(writer.add(spec), dense_block(Region::whole(shape), dtype_of<T>,
                                             reinterpret_cast<std::byte*>(cells.data())));
}

class Dump : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }

  std::string waves() const {
    const auto writer = create_file(path("waves.zarr"), {});
    const float nan = std::nanf("");
    add<std::complex<float>>(*writer, "wave", {{1, 2}, {0.1F, -INFINITY}, {nan, nan}, {0, nan}});
    writer->finish();
    return path("waves.zarr");
  }

  ScratchFolder folder_;
};

TEST_F(Dump, ComplexCellsAreTwoNumbersInJson) {
  const Json json = parse_json(printed(make_dump_command(), {waves(), "--format", "json"}), "dump");
  EXPECT_EQ(json[0]["data"].dump(), R"([[1,2],[0.1,"-Infinity"],[null,null],[0,null]])");
}

TEST_F(Dump, ComplexCellsAreOneFieldInCsvWhichIsEmptyWhereTheyAreMissing) {
  EXPECT_EQ(printed(make_dump_command(), {waves(), "wave"}),
            "wave_dim,wave\n0,1+2j\n1,0.1-infj\n2,\n3,0+nanj\n");
}

TEST_F(Dump, ComplexVariablesAreRefusedAsCdlBeforeAnythingIsPrinted) {
  const std::string file = waves();
  testing::internal::CaptureStdout();
  CLI::App app;
  const auto run = make_dump_command().set_up(app);
  app.parse(std::vector<std::string>{"--header", "cdl", "--format", file});
  expect_refused(Errc::unsupported, "--format csv or json", [&] { run(); });
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST_F(Dump, TextThatIsNotUtf8IsReplacedInJson) {
  const auto writer = create_file(path("text.nc"), {});
  VariableSpec spec;
  spec.name = "place";
  spec.schema = make_schema({"n"}, {2}, DType::string);
  writer->write_strings(writer->add(spec), {"caf\xE9", "\u00e9"});
  writer->finish();
  const Json json =
      parse_json(printed(make_dump_command(), {path("text.nc"), "--format", "json"}), "dump");
  EXPECT_EQ(json[0]["data"].dump(), "[\"caf\uFFFD\",\"\u00e9\"]");
}

TEST_F(Dump, HeadShowsNumbersOfEveryKind) {
  const std::string text = printed(make_head_command(), {waves()});
  EXPECT_NE(text.find("1+2j"), std::string::npos) << text;
  EXPECT_NE(text.find("--"), std::string::npos) << text;
}

TEST(BoxesInOrder, AreWiderWhereCellsAreSmaller) {
  EXPECT_EQ(cells_at_once(1 << 20, 8), 1 << 15);
  EXPECT_EQ(cells_at_once(1 << 20, 1), 1 << 18);
  const ChunkGrid chunks = ChunkGrid::regular({8, 100}, {8, 10});
  EXPECT_EQ(boxes_in_order(Region::whole({8, 100}), chunks, 400).size(), 2u);
}

}  // namespace
}  // namespace rastream
