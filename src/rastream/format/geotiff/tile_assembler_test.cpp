// SPDX-License-Identifier: Apache-2.0
// Tiles from pieces when something fails on the way. What they hold otherwise is tested by the
// writer's bytes.
#include "rastream/format/geotiff/tile_assembler.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream::geotiff {
namespace {

OwnedBlock band_rows(std::int64_t begin, std::int64_t end) {
  OwnedBlock block({{0, begin, 0}, {1, end, 16}}, DType::uint8);
  fill_cells(block.view(), static_cast<double>(begin + 1));
  return block;
}

TEST(TileAssembler, APieceAfterOneThatFoundNoScratchFileIsNoCrash) {
  const ScratchFolder folder;
  const std::string target = folder / "later/a.tif";
  const Pyramid pyramid({1, 16, 16}, 16, false, false);
  int n_tiles = 0;
  TileAssembler assembler(pyramid, DType::uint8, 0, target,
                          [&](const TileKey&, const Block& inside, std::byte*) {
                            ++n_tiles;
                            EXPECT_EQ(cell_as_double(inside, {0, 7, 15}), 1);
                            EXPECT_EQ(cell_as_double(inside, {0, 8, 0}), 9);
                          });
  for (const std::int64_t begin : {0, 8}) {
    EXPECT_EQ(code_of([&] { assembler.add(0, band_rows(begin, begin + 8).view()); }),
              Errc::not_found);
  }
  EXPECT_EQ(assembler.n_waiting(), 0U);
  std::filesystem::create_directory(folder / "later");
  for (const std::int64_t begin : {0, 8}) assembler.add(0, band_rows(begin, begin + 8).view());
  EXPECT_EQ(n_tiles, 1);
}

}  // namespace
}  // namespace rastream::geotiff
