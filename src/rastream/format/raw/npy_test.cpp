// SPDX-License-Identifier: Apache-2.0
// NumPy's files: every form of cells and both orders, a real time series, and refusals.
#include "rastream/format/raw/npy.h"

#include <bit>
#include <complex>
#include <cstring>

#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

const std::string kPatch = "../shared/data/arrays/TestEOPatch/";

std::string npy(const std::string& header, const std::string& cells, int version = 1) {
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    file += static_cast<char>(header.size() >> 8 * i & 255);
  return file + header + cells;
}

std::string header(const std::string& type, const std::string& order, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }   \n";
}

/// Cells 0 to n - 1 as T.
template <typename T>
std::string counted(int n, bool is_big_endian = false) {
  std::string bytes;
  for (int i = 0; i < n; ++i) {
    const T value = static_cast<T>(i);
    std::string one(sizeof value, '\0');
    std::memcpy(one.data(), &value, sizeof value);
    if (is_big_endian) std::reverse(one.begin(), one.end());
    bytes += one;
  }
  return bytes;
}

class Npy : public testing::Test {
 protected:
  std::shared_ptr<DatasetFile> open(const std::string& content) {
    put_text(folder / "cells.npy", content);
    return open_file(folder / "cells.npy");
  }
  void expect_bad(const std::string& content, const std::string& word,
                  Errc code = Errc::data_loss) {
    put_text(folder / "cells.npy", content);
    expect_refused(code, word, [&] { open_file(folder / "cells.npy"); });
  }
  const ScratchFolder folder;
};

TEST_F(Npy, CellsOfEveryNumberAreReadInEitherByteOrder) {
  const auto expect_cells = [&](const std::string& type, const std::string& cells, DType dtype) {
    const auto file = open(npy(header(type, "False", "(2, 3)"), cells));
    EXPECT_EQ(file->format_name(), "npy");
    ASSERT_EQ(file->variables().at(0).schema.dtype, dtype) << type;
    EXPECT_EQ(file->variables()[0].name, "cells");
    EXPECT_EQ(file->variables()[0].schema.dims, (std::vector<std::string>{"dim_0", "dim_1"}));
    const OwnedBlock block = read_whole(*file, 0);
    for (const std::int64_t i : {0, 1, 2, 3, 4, 5})
      EXPECT_EQ(cell_as_double(block.view(), {i / 3, i % 3}), static_cast<double>(i)) << type;
  };
  expect_cells("|u1", counted<std::uint8_t>(6), DType::uint8);
  expect_cells("|i1", counted<std::int8_t>(6), DType::int8);
  for (const bool is_big : {false, true}) {
    const std::string order = is_big ? ">" : "<";
    expect_cells(order + "i2", counted<std::int16_t>(6, is_big), DType::int16);
    expect_cells(order + "u4", counted<std::uint32_t>(6, is_big), DType::uint32);
    expect_cells(order + "i8", counted<std::int64_t>(6, is_big), DType::int64);
    expect_cells(order + "f4", counted<float>(6, is_big), DType::float32);
    expect_cells(order + "f8", counted<double>(6, is_big), DType::float64);
  }
  const std::uint16_t halves[] = {0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500};
  expect_cells("<f2", std::string(reinterpret_cast<const char*>(halves), sizeof halves),
               DType::float32);
}

TEST_F(Npy, ComplexCellsAndTruthsAreRead) {
  const auto complex = open(npy(header("<c8", "False", "(2,)"), counted<float>(4)));
  const OwnedBlock pair = read_whole(*complex, 0);
  EXPECT_EQ(pair.view().as<std::complex<float>>()[1], std::complex<float>(2, 3));
  const auto truths = open(npy(header("|b1", "False", "(3,)"), std::string("\0\1\2", 3)));
  ASSERT_EQ(truths->variables()[0].schema.dtype, DType::bool_);
  EXPECT_EQ(cell_as_double(read_whole(*truths, 0).view(), {2}), 1);
}

TEST_F(Npy, InFortranOrderTheFirstDimensionIsTheFastest) {
  const auto file = open(npy(header("<i4", "True", "(2, 3, 2)"), counted<std::int32_t>(12)));
  EXPECT_EQ(file->variables()[0].schema.shape, (Extents{2, 3, 2}));
  const OwnedBlock block = read_whole(*file, 0);
  for_each_index(block.view().region, [&](const Extents& i) {
    EXPECT_EQ(cell_as_double(block.view(), i), static_cast<double>(i[0] + 2 * i[1] + 6 * i[2]));
  });
  const auto complex = open(npy(header("<c16", "True", "(2, 2)"), counted<double>(8)));
  const OwnedBlock cells = read_whole(*complex, 0);
  EXPECT_EQ(cells.view().as<std::complex<double>>()[1], std::complex<double>(4, 5));
}

TEST_F(Npy, ScalarsEmptyArraysAndLaterVersionsAreRead) {
  const auto scalar = open(npy(header("<f8", "False", "()"), counted<double>(1)));
  EXPECT_EQ(scalar->variables()[0].schema.rank(), 0u);
  EXPECT_EQ(open(npy(header("<f8", "True", "(0, 4)"), ""))->variables()[0].schema.n_cells(), 0);
  for (const int version : {2, 3}) {
    const auto file = open(npy(header("<i2", "False", "(3L,)"), counted<std::int16_t>(3), version));
    EXPECT_EQ(cell_as_double(read_whole(*file, 0).view(), {2}), 2);
  }
}

TEST_F(Npy, TheRealTimeSeriesHasItsUpstreamMaximum) {
  if (!std::filesystem::exists(kPatch)) GTEST_SKIP() << kPatch << " is absent";
  const OwnedBlock ndvi = read_whole(*open_file(kPatch + "data/NDVI.npy"), 0);
  const OwnedBlock most = read_whole(*open_file(kPatch + "data_timeless/MAX_NDVI.npy"), 0);
  ASSERT_EQ(ndvi.view().region.shape(), (Extents{68, 101, 100, 1}));
  for_each_index(most.view().region, [&](const Extents& i) {
    double found = std::nan("");
    for (std::int64_t t = 0; t < 68; ++t)
      found = std::fmax(found, cell_as_double(ndvi.view(), {t, i[0], i[1], i[2]}));
    ASSERT_EQ(found, cell_as_double(most.view(), i)) << to_string(i);
  });
  EXPECT_EQ(open_file(kPatch + "mask/IS_VALID.npy")->variables()[0].schema.dtype, DType::bool_);
  EXPECT_EQ(open_file(kPatch + "data_timeless/DEM.npy")->variables()[0].name, "DEM");
}

TEST_F(Npy, ABadHeaderIsRefusedNamingThePlace) {
  const std::string good = header("<i4", "False", "(3,)");
  const std::string cells = counted<std::int32_t>(3);
  expect_bad(npy(good, cells.substr(1)), "82 bytes: expected 83");
  expect_bad(npy(good, cells + "x"), "84 bytes: expected 83");
  expect_bad(npy(good, cells).substr(0, 40), "at most 40");
  expect_bad(npy(good, cells, 9), "version 9", Errc::unsupported);
  expect_bad(npy(header("<i4", "False", "(-3,)"), cells), "a length");
  expect_bad(npy(header("<i4", "False", "(9223372036854775807, 9)"), cells), "overflows");
  expect_bad(npy(header("<i4", "Perhaps", "(3,)"), cells), "'False'");
  expect_bad(npy(header("|O", "False", "(3,)"), cells), "'|O'", Errc::unsupported);
  expect_bad(npy(header("<U4", "False", "(3,)"), cells), "'<U4'", Errc::unsupported);
  expect_bad(npy(header("<M8[D]", "False", "(3,)"), cells), "'<M8[D]'", Errc::unsupported);
  expect_bad(npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (3,)}", cells),
             "records", Errc::unsupported);
  expect_bad(npy("{'descr': '<i4', 'shape': (3,)}", cells), "lacks");
  expect_bad(npy("{'descr': '<i4', 'descr': '<i4'}", cells), "key 'descr'");
  expect_bad(npy("{'evil': __import__('os')}", cells), "key 'evil'");
  expect_bad(npy(good + "{}", cells), "nothing after");
  for (std::size_t n = 0; n <= good.find('}'); ++n)
    expect_bad(npy(good.substr(0, n), cells), "NumPy file");
}

}  // namespace
}  // namespace rastream
