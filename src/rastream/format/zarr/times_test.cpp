// SPDX-License-Identifier: Apache-2.0
// NumPy's times in every unit, and text inside shards: both are read as what they mean.
#include <limits>

#include "rastream/format/zarr/shard.h"
#include "rastream/format/zarr/text.h"
#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

constexpr std::int64_t kNaT = std::numeric_limits<std::int64_t>::min();

/// An array of one chunk with these counts, in the type that `dtype` says.
std::shared_ptr<DatasetFile> times(const ScratchFolder& folder, const std::string& dtype,
                                   const std::vector<std::int64_t>& counts,
                                   const std::string& fill = "null") {
  const std::string path = folder / "t.zarr";
  std::filesystem::remove_all(path);
  put_text(path + "/.zarray",
           fmt::format(R"({{"zarr_format": 2, "shape": [{0}], "chunks": [{0}], "dtype": "{1}",
                           "compressor": null, "filters": null, "order": "C", "fill_value": {2}}})",
                       counts.size(), dtype, fill));
  put_text(path + "/0", {reinterpret_cast<const char*>(counts.data()), 8 * counts.size()});
  return open_file(path);
}

std::vector<std::int64_t> cells_of(const DatasetFile& file) {
  const OwnedBlock cells = read_whole(file, 0);
  const auto* data = cells.view().as<std::int64_t>();
  return {data, data + cells.view().n_cells()};
}

TEST(ZarrTimes, MonthsAndYearsAreTheDaysOnWhichTheyBegin) {
  const ScratchFolder folder;
  auto file = times(folder, "<M8[M]", {0, 1, -1, 361, -2, kNaT, 12 * 30, -12 * 1969});
  EXPECT_EQ(file->variables()[0].attributes.text("units"), "days since 1970-01-01");
  EXPECT_EQ(file->variables()[0].attributes.text("calendar"), "proleptic_gregorian");
  EXPECT_EQ(cells_of(*file),
            (std::vector<std::int64_t>{0, 31, -31, 10988, -61, kNaT, 10957, -719162}));
  file = times(folder, "<M8[Y]", {0, 30, -1, 31, kNaT, -2000});
  EXPECT_EQ(cells_of(*file),
            (std::vector<std::int64_t>{0, 10957, -365, 11323, kNaT, -730500 + 15}));
}

TEST(ZarrTimes, AUnitMayHaveACount) {
  const ScratchFolder folder;
  auto file = times(folder, "<M8[25us]", {0, 1, -3, kNaT});
  EXPECT_EQ(file->variables()[0].attributes.text("units"), "microseconds since 1970-01-01");
  EXPECT_EQ(cells_of(*file), (std::vector<std::int64_t>{0, 25, -75, kNaT}));
  file = times(folder, "<M8[3M]", {0, 1, 4});
  EXPECT_EQ(cells_of(*file), (std::vector<std::int64_t>{0, 90, 365}));
  file = times(folder, "<m8[10m]", {0, 1, -2});
  EXPECT_EQ(file->variables()[0].attributes.text("units"), "minutes");
  EXPECT_EQ(cells_of(*file), (std::vector<std::int64_t>{0, 10, -20}));
}

TEST(ZarrTimes, LengthsInMonthsAndSmallUnitsAreCounts) {
  const ScratchFolder folder;
  for (const auto& [dtype, units] : {std::pair("<m8[M]", "months"), std::pair("<m8[Y]", "years"),
                                     std::pair("<m8[as]", "attoseconds"),
                                     std::pair("<M8[ps]", "picoseconds since 1970-01-01")}) {
    const auto file = times(folder, dtype, {5, kNaT});
    EXPECT_EQ(file->variables()[0].attributes.text("units"), units);
    EXPECT_EQ(cells_of(*file), (std::vector<std::int64_t>{5, kNaT}));
  }
}

TEST(ZarrTimes, DatesBeyondTheCalendarAreReported) {
  const ScratchFolder folder;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const char* dtype : {"<M8[M]", "<M8[Y]", "<M8[25us]", "<m8[7D]"}) {
    const auto file = times(folder, dtype, {0, most});
    EXPECT_EQ(error_of([&] { cells_of(*file); }).code(), Errc::data_loss) << dtype;
  }
  for (const char* dtype : {"<M8", "<M8[0s]", "<M8[99999999999999999999s]", "<M8[s/3]", "<M8[x]"}) {
    const auto file = times(folder, dtype, {0});
    EXPECT_EQ(error_of([&] { cells_of(*file); }).code(), Errc::unsupported) << dtype;
  }
}

TEST(ZarrTimes, TheFillValueIsADateToo) {
  const ScratchFolder folder;
  times(folder, "<M8[M]", {1, 2}, "13");
  std::filesystem::remove(folder / "t.zarr/0");
  EXPECT_EQ(cells_of(*open_file(folder / "t.zarr")), (std::vector<std::int64_t>{396, 396}));
}

TEST(TextInShards, IsReadChunkByChunk) {
  const ScratchFolder folder;
  const std::string path = folder / "t.zarr";
  put_text(path + "/zarr.json", R"({"zarr_format": 3, "node_type": "array", "shape": [5],
    "data_type": "string", "fill_value": "",
    "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4]}},
    "chunk_key_encoding": {"name": "default"},
    "codecs": [{"name": "sharding_indexed", "configuration": {"chunk_shape": [2],
      "codecs": [{"name": "vlen-utf8"}],
      "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}]}}]})");
  zarr::CellType text;
  text.kind = zarr::CellKind::vlen_utf8;
  const auto shard = [&](const std::vector<std::vector<std::string>>& chunks) {
    Bytes bytes;
    std::vector<zarr::ShardEntry> index(2);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      const Bytes chunk = zarr::encode_text(chunks[i], text);
      index[i] = {bytes.size(), chunk.size()};
      bytes.insert(bytes.end(), chunk.begin(), chunk.end());
    }
    const Bytes end = zarr::encode_shard_index(index, {});
    bytes.insert(bytes.end(), end.begin(), end.end());
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  put_text(path + "/c/0", shard({{"a", "bé"}, {"", "long text"}}));
  put_text(path + "/c/1", shard({{"last", ""}}));
  EXPECT_EQ(open_file(path)->read_strings(0),
            (std::vector<std::string>{"a", "bé", "", "long text", "last"}));
  put_text(path + "/c/1", shard({{"last"}}));
  EXPECT_EQ(error_of([&] { open_file(path)->read_strings(0); }).code(), Errc::data_loss);
}

}  // namespace
}  // namespace rastream
