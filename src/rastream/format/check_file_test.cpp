// SPDX-License-Identifier: Apache-2.0
// Whatever a file throws is a problem of its chunk, and no chunk is decoded more often than needed.
#include "rastream/format/check_file.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "rastream/base/error.h"

namespace rastream {
namespace {

/// One variable of bytes; reading calls `on_read` with the region.
class FakeFile final : public DatasetFile {
 public:
  FakeFile(const Extents& shape, const Extents& chunk, std::vector<std::string> codecs,
           std::function<void(const Region&)> on_read)
      : on_read_(std::move(on_read)) {
    VariableInfo info;
    info.name = "v";
    info.schema = make_schema({"y", "x"}, shape, DType::uint8, ChunkGrid::regular(shape, chunk));
    info.codecs = std::move(codecs);
    variables_.push_back(info);
  }
  const std::string& path() const override { return path_; }
  std::string_view format_name() const override { return "fake"; }
  const std::vector<DimensionInfo>& dimensions() const override { return dimensions_; }
  const std::vector<VariableInfo>& variables() const override { return variables_; }
  const Attributes& attributes() const override { return attributes_; }
  std::vector<std::string> groups() const override { return {}; }
  void read(std::size_t, const Block& out) const override { on_read_(out.region); }
  std::vector<std::string> read_strings(std::size_t) const override { return {}; }
  ReadStatistics statistics() const override { return {}; }
  std::optional<std::int64_t> stored_bytes(std::size_t, const Region&) const override { return {}; }

 private:
  std::string path_ = "fake";
  std::vector<DimensionInfo> dimensions_;
  std::vector<VariableInfo> variables_;
  Attributes attributes_;
  std::function<void(const Region&)> on_read_;
};

TEST(CheckFile, AnyExceptionOfAReadIsAProblemOfItsChunk) {
  const FakeFile file({4, 4}, {2, 2}, {}, [](const Region& region) {
    if (region.begin == Extents{0, 2}) throw std::length_error("no such vector");
    if (region.begin == Extents{2, 0}) throw std::bad_alloc();
    if (region.begin == Extents{2, 2}) throw Error(Errc::data_loss, "torn");
  });
  for (const int n_threads : {1, 4}) {
    const FileCheck check = check_file(file, n_threads);
    EXPECT_EQ(check.n_chunks, 4);
    ASSERT_EQ(check.problems.size(), 3U);
    EXPECT_EQ(check.problems[0], "variable 'v', chunk (0, 1): no such vector");
    EXPECT_NE(check.problems[1].find("does not fit into memory"), std::string::npos);
    EXPECT_EQ(check.problems[2], "variable 'v', chunk (1, 1): torn");
  }
}

TEST(CheckFile, WhatTheListenerThrowsComesToTheCaller) {
  const FakeFile file({64, 4}, {1, 4}, {}, [](const Region&) {});
  const auto stop = [](double) { throw std::runtime_error("stop"); };
  EXPECT_THROW(check_file(file, 4, stop), std::runtime_error);
}

TEST(CheckFile, TheShareDoneRisesToTheWhole) {
  const FakeFile file({64, 4}, {1, 4}, {}, [](const Region&) {});
  double last = 0;
  check_file(file, 4, [&](double share) {
    EXPECT_GT(share, last);
    last = share;
  });
  EXPECT_DOUBLE_EQ(last, 1);
}

TEST(CheckFile, AnEncodedChunkIsReadOnceAndPlainCellsInPieces) {
  const Extents shape = {1 << 14, 1 << 14};  // 256 MiB
  for (const bool is_encoded : {true, false}) {
    std::int64_t n_reads = 0;
    std::int64_t n_cells = 0;
    std::vector<std::string> codecs;
    if (is_encoded) codecs = {"deflate 4"};
    const FakeFile file(shape, shape, codecs, [&](const Region& region) {
      ++n_reads;
      n_cells += region.n_cells();
    });
    EXPECT_TRUE(check_file(file, 2).problems.empty());
    EXPECT_EQ(n_reads, is_encoded ? 1 : 4);
    EXPECT_EQ(n_cells, std::int64_t{1} << 28);
  }
}

}  // namespace
}  // namespace rastream
