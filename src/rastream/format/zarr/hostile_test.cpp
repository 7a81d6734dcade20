// SPDX-License-Identifier: Apache-2.0
// Metadata and chunks that are wrong, absurd or hostile: one clear error, never a crash, a hang or
// a wrong cell.
#include <algorithm>
#include <cmath>

#include "rastream/format/zarr/verify.h"
#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const char* kGoodV2 =
    R"({"zarr_format":2,"shape":[4,4],"chunks":[2,4],"dtype":"<f4","compressor":null,
  "fill_value":null,"order":"C","filters":null})";
const char* kGoodV3 = R"({"zarr_format":3,"node_type":"array","shape":[4,4],"data_type":"float32",
  "chunk_grid":{"name":"regular","configuration":{"chunk_shape":[2,4]}},"chunk_key_encoding":{"name":"default"},
  "fill_value":0,"codecs":[{"name":"bytes","configuration":{"endian":"little"}}],"attributes":{}})";

/// The outcome of opening and reading an array with this metadata.
std::optional<Error> outcome(int format, const std::string& metadata,
                             const std::string& attributes = "{}") {
  const ScratchFolder folder;
  put_text(folder / (format == 2 ? "a.zarr/.zarray" : "a.zarr/zarr.json"), metadata);
  if (format == 2) put_text(folder / "a.zarr/.zattrs", attributes);
  try {
    const auto file = open_file(folder / "a.zarr");
    const Schema& schema = file->variables().at(0).schema;
    if (schema.dtype == DType::string) {
      file->read_strings(0);
      return std::nullopt;
    }
    Region first = Region::whole(schema.shape);
    for (std::int64_t& end : first.end) end = std::min<std::int64_t>(end, 2);
    OwnedBlock block(first, schema.dtype);
    file->read(0, block.view());
    return std::nullopt;
  } catch (const Error& e) {
    return e;
  }
}

Json with(const char* text, const std::string& key, const Json& value) {
  Json document = Json::parse(text);
  document[key] = value;
  return document;
}

TEST(HostileMetadata, TheGoodOnesAreGood) {
  EXPECT_FALSE(outcome(2, kGoodV2).has_value());
  EXPECT_FALSE(outcome(3, kGoodV3).has_value());
}

TEST(HostileMetadata, EachWrongMemberOfV2IsNamedAndSorted) {
  const std::vector<std::tuple<std::string, std::string, Errc>> cases = {
      {"shape", "[4]", Errc::data_loss},
      {"shape", "[4,-4]", Errc::data_loss},
      {"shape", "[4,1.5]", Errc::data_loss},
      {"shape", "4", Errc::data_loss},
      {"shape", "[4,\"4\"]", Errc::data_loss},
      {"shape", "null", Errc::data_loss},
      {"shape", "[9223372036854775807,9223372036854775807]", Errc::data_loss},
      {"shape", "[4611686018427387904,4]", Errc::data_loss},
      {"shape", "[18446744073709551615,1]", Errc::data_loss},
      {"shape", "[1,1,1,1,1,1,1,1,1]", Errc::unsupported},
      {"chunks", "[0,4]", Errc::data_loss},
      {"chunks", "[-1,4]", Errc::data_loss},
      {"chunks", "[2.0,4]", Errc::data_loss},
      {"chunks", "[2]", Errc::data_loss},
      {"chunks", "[2,4,1]", Errc::data_loss},
      {"chunks", "[4611686018427387904,8]", Errc::data_loss},
      {"dtype", "\"<f3\"", Errc::data_loss},
      {"dtype", "\"\"", Errc::data_loss},
      {"dtype", "\"<\"", Errc::data_loss},
      {"dtype", "\"f4\"", Errc::data_loss},
      {"dtype", "\"<f99999999999999999999\"", Errc::data_loss},
      {"dtype", "\"|f4\"", Errc::data_loss},
      {"dtype", "\"<M8[huge]\"", Errc::unsupported},
      {"dtype", "\"<c32\"", Errc::unsupported},
      {"dtype", "\"|O\"", Errc::unsupported},
      {"dtype", "[[\"a\",\"<i4\"]]", Errc::unsupported},
      {"dtype", "\"<U0\"", Errc::data_loss},
      {"dtype", "\"|S-1\"", Errc::data_loss},
      {"dtype", "7", Errc::data_loss},
      {"order", "\"K\"", Errc::data_loss},
      {"fill_value", "\"seven\"", Errc::data_loss},
      {"fill_value", "[1]", Errc::data_loss},
      {"compressor", "\"gzip\"", Errc::data_loss},
      {"compressor", "{\"id\":\"pickle\"}", Errc::unsupported},
      {"compressor", "{}", Errc::data_loss},
      {"filters", "{}", Errc::data_loss},
      {"filters", "[{\"id\":\"pickle\"}]", Errc::unsupported},
      {"dimension_separator", "\"../\"", Errc::data_loss},
      {"zarr_format", "4", Errc::data_loss},
      {"zarr_format", "\"2\"", Errc::data_loss}};
  for (const auto& [key, value, code] : cases) {
    const auto e = outcome(2, with(kGoodV2, key, Json::parse(value)).dump());
    ASSERT_TRUE(e.has_value()) << key << " " << value;
    EXPECT_EQ(e->code(), code) << key << " " << value << ": " << e->what();
    EXPECT_NE(std::string(e->what()).find("a.zarr"), std::string::npos)
        << "names the place: " << e->what();
  }
}

TEST(HostileMetadata, EachWrongMemberOfV3IsNamedAndSorted) {
  const std::vector<std::tuple<std::string, std::string, Errc>> cases = {
      {"shape", "[4]", Errc::data_loss},
      {"shape", "[4,-1]", Errc::data_loss},
      {"data_type", "7", Errc::data_loss},
      {"data_type", "\"complex_bfloat16\"", Errc::unsupported},
      {"data_type", "\"r16\"", Errc::unsupported},
      {"data_type", "{\"name\":\"fixed_length_utf32\",\"configuration\":{\"length_bytes\":-4}}",
       Errc::data_loss},
      {"data_type", "{\"name\":\"fixed_length_utf32\",\"configuration\":{\"length_bytes\":5}}",
       Errc::data_loss},
      {"chunk_grid", "{\"name\":\"rectilinear\"}", Errc::unsupported},
      {"chunk_grid", "[]", Errc::data_loss},
      {"chunk_grid", "{\"name\":\"regular\",\"configuration\":{\"chunk_shape\":[0,4]}}",
       Errc::data_loss},
      {"chunk_grid", "{\"name\":\"regular\",\"configuration\":{\"chunk_shape\":[2.5,4]}}",
       Errc::data_loss},
      {"chunk_grid", "{\"name\":\"regular\",\"configuration\":[]}", Errc::data_loss},
      {"chunk_key_encoding", "{\"name\":\"default\",\"configuration\":{\"separator\":\"..\"}}",
       Errc::data_loss},
      {"chunk_key_encoding", "{\"name\":\"fancy\"}", Errc::unsupported},
      {"codecs", "[]", Errc::data_loss},
      {"codecs", "{}", Errc::data_loss},
      {"codecs", "[{\"name\":\"bytes\"}]", Errc::data_loss},
      {"codecs", "[{\"name\":\"bytes\",\"configuration\":{\"endian\":\"middle\"}}]",
       Errc::data_loss},
      {"codecs", "[{\"name\":\"transpose\",\"configuration\":{\"order\":[0,0]}},\"bytes\"]",
       Errc::data_loss},
      {"codecs", "[{\"name\":\"transpose\",\"configuration\":{\"order\":[0,9]}},\"bytes\"]",
       Errc::data_loss},
      {"codecs", "[{\"name\":\"transpose\",\"configuration\":{\"order\":[0]}},\"bytes\"]",
       Errc::data_loss},
      {"codecs", "[{\"name\":\"sharding_indexed\",\"configuration\":{}}]", Errc::data_loss},
      {"fill_value", "\"0xzz\"", Errc::data_loss},
      {"fill_value", "\"0x00000000000000000\"", Errc::data_loss},
      {"dimension_names", "[\"x\"]", Errc::data_loss},
      {"dimension_names", "[\"x\",\"x\"]", Errc::data_loss},
      {"dimension_names", "[\"x\",7]", Errc::data_loss},
      {"node_type", "\"thing\"", Errc::data_loss},
      {"storage_transformers", "[{\"name\":\"x\"}]", Errc::unsupported},
      {"new_member", "7", Errc::unsupported},
      {"zarr_format", "2", Errc::data_loss}};
  for (const auto& [key, value, code] : cases) {
    const auto e = outcome(3, with(kGoodV3, key, Json::parse(value)).dump());
    ASSERT_TRUE(e.has_value()) << key << " " << value;
    EXPECT_EQ(e->code(), code) << key << " " << value << ": " << e->what();
    EXPECT_NE(std::string(e->what()).find("a.zarr"), std::string::npos) << e->what();
  }
  for (const char* key :
       {"shape", "data_type", "chunk_grid", "chunk_key_encoding", "fill_value", "codecs"}) {
    Json document = Json::parse(kGoodV3);
    document.erase(key);
    EXPECT_EQ(outcome(3, document.dump()).value().code(), Errc::data_loss) << key;
  }
}

TEST(HostileMetadata, LongChainsAndDeepJsonAreRefused) {
  Json chain = Json::array();
  for (int i = 0; i < 10000; ++i) chain.push_back({{"id", "zlib"}});
  EXPECT_EQ(outcome(2, with(kGoodV2, "filters", chain).dump()).value().code(), Errc::unsupported);
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_EQ(outcome(2, deep).value().code(), Errc::data_loss);
  EXPECT_EQ(outcome(2, kGoodV2, deep).value().code(), Errc::data_loss);
  EXPECT_EQ(outcome(3, "[1,2]").value().code(), Errc::data_loss);
  EXPECT_EQ(outcome(3, "").value().code(), Errc::data_loss);
}

TEST(HostileMetadata, V3FillValuesInEveryNotation) {
  const ScratchFolder folder;
  const std::vector<std::pair<std::string, double>> fills = {{"\"Infinity\"", INFINITY},
                                                             {"\"-Infinity\"", -INFINITY},
                                                             {"\"0x40490fdb\"", 3.1415927410125732},
                                                             {"-1.5", -1.5}};
  for (const auto& [text, value] : fills) {
    put_text(folder / "a.zarr/zarr.json", with(kGoodV3, "fill_value", Json::parse(text)).dump());
    const auto file = open_file(folder / "a.zarr");
    EXPECT_EQ(file->variables().at(0).fill_value, value);
    EXPECT_EQ(cell_as_double(read_whole(*file, 0).view(), {3, 3}), value);
  }
}

TEST(HostileMetadata, AConsolidatedDocumentCannotNameFilesOutside) {
  for (const char* path : {"../../etc", "/etc", "a/../../b", "a//b"}) {
    const ScratchFolder folder;
    put_text(folder / "a.zarr/.zgroup", R"({"zarr_format":2})");
    Json all = {{std::string(path) + "/.zarray", Json::parse(kGoodV2)}};
    put_text(folder / "a.zarr/.zmetadata", Json{{"metadata", all}}.dump());
    EXPECT_EQ(error_of([&] { open_file(folder / "a.zarr"); }).code(), Errc::data_loss) << path;
  }
}

TEST(HostileMetadata, AGroupThatContainsItselfIsRefused) {
  const ScratchFolder folder;
  put_text(folder / "a.zarr/.zgroup", R"({"zarr_format":2})");
  fs::create_directory_symlink(folder / "a.zarr", folder / "a.zarr/self");
  EXPECT_EQ(error_of([&] { open_file(folder / "a.zarr"); }).code(), Errc::unsupported);
}

/// Deterministic numbers.
struct Random {
  std::uint64_t state = 88172645463325252u;
  std::uint64_t operator()(std::uint64_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % n;
  }
};

TEST(HostileMetadata, MutatedDocumentsNeverCrash) {
  Random random;
  int n_refused = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    const int format = trial % 2 ? 2 : 3;
    std::string text = format == 2 ? kGoodV2 : kGoodV3;
    for (std::uint64_t k = 0; k <= random(3); ++k) {
      const std::size_t at = random(text.size());
      switch (random(4)) {
        case 0: text[at] = static_cast<char>(random(256)); break;
        case 1: text.erase(at, 1 + random(4)); break;
        case 2: text.insert(at, std::to_string(random(1u << 31) * random(1u << 31))); break;
        default: text.insert(at, 1, "[]{}\",:-0.e"[random(11)]);
      }
    }
    n_refused += outcome(format, text).has_value();
  }
  EXPECT_GT(n_refused, 1000);
}

TEST(HostileChunks, DamageUnderAManifestIsAlwaysNamed) {
  Random random;
  for (const int format : {2, 3}) {
    for (const char* compressor : {"none", "zstd", "gzip", "blosc"}) {
      const ScratchFolder folder;
      const std::string path = folder / "a.zarr";
      CreateOptions options;
      options.zarr_format = format;
      write_group(path, options, make_spec("v", {16, 16}, {8, 8}, DType::int16, compressor));
      const std::string chunk = path + (format == 2 ? "/v/1.0" : "/v/c/1/0");
      const std::string good = file_text(chunk);
      for (int trial = 0; trial < 40; ++trial) {
        std::string bad = good;
        const std::size_t at = random(bad.size());
        switch (trial % 3) {
          case 0: bad[at] = static_cast<char>(bad[at] ^ (1 << random(8))); break;
          case 1: bad.resize(at); break;
          default: bad.insert(at, 1, '\0');
        }
        put_text(chunk, bad);
        EXPECT_EQ(error_of([&] { read_whole(*open_file(path), 0); }).code(), Errc::data_loss);
        EXPECT_EQ(verify_zarr(path, "").problems.size(), 1u);
      }
      put_text(chunk, good);
      EXPECT_TRUE(verify_zarr(path, "").problems.empty());
    }
  }
}

TEST(HostileChunks, WithoutAManifestTheyAreRefusedOrAtLeastHarmless) {
  Random random;
  for (const char* compressor : {"none", "zstd", "gzip", "blosc"}) {
    const ScratchFolder folder;
    const std::string path = folder / "a.zarr";
    write_group(path, {}, make_spec("v", {16, 16}, {8, 8}, DType::bool_, compressor));
    fs::remove_all(path + "/.rastream");
    const std::string good = file_text(path + "/v/1.0");
    for (int trial = 0; trial < 200; ++trial) {
      std::string bad = good;
      bad[random(bad.size())] = static_cast<char>(random(256));
      if (trial % 4 == 0) bad.resize(random(bad.size()));
      put_text(path + "/v/1.0", bad);
      try {
        const OwnedBlock block = read_whole(*open_file(path), 0);
        const auto* cells = reinterpret_cast<const unsigned char*>(block.view().data);
        EXPECT_TRUE(std::all_of(cells, cells + 256, [](unsigned char c) { return c <= 1; }));
        EXPECT_TRUE(trial % 4 != 0) << "a cut chunk was read";
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::data_loss);
      }
    }
  }
}

TEST(HostileChunks, AHugeChunkOfFewBytesIsRefusedWithoutTakingMemory) {
  Json document = with(kGoodV2, "shape", {1 << 30, 1 << 20});
  document["chunks"] = {1 << 30, 1 << 20};
  for (const char* compressor :
       {"null", R"({"id":"zstd","level":1})", R"({"id":"gzip","level":1})", R"({"id":"blosc"})"}) {
    document["compressor"] = Json::parse(compressor);
    const ScratchFolder folder;
    put_text(folder / "a.zarr/.zarray", document.dump());
    put_text(folder / "a.zarr/0.0", std::string(1000, 'x'));
    const auto file = open_file(folder / "a.zarr");
    OwnedBlock block(Region({0, 0}, {2, 2}), DType::float32);
    EXPECT_EQ(error_of([&] { file->read(0, block.view()); }).code(), Errc::data_loss);
  }
}

TEST(HostileChunks, TextOfTheWrongSizeIsDataLoss) {
  for (const int format : {2, 3}) {
    const ScratchFolder folder;
    CreateOptions options;
    options.zarr_format = format;
    const auto writer = create_file(folder / "a.zarr", options);
    writer->write_strings(writer->add(make_spec("t", {3}, {3}, DType::string, "none")),
                          {"a", "bc", "def"});
    writer->finish();
    fs::remove_all(folder / "a.zarr/.rastream");
    const std::string chunk = folder / (format == 2 ? "a.zarr/t/0" : "a.zarr/t/c/0");
    const std::string good = file_text(chunk);
    for (std::size_t n = 0; n < good.size(); ++n) {
      put_text(chunk, good.substr(0, n));
      EXPECT_EQ(error_of([&] { open_file(folder / "a.zarr")->read_strings(0); }).code(),
                Errc::data_loss)
          << n;
    }
    put_text(chunk, good + "x");
    EXPECT_EQ(error_of([&] { open_file(folder / "a.zarr")->read_strings(0); }).code(),
              Errc::data_loss);
  }
}

class Verify : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    for (const char* group : {"1980", "1981"}) {
      CreateOptions options;
      options.zarr_format = GetParam();
      options.group = group;
      VariableSpec spec = make_spec("v", {8, 8}, {4, 4}, DType::int32);
      spec.fill_value = -1;
      const auto writer = create_file(path_, options);
      const std::size_t v = writer->add(spec);
      for (std::int64_t i = 0; i < 4; ++i) {
        OwnedBlock block(spec.schema.chunks.chunk_region(i), DType::int32);
        fill_cells(block.view(), i == 2 ? -1.0 : static_cast<double>(i));
        writer->write(v, block.view());
      }
      writer->finish();
    }
  }
  std::string chunk(int y, int x) const {
    return path_ + "/1980/v/" +
           (GetParam() == 2 ? fmt::format("{}.{}", y, x) : fmt::format("c/{}/{}", y, x));
  }
  /// The one problem of the store, and the error that reading 1980 gives (ok: "").
  std::pair<std::string, std::string> damage() const {
    const VerifyReport report = verify_zarr(path_, "");
    EXPECT_EQ(report.problems.size(), 1u);
    std::string error;
    try {
      read_whole(*open_file(path_, "1980"), 0);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::data_loss);
      error = e.what();
    }
    return {report.problems.empty() ? "" : report.problems[0], error};
  }
  ScratchFolder folder_;
  std::string path_ = folder_ / "a.zarr";
};

INSTANTIATE_TEST_SUITE_P(Versions, Verify, testing::Values(2, 3),
                         [](const auto& info) { return "V" + std::to_string(info.param); });

TEST_P(Verify, AWholeStoreHasNoProblems) {
  const VerifyReport report = verify_zarr(path_, "");
  EXPECT_EQ(report.n_arrays, 2);
  EXPECT_EQ(report.n_chunks, 8);
  EXPECT_GT(report.size_bytes, 0);
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(verify_zarr(path_, "1981").n_arrays, 1);
}

TEST_P(Verify, ALostChunkIsNotFill) {
  fs::remove(chunk(0, 1));
  const auto [problem, error] = damage();
  EXPECT_NE(problem.find("lost chunk"), std::string::npos) << problem;
  EXPECT_NE(error.find("lost chunk"), std::string::npos) << error;
}

TEST_P(Verify, ATruncatedAndAChangedChunkAreNamed) {
  const std::string good = file_text(chunk(0, 1));
  put_text(chunk(0, 1), good.substr(1));
  EXPECT_NE(damage().first.find("truncated"), std::string::npos);
  std::string bad = good;
  bad.back() = static_cast<char>(bad.back() ^ 1);
  put_text(chunk(0, 1), bad);
  EXPECT_NE(damage().first.find("changed"), std::string::npos);
  EXPECT_NE(damage().second.find("changed"), std::string::npos);
}

TEST_P(Verify, SwappedChunksAreNamed) {
  const std::string first = file_text(chunk(0, 0));
  put_text(chunk(0, 0), file_text(chunk(0, 1)));
  put_text(chunk(0, 1), first);
  EXPECT_EQ(verify_zarr(path_, "").problems.size(), 2u);
}

TEST_P(Verify, AChunkWhereThereShouldBeFillIsUnexpected) {
  put_text(chunk(1, 0), file_text(chunk(0, 1)));
  EXPECT_NE(damage().first.find("unexpected"), std::string::npos);
  EXPECT_NE(damage().second.find("unexpected"), std::string::npos);
}

TEST_P(Verify, AFileThatIsNoChunkIsUnexpectedButHarmless) {
  put_text(chunk(7, 7), "x");
  const auto [problem, error] = damage();
  EXPECT_NE(problem.find("unexpected"), std::string::npos);
  EXPECT_EQ(error, "");
}

TEST_P(Verify, ChangedMetadataIsNamedBeforeACellIsMisread) {
  const std::string file = path_ + (GetParam() == 2 ? "/1980/v/.zarray" : "/1980/v/zarr.json");
  std::string text = file_text(file);
  const std::string type = GetParam() == 2 ? "<i4" : "int32";
  text.replace(text.find(type), type.size(), GetParam() == 2 ? "<f4" : "float32");
  put_text(file, text);
  EXPECT_NE(verify_zarr(path_, "").problems.at(0).find("metadata"), std::string::npos);
  for (const char* consolidated : {"/1980/.zmetadata", "/.zmetadata", "/1980/zarr.json"}) {
    if (GetParam() == 2) fs::remove(path_ + consolidated);
  }
  if (GetParam() == 3)
    put_text(path_ + "/1980/zarr.json", R"({"zarr_format":3,"node_type":"group"})");
  EXPECT_EQ(error_of([&] { read_whole(*open_file(path_, "1980"), 0); }).code(), Errc::data_loss);
}

TEST_P(Verify, ADamagedManifestIsNamed) {
  const std::string file = path_ + "/1980/.rastream/manifest.json";
  std::string text = file_text(file);
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
  put_text(file, text);
  EXPECT_NE(damage().first.find("manifest"), std::string::npos);
  EXPECT_NE(damage().second.find("manifest"), std::string::npos);
}

TEST_P(Verify, WhatUnfinishedRunsLeftIsReported) {
  fs::create_directories(path_ + "/.1999.rastream-partial/data");
  put_text(path_ + "/1981/v/.1-2-3.rastream-tmp", "x");
  EXPECT_EQ(verify_zarr(path_, "").problems.size(), 2u);
}

TEST_P(Verify, WithoutAnyManifestThereIsNothingToVerify) {
  fs::remove_all(path_ + "/1980/.rastream");
  fs::remove_all(path_ + "/1981/.rastream");
  EXPECT_EQ(error_of([&] { verify_zarr(path_, ""); }).code(), Errc::not_found);
  EXPECT_EQ(error_of([&] { verify_zarr(path_, "1999"); }).code(), Errc::not_found);
}

}  // namespace
}  // namespace rastream
