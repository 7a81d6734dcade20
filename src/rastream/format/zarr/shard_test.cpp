// SPDX-License-Identifier: Apache-2.0
// Shards laid out by hand, whole and damaged. What zarrs wrote is read by shared_data_test.
#include <array>

#include "rastream/format/zarr/codec.h"
#include "rastream/format/zarr/verify.h"
#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

/// 4 x 6 uint8 in shards of 4 x 4 with chunks of 2 x 2; the last shard reaches beyond the array.
struct Layout {
  bool index_is_first = false;
  bool is_big_endian = false;
  bool has_checksum = true;
};

constexpr std::uint64_t kAbsent = ~std::uint64_t{0};
using Entry = std::array<std::uint64_t, 2>;

std::string metadata(const Layout& layout) {
  return fmt::format(
      R"({{"zarr_format":3,"node_type":"array","shape":[4,6],"data_type":"uint8","fill_value":99,
  "chunk_grid":{{"name":"regular","configuration":{{"chunk_shape":[4,4]}}}},
  "chunk_key_encoding":{{"name":"default"}},"codecs":[{{"name":"sharding_indexed","configuration":{{
    "chunk_shape":[2,2],"codecs":["bytes"],"index_location":"{}",
    "index_codecs":[{{"name":"bytes","configuration":{{"endian":"{}"}}}}{}]}}}}]}})",
      layout.index_is_first ? "start" : "end", layout.is_big_endian ? "big" : "little",
      layout.has_checksum ? R"(,{"name":"crc32c"})" : "");
}

std::string index_text(const Layout& layout, const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) {
    for (const std::uint64_t number : entry) {
      const std::uint64_t stored = layout.is_big_endian ? __builtin_bswap64(number) : number;
      text.append(reinterpret_cast<const char*>(&stored), sizeof stored);
    }
  }
  if (!layout.has_checksum) return text;
  const auto codec = zarr::make_codec(Json("crc32c"), {3, 8, "the index"});
  const Bytes coded = codec->encode(std::as_bytes(std::span(text)));
  return {reinterpret_cast<const char*>(coded.data()), coded.size()};
}

/// Cell (y, x) of the array is 10 y + x.
std::string chunk_cells(int y, int x) {
  std::string cells;
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) cells += static_cast<char>(10 * (2 * y + i) + 2 * x + j);
  }
  return cells;
}

/// A shard of the chunks [0, 2) x [first, first + 2), of which chunk (1, first) was never written.
std::string shard(const Layout& layout, int first) {
  const std::uint64_t origin =
      layout.index_is_first ? 4 * sizeof(Entry) + (layout.has_checksum ? 4 : 0) : 0;
  const std::vector<Entry> entries = {
      {origin + 4, 4}, {origin, 4}, {kAbsent, kAbsent}, {origin + 8, 4}};
  const std::string chunks =
      chunk_cells(0, first + 1) + chunk_cells(0, first) + chunk_cells(1, first + 1);
  const std::string index = index_text(layout, entries);
  return layout.index_is_first ? index + chunks : chunks + index;
}

class Shards : public ::testing::Test {
 protected:
  void write(const Layout& layout) {
    put_text(folder_ / "a.zarr/zarr.json", metadata(layout));
    put_text(folder_ / "a.zarr/c/0/0", shard(layout, 0));
    put_text(folder_ / "a.zarr/c/0/1", shard(layout, 2));
  }
  std::shared_ptr<DatasetFile> open() const { return open_file(folder_ / "a.zarr"); }
  Error read_error() const {
    return error_of([&] { read_whole(*open(), 0); });
  }
  std::string first_shard() const { return folder_ / "a.zarr/c/0/0"; }

  ScratchFolder folder_;
};

TEST_F(Shards, AreReadChunkByChunkWhereverTheirIndexStands) {
  for (const bool first : {false, true}) {
    for (const bool big : {false, true}) {
      for (const bool checked : {false, true}) {
        write({first, big, checked});
        const auto file = open();
        EXPECT_EQ(file->variables()[0].schema.chunks.max_chunk_shape(), (Extents{2, 2}));
        EXPECT_EQ(file->variables()[0].codecs.front(), "sharding_indexed 4x4");
        const OwnedBlock cells = read_whole(*file, 0);
        for_each_index(cells.view().region, [&](const Extents& i) {
          const bool is_absent = i[0] >= 2 && (i[1] < 2 || i[1] >= 4);
          EXPECT_EQ(cell_as_double(cells.view(), i),
                    is_absent ? 99 : static_cast<double>(10 * i[0] + i[1]))
              << to_string(i);
        });
      }
    }
  }
}

TEST_F(Shards, OneChunkIsReadWithoutTheOthers) {
  write({});
  const auto file = open();
  OwnedBlock cells(Region{{0, 2}, {2, 4}}, DType::uint8);
  file->read(0, cells.view());
  EXPECT_EQ(cell_as_double(cells.view(), {1, 3}), 13);
  EXPECT_EQ(file->statistics().n_chunks, 1);
  EXPECT_EQ(file->statistics().stored_bytes, 4);
}

TEST_F(Shards, AnAbsentShardIsFill) {
  write({});
  std::filesystem::remove(first_shard());
  const OwnedBlock cells = read_whole(*open(), 0);
  EXPECT_EQ(cell_as_double(cells.view(), {0, 0}), 99);
  EXPECT_EQ(cell_as_double(cells.view(), {0, 4}), 4);
}

TEST_F(Shards, EveryTruncationIsAnError) {
  write({});
  const std::string whole = file_text(first_shard());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    put_text(first_shard(), whole.substr(0, n));
    EXPECT_EQ(read_error().code(), Errc::data_loss) << n;
  }
}

TEST_F(Shards, EveryFlippedBitOfTheIndexIsFoundByItsChecksum) {
  write({});
  const std::string whole = file_text(first_shard());
  for (std::size_t byte = 12; byte < whole.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[byte] = static_cast<char>(damaged[byte] ^ 1 << bit);
      put_text(first_shard(), damaged);
      EXPECT_EQ(read_error().code(), Errc::data_loss) << byte << "." << bit;
    }
  }
}

TEST_F(Shards, AnIndexThatPointsElsewhereIsRefusedAndTheChunkNamed) {
  const Layout layout{.has_checksum = false};
  write(layout);
  const std::string chunks = file_text(first_shard()).substr(0, 12);
  const std::vector<Entry> absurd = {
      {70, 7}, {kAbsent, 4}, {0, kAbsent}, {kAbsent - 3, 8}, {0, 77}};
  for (const Entry& entry : absurd) {
    put_text(first_shard(), chunks + index_text(layout, {entry, {0, 4}, {0, 4}, {0, 4}}));
    const Error e = read_error();
    EXPECT_EQ(e.code(), Errc::data_loss) << entry[0] << " + " << entry[1];
    EXPECT_NE(std::string(e.what()).find("chunk (0, 0) in shard 'c/0/0'"), std::string::npos)
        << e.what();
  }
}

TEST_F(Shards, ManyMoreChunksThanTheShardHasBytesAreRefusedBeforeMemoryIsTaken) {
  write({});
  Json document = Json::parse(metadata({}));
  document["chunk_grid"]["configuration"]["chunk_shape"] = {1 << 20, 1 << 20};
  document["codecs"][0]["configuration"]["chunk_shape"] = {1, 1};
  put_text(folder_ / "a.zarr/zarr.json", document.dump());
  EXPECT_EQ(read_error().code(), Errc::data_loss);
}

TEST_F(Shards, MetadataThatNoShardCanHaveIsRefused) {
  const auto with = [&](const char* key, const Json& value) {
    Json document = Json::parse(metadata({}));
    document["codecs"][0]["configuration"][key] = value;
    put_text(folder_ / "a.zarr/zarr.json", document.dump());
    return read_error().code();
  };
  write({});
  EXPECT_EQ(with("chunk_shape", {3, 2}), Errc::data_loss);
  EXPECT_EQ(with("chunk_shape", {2}), Errc::data_loss);
  EXPECT_EQ(with("chunk_shape", {0, 2}), Errc::data_loss);
  EXPECT_EQ(with("index_location", "middle"), Errc::data_loss);
  EXPECT_EQ(with("index_codecs", Json::array()), Errc::data_loss);
  EXPECT_EQ(with("index_codecs", {"gzip"}), Errc::unsupported);
  EXPECT_EQ(with("codecs", Json::array()), Errc::data_loss);
}

/// 7 x 10 in shards of 4 x 6 with chunks of 2 x 3; edges on both sides.
VariableSpec sharded_spec(DType dtype, const char* compressor = "zstd") {
  VariableSpec spec = make_spec("v", {7, 10}, {4, 6}, dtype, compressor);
  spec.inner_chunks = {2, 3};
  return spec;
}

class WrittenShards : public ::testing::Test {
 protected:
  std::string path() const { return folder_ / "a.zarr"; }
  CreateOptions options(const std::string& run_id = "") const {
    CreateOptions o;
    o.zarr_format = 3;
    o.run_id = run_id;
    return o;
  }
  ScratchFolder folder_;
};

TEST_F(WrittenShards, AreReadBackChunkByChunk) {
  for (const DType dtype : {DType::bool_, DType::int16, DType::float32, DType::complex128}) {
    for (const char* compressor : {"none", "zstd", "gzip", "blosc"}) {
      CreateOptions o = options();
      o.overwrite = true;
      write_group(path(), o, sharded_spec(dtype, compressor));
      const auto file = open_file(path());
      EXPECT_EQ(file->variables()[0].schema.chunks.max_chunk_shape(), (Extents{2, 3}));
      EXPECT_EQ(count_wrong_cells(read_whole(*file, 0).view(), {7, 10}), 0) << compressor;
      EXPECT_EQ(file->statistics().n_chunks, 16);
      EXPECT_TRUE(verify_zarr(path(), "").problems.empty());
    }
  }
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a.zarr/v/c/1/1"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.zarr/v/c/2/0"));
}

TEST_F(WrittenShards, AShardThatSpansADimensionMayReachBeyondIt) {
  VariableSpec spec = make_spec("v", {7, 10}, {7, 10}, DType::int32);
  spec.inner_chunks = {2, 3};
  write_group(path(), options(), spec);
  const auto file = open_file(path());
  EXPECT_EQ(file->variables()[0].codecs.front(), "sharding_indexed 8x12");
  EXPECT_EQ(count_wrong_cells(read_whole(*file, 0).view(), {7, 10}), 0);
}

TEST_F(WrittenShards, ChunksOfFillValuesAreLeftOutAndShardsOfThemToo) {
  VariableSpec spec = sharded_spec(DType::float32);
  spec.fill_value = 5;
  const auto writer = create_file(path(), options());
  const std::size_t v = writer->add(spec);
  for (std::int64_t shard = 0; shard < 4; ++shard) {
    OwnedBlock cells(spec.schema.chunks.chunk_region(shard), DType::float32);
    fill_cells(cells.view(), 5);
    if (shard == 0) *cells.view().as<float>() = 1;
    writer->write(v, cells.view());
  }
  writer->finish();
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a.zarr/v/c/0/0"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.zarr/v/c/1/1"));
  const auto file = open_file(path());
  const OwnedBlock cells = read_whole(*file, 0);
  EXPECT_EQ(cell_as_double(cells.view(), {0, 0}), 1);
  EXPECT_EQ(cell_as_double(cells.view(), {6, 9}), 5);
  EXPECT_EQ(file->statistics().n_chunks, 1);
}

TEST_F(WrittenShards, ThoseOfAStoppedRunAreResumedWholeOrNotAtAll) {
  const VariableSpec spec = sharded_spec(DType::int16);
  {
    const auto writer = create_file(path(), options("run"));
    const std::size_t v = writer->add(spec);
    for (const std::int64_t shard : {0, 1, 2}) write_numbered(*writer, v, spec, shard);
  }
  const std::filesystem::path partial = folder_ / ".a.zarr.rastream-partial";
  const std::string shard = file_text(partial / "data/v/c/0/1");
  put_text(partial / "data/v/c/0/1", shard.substr(0, shard.size() - 1));
  // The journal loses the last chunk of shard 2.
  std::string journal = file_text(partial / "journal");
  journal.resize(journal.size() - 2);
  put_text(partial / "journal", journal);

  const auto writer = create_file(path(), options("run"));
  const std::size_t v = writer->add(spec);
  EXPECT_TRUE(writer->is_committed(v, 0));
  for (const std::int64_t missing : {1, 2, 3}) {
    EXPECT_FALSE(writer->is_committed(v, missing)) << missing;
    write_numbered(*writer, v, spec, missing);
  }
  writer->finish();
  EXPECT_EQ(count_wrong_cells(read_whole(*open_file(path()), 0).view(), {7, 10}), 0);
}

TEST_F(WrittenShards, ALostShardIsNotFill) {
  write_group(path(), options(), sharded_spec(DType::int16));
  std::filesystem::remove(folder_ / "a.zarr/v/c/0/1");
  EXPECT_EQ(error_of([&] { read_whole(*open_file(path()), 0); }).code(), Errc::data_loss);
  EXPECT_EQ(verify_zarr(path(), "").problems.size(), 4u) << "each of its chunks";
}

TEST_F(WrittenShards, SwappedShardsOfEqualLengthAreFound) {
  write_group(path(), options(), sharded_spec(DType::int16, "none"));
  std::filesystem::rename(folder_ / "a.zarr/v/c/0/0", folder_ / "swap");
  std::filesystem::rename(folder_ / "a.zarr/v/c/1/0", folder_ / "a.zarr/v/c/0/0");
  std::filesystem::rename(folder_ / "swap", folder_ / "a.zarr/v/c/1/0");
  EXPECT_EQ(error_of([&] { read_whole(*open_file(path()), 0); }).code(), Errc::data_loss);
}

TEST_F(WrittenShards, NeedVersion3AndWholeChunks) {
  CreateOptions v2 = options();
  v2.zarr_format = 2;
  const auto refused = [&](const CreateOptions& o, const VariableSpec& spec) {
    return error_of([&] { create_file(folder_ / "b.zarr", o)->add(spec); }).code();
  };
  EXPECT_EQ(refused(v2, sharded_spec(DType::int16)), Errc::invalid_argument);
  for (const Extents& inner : {Extents{3, 3}, Extents{2}, Extents{0, 3}}) {
    VariableSpec spec = sharded_spec(DType::int16);
    spec.inner_chunks = inner;
    EXPECT_EQ(refused(options(), spec), Errc::invalid_argument) << to_string(inner);
  }
}

}  // namespace
}  // namespace rastream
