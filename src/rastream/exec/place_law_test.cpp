// SPDX-License-Identifier: Apache-2.0
// The laws of places: a dataset appended piece by piece is the one written at once; a region holds
// what was assigned to it; what does not fit is refused before anything changes.
#include <gtest/gtest.h>

#include <filesystem>

#include "rastream/exec/compare_copy.h"
#include "rastream/exec/copy_dataset.h"
#include "rastream/exec/write_dataset.h"
#include "rastream/format/zarr/verify.h"
#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/open_dataset.h"
#include "tests/suites/errors.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

constexpr std::int64_t kSteps = 13;
const Extents kShape = {kSteps, 5, 6};

double cell_of(const Extents& i) {
  return i[1] == 2 ? std::numeric_limits<double>::quiet_NaN()
                   : static_cast<double>(i[0] * 100 + i[1] * 10 + i[2]);
}

stores::Variable axis(const std::string& name, std::int64_t first, std::int64_t n, DType dtype,
                      const std::string& units = "") {
  auto v = stores::variable(name, {name}, {n}, {n}, dtype, [first](const Extents& i) {
    return static_cast<double>(first + i[0]);
  });
  v.fill.reset();
  if (!units.empty()) v.attributes.set("units", units);
  return v;
}

/// Steps [begin, end) of the whole, in a store of its own.
struct Piece {
  std::int64_t begin;
  std::int64_t end;
  std::string units = "days since 1980-01-01";
  std::int64_t first_time = -1;  ///< -1: `begin`
  DType time_dtype = DType::int64;
  std::int64_t first_y = 10;
};

void write_piece(const std::string& path, const Piece& p) {
  stores::write_store(
      path, {axis("time", p.first_time < 0 ? p.begin : p.first_time, p.end - p.begin, p.time_dtype,
                  p.units),
             axis("y", p.first_y, 5, DType::float64), axis("x", 20, 6, DType::float64),
             stores::variable("t", {"time", "y", "x"}, {p.end - p.begin, 5, 6}, {2, 5, 3},
                              DType::float32, [&](const Extents& i) {
                                return cell_of({i[0] + p.begin, i[1], i[2]});
                              })});
}

class PlaceLaw : public testing::Test {
 protected:
  PlaceLaw() { options_.run.executor = "threads"; }

  std::string path(const std::string& name) const { return folder_ / (name + ".zarr"); }

  /// t and 2 t + 1 of a piece, which is read from its own store.
  Dataset piece(const Piece& p) {
    const std::string source = path("piece" + std::to_string(n_pieces_++));
    write_piece(source, p);
    Dataset dataset = open_dataset(source);
    DataArray other = dataset["t"];
    other.name = "other";
    other.array = add(multiply(other.array, 2), 1);
    dataset.variables.push_back(other);
    return dataset;
  }

  RunReport write(const Dataset& dataset, const std::string& to, const WritePlace& place) {
    options_.place = place;
    return write_dataset(dataset, to, options_);
  }

  Error refusal(const Dataset& dataset, const std::string& to, const WritePlace& place) {
    return error_of([&] { write(dataset, to, place); });
  }

  std::int64_t count_wrong_cells(const std::string& to, std::int64_t n_steps) {
    const auto file = open_file(to);
    std::int64_t n = 0;
    for (const char* name : {"t", "other"}) {
      const std::size_t v = file->find_variable(name);
      const Schema& schema = file->variables()[v].schema;
      EXPECT_EQ(schema.shape[0], n_steps);
      OwnedBlock cells(schema.whole(), DType::float64);
      file->read(v, cells.view());
      for_each_index(schema.whole(), [&](const Extents& i) {
        const double t = cell_of(i);
        const double expected = name[0] == 't' ? t : 2 * t + 1;
        const double found = cell_as_double(cells.view(), i);
        n += !(found == expected || (std::isnan(found) && std::isnan(expected)));
      });
    }
    const std::size_t v = file->find_variable("time");
    OwnedBlock times(file->variables()[v].schema.whole(), DType::float64);
    file->read(v, times.view());
    for_each_index(times.view().region, [&](const Extents& i) {
      n += cell_as_double(times.view(), i) != static_cast<double>(i[0]);
    });
    return n;
  }

  ScratchFolder folder_;
  WriteOptions options_;
  int n_pieces_ = 0;
};

TEST_F(PlaceLaw, PiecesAppendedAreTheWholeWrittenAtOnce) {
  for (const int format : {2, 3}) {
    for (const std::int64_t chunk : {1, 4, 5, 100}) {
      options_.zarr_format = format;
      options_.chunks = {{"time", chunk}, {"y", 3}};
      const std::string to = path(fmt::format("out{}-{}", format, chunk));
      std::int64_t begin = 0;
      // The first of them makes the store.
      for (const std::int64_t end : {3L, 4L, 9L, 13L}) {
        EXPECT_TRUE(write(piece({begin, end}), to, {"time", {}}).is_complete);
        begin = end;
      }
      EXPECT_EQ(count_wrong_cells(to, kSteps), 0) << chunk;
      EXPECT_EQ(verify_zarr(to, "").problems, std::vector<std::string>{});
    }
  }
}

TEST_F(PlaceLaw, TimesAreStoredInTheUnitsThatAreThere) {
  const std::string to = path("out");
  write(piece({0, 4}), to, {"time", {}});
  write(piece({4, 6, "days since 1980-01-05", 0, DType::float64}), to, {"time", {}});
  EXPECT_EQ(count_wrong_cells(to, 6), 0);
  const Error e = refusal(piece({6, 7, "hours since 1980-01-07", 1}), to, {"time", {}});
  EXPECT_EQ(e.code(), Errc::invalid_argument) << "an hour is no whole number of days";
  EXPECT_EQ(count_wrong_cells(to, 6), 0);
}

TEST_F(PlaceLaw, ARegionHoldsWhatWasAssignedToIt) {
  const std::string to = path("out");
  options_.chunks = {{"time", 4}};
  Piece wrong{0, kSteps};
  Dataset zeros = piece(wrong);
  for (DataArray& v : zeros.variables) v.array = multiply(v.array, 0);
  write(zeros, to, {});
  for (const auto& [begin, end] : {std::pair{0L, 3L}, {3L, 9L}, {9L, 13L}}) {
    EXPECT_TRUE(write(piece({begin, end}), to, {"", {{"time", {begin, end}}}}).is_complete);
  }
  EXPECT_EQ(count_wrong_cells(to, kSteps), 0);
  EXPECT_EQ(verify_zarr(to, "").problems, std::vector<std::string>{});
}

TEST_F(PlaceLaw, CellsOfTheStoreItselfMayBeWhatARegionIsMadeOf) {
  const std::string to = path("out");
  write(piece({0, kSteps}), to, {});
  Dataset itself = open_dataset(to);
  for (DataArray& v : itself.variables) v.array = add(multiply(v.array, 1), 0);
  EXPECT_TRUE(write(itself, to, {"", {{"time", {0, kSteps}}}}).is_complete);
  EXPECT_EQ(count_wrong_cells(to, kSteps), 0);
}

TEST_F(PlaceLaw, WhatDoesNotFitIsRefusedBeforeAnythingIsStaged) {
  const std::string to = path("out");
  write(piece({0, 4}), to, {"time", {}});
  const auto expect = [&](const Dataset& dataset, const WritePlace& place,
                          const std::string& word) {
    const Error e = refusal(dataset, to, place);
    EXPECT_EQ(e.code(), Errc::invalid_argument) << e.what();
    EXPECT_NE(std::string(e.what()).find(word), std::string::npos) << e.what();
  };
  const Dataset next = piece({4, 6});
  const WritePlace time{"time", {}};
  expect(piece({3, 6}), time, "go on where the stored one ends");
  Piece shifted{4, 6};
  shifted.first_y = 11;
  expect(piece(shifted), time, "'y' at (0,) is 11");
  expect(next, {"plant", {}}, "no dimension 'plant'");
  expect(next, {"time", {{"time", {0, 2}}}}, "not both");
  expect(next, {"", {{"time", {2, 5}}}}, "has 4 cells");
  expect(next, {"", {{"time", {0, 3}}}}, "has 2 cells along 'time', expected 3");
  expect(next, {"", {{"time", {0, 2}}}}, "'time' at (0,) is 4, and 0");
  Dataset changed = next;
  changed.variables.pop_back();
  expect(changed, time, "variable 'other'");
  changed = next;
  changed.variables[0].array = astype(changed.variables[0].array, DType::float64);
  expect(changed, time, "is float64, the stored one is float32");
  changed = next;
  changed.variables[0].name = "new";
  expect(changed, time, "variable 'new' is not in");
  changed = next;
  changed.variables[0].attributes.set("_FillValue", number_attribute(DType::float32, -9999));
  expect(changed, time, "_FillValue is -9999, the stored one is none");
  EXPECT_EQ(refusal(next, path("absent"), {"", {{"time", {0, 2}}}}).code(), Errc::not_found);
  EXPECT_EQ(verify_zarr(to, "").problems, std::vector<std::string>{});
  EXPECT_EQ(count_wrong_cells(to, 4), 0);
}

TEST_F(PlaceLaw, FilesAreCopiedIntoAStoreOneAfterTheOther) {
  const std::string to = path("out");
  CopyOptions options;
  options.chunks = {{"time", 4}};
  options.place.append = "time";
  std::int64_t begin = 0;
  for (const std::int64_t end : {3L, 9L, 13L}) {
    const std::string from = path("from" + std::to_string(begin));
    Piece p{begin, end};
    if (begin == 9) p.units = "hours since 1980-01-10", p.first_time = 0, p.end = 10;
    write_piece(from, p);
    EXPECT_TRUE(copy_dataset(from, to, options, options_.run).is_complete);
    EXPECT_TRUE(compare_copy(from, to, options, 1 << 24, 2).differences.empty());
    begin = p.end;
  }
  EXPECT_EQ(open_dataset(to).size("time"), 10);
  EXPECT_EQ(verify_zarr(to, "").problems, std::vector<std::string>{});
  const std::string part = path("part");
  write_piece(part, {4, 6});
  CopyOptions region;
  region.place.region = {{"time", {4, 6}}};
  EXPECT_TRUE(copy_dataset(part, to, region, options_.run).is_complete);
  EXPECT_TRUE(compare_copy(part, to, region, 1 << 24, 2).differences.empty());
  region.place.region = {{"time", {5, 7}}};
  EXPECT_EQ(error_of([&] { copy_dataset(part, to, region, options_.run); }).code(),
            Errc::invalid_argument)
      << "its times are others";
  EXPECT_FALSE(compare_copy(part, to, region, 1 << 24, 2).differences.empty());
}

}  // namespace
}  // namespace rastream
