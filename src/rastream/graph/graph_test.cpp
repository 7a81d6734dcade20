// SPDX-License-Identifier: Apache-2.0
// Lazy arrays and labelled arrays with two operators of the test's own, as an outside operator
// would use them.
#include <gtest/gtest.h>

#include <functional>

#include "rastream/graph/data_array.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

/// 0, step, 2 * step, ... along one dimension.
class Ramp final : public Operator {
 public:
  struct Params {
    std::string dim = "x";
    std::int64_t size = 0;
    double step = 1;
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "name of the dimension");
    d("size", p.size, "number of cells");
    d("step", p.step, "difference of neighbours");
  }
  Ramp(const std::vector<Array>& inputs, Params p)
      : step_(p.step), schema_(make_schema({p.dim}, {p.size}, DType::float64)) {
    if (!inputs.empty()) throw Error(Errc::invalid_argument, "ramp: takes no inputs");
  }
  const Schema& schema() const override { return schema_; }
  Region demand(const Region&, std::size_t) const override { return {}; }
  bool is_pointwise(std::string_view) const override { return false; }
  void compute(std::span<const Block>, Block& out) const override {
    ++n_computed;
    for (std::int64_t i = 0; i < out.size(0); ++i) {
      *reinterpret_cast<double*>(out.data + i * out.strides[0]) =
          step_ * static_cast<double>(out.region.begin[0] + i);
    }
  }
  static inline int n_computed = 0;

 private:
  double step_;
  Schema schema_;
};

/// Sums of the cells from the first on.
class Running final : public Fold {
 public:
  struct Params {};
  static void describe(auto&, auto&) {}
  Running(const std::vector<Array>& inputs, Params) : schema_(inputs.at(0).schema()) {}
  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t) const override { return {Extents{0}, out.end}; }
  const std::string& over() const override { return schema_.dims[0]; }
  std::size_t over_axis() const override { return 0; }
  bool keeps_dim() const override { return true; }
  std::vector<StateField> state() const override { return {{DType::float64, 1}}; }
  void start(std::span<const Block> state) const override { fill_cells(state[0], 0); }
  void push(std::span<const Block> in, std::span<const Block> state,
            const Block* out) const override {
    for (std::int64_t i = in[0].region.begin[0]; i < in[0].region.end[0]; ++i) {
      *state[0].as<double>() += cell_as_double(in[0], {i});
      *reinterpret_cast<double*>(out->at({i})) = *state[0].as<double>();
    }
  }
  void finish(std::span<const Block>, const Block&) const override {}

 private:
  Schema schema_;
};

Array ramp(const std::string& dim, std::int64_t size, double step = 1) {
  return apply<Ramp>("ramp", {}, {dim, size, step});
}

Coordinate labels_of(const std::string& dim, std::int64_t size, double step) {
  Coordinate c;
  c.dims = {dim};
  c.cells = ramp(dim, size, step);
  return c;
}

DataArray labelled(const std::string& name, const std::string& dim, std::int64_t size) {
  DataArray a;
  a.name = name;
  a.array = ramp(dim, size);
  a.coords.emplace_back(dim, labels_of(dim, size, 10));
  return a;
}

TEST(Array, MakingOneComputesNothing) {
  const int before = Ramp::n_computed;
  const Array a = apply<Running>("running", {ramp("x", 1000000000)}, {});
  EXPECT_EQ(a.schema().n_cells(), 1000000000);
  EXPECT_EQ(Ramp::n_computed, before);
}

TEST(Array, ComesBackFromTheNameAndParametersOfItsNode) {
  const Array a = ramp("time", 5, 2.5);
  const Array again = make_from_json<Ramp>(a.node().name, {}, a.node().params);
  EXPECT_EQ(again.schema(), a.schema());
  EXPECT_EQ(again.node().params, a.node().params);
  EXPECT_EQ(cell_as_double(evaluate(again, again.schema().whole()).view(), {4}), 10);
}

TEST(Array, ParametersOfAnotherKindAreRefused) {
  for (const char* text : {R"({"dim": 3})", R"({"size": "many"})", R"({"step": [1]})"}) {
    EXPECT_THROW(make_from_json<Ramp>("ramp", {}, parse_json(text, "test")), Error) << text;
  }
  EXPECT_THROW(make_from_json<Ramp>("ramp", {ramp("x", 1)}, Json::object()), Error);
}

TEST(Array, OperatorsListTheirParametersWithDefaults) {
  const OperatorInfo row = info<Ramp>("ramp", "Equal steps");
  ASSERT_EQ(row.parameters.size(), 3u);
  EXPECT_EQ(row.parameters[1].name, "size");
  EXPECT_EQ(row.make("ramp", {}, ramp("y", 3).node().params).schema().dims[0], "y");
}

TEST(Evaluate, ARegionIsThePartOfTheWhole) {
  const Array a = apply<Running>("running", {ramp("x", 9)}, {});
  const OwnedBlock whole = evaluate(a, a.schema().whole());
  for (std::int64_t begin = 0; begin < 9; ++begin) {
    for (std::int64_t end = begin + 1; end <= 9; ++end) {
      const OwnedBlock part = evaluate(a, Region({begin}, {end}));
      for (std::int64_t i = begin; i < end; ++i)
        EXPECT_EQ(cell_as_double(part.view(), {i}), cell_as_double(whole.view(), {i}));
    }
  }
  EXPECT_EQ(cell_as_double(whole.view(), {8}), 36);
}

TEST(Region, AnAxisThatIsPutInAndTakenOutLeavesTheRest) {
  const Region r({1, 2}, {3, 4});
  for (std::size_t axis = 0; axis <= 2; ++axis)
    EXPECT_EQ(drop_axis(insert_axis(r, axis, 5, 9), axis), r);
  EXPECT_EQ(insert_axis(r, 1, 5, 9), Region({1, 5, 2}, {3, 9, 4}));
}

TEST(Coordinates, AreReplacedInPlaceAndFoundByName) {
  Coordinates coords;
  set_coordinate(coords, "x", labels_of("x", 3, 1));
  set_coordinate(coords, "y", labels_of("y", 2, 1));
  set_coordinate(coords, "x", labels_of("x", 3, 2));
  ASSERT_EQ(coords.size(), 2u);
  EXPECT_EQ(coords[0].first, "x");
  EXPECT_EQ(coordinate_values(*find_coordinate(coords, "x")), (std::vector<double>{0, 2, 4}));
  EXPECT_EQ(find_coordinate(coords, "z"), nullptr);
}

TEST(DataArray, KnowsTheSizesAndLabelsOfItsDimensions) {
  const DataArray a = labelled("t", "x", 4);
  EXPECT_EQ(a.size("x"), 4);
  EXPECT_EQ(index_values(a, "x"), (std::vector<double>{0, 10, 20, 30}));
  expect_refused(Errc::invalid_argument, "'band'", [&] { a.size("band"); });
}

TEST(DataArray, HasNoIndexWhereLabelsAreTextOrAbsent) {
  DataArray a = labelled("t", "x", 2);
  expect_refused(Errc::invalid_argument, "'y'", [&] { index_values(a, "y"); });
  Coordinate text;
  text.dims = {"x"};
  text.labels = {"lilac", "zabelli"};
  set_coordinate(a.coords, "x", text);
  expect_refused(Errc::invalid_argument, "'x'", [&] { index_values(a, "x"); });
}

TEST(Dataset, GivesAVariableTheCoordinatesThatFitItsDimensions) {
  Dataset d = make_dataset({labelled("a", "x", 3), labelled("b", "y", 2)});
  d.coords.emplace_back("mapping", Coordinate{{}, ramp("n", 1), {}, {}});
  EXPECT_NE(d["a"].coord("x"), nullptr);
  EXPECT_EQ(d["a"].coord("y"), nullptr);
  EXPECT_NE(d["b"].coord("mapping"), nullptr);
}

TEST(Dataset, AVariableThatIsNotThereIsNamedWithThoseThatAre) {
  const Dataset d = make_dataset({labelled("tmin", "x", 3), labelled("tmax", "x", 3)});
  for (const char* word : {"'dayl'", "tmin, tmax"})
    expect_refused(Errc::not_found, word, [&] { d["dayl"]; });
  expect_refused(Errc::not_found, "''", [] { Dataset()[""]; });
}

TEST(Dataset, FindsSizesInVariablesAndInCoordinates) {
  Dataset d = make_dataset({labelled("a", "x", 3)});
  Coordinate plants;
  plants.dims = {"plant"};
  plants.labels = {"lilac", "zabelli"};
  d.coords.emplace_back("plant", plants);
  d.coords.emplace_back("y", labels_of("y", 7, 1));
  EXPECT_EQ(d.size("x"), 3);
  EXPECT_EQ(d.size("plant"), 2);
  EXPECT_EQ(d.size("y"), 7);
  expect_refused(Errc::invalid_argument, "'band'", [&] { d.size("band"); });
}

TEST(Dataset, CoordinatesOfOneNameMustHaveTheSameDimensions) {
  DataArray other = labelled("b", "y", 2);
  other.coords.emplace_back("x", labels_of("y", 2, 1));
  expect_refused(Errc::invalid_argument, "'x'", [&] {
    make_dataset({labelled("a", "x", 3), other});
  });
  const Dataset same = make_dataset({labelled("a", "x", 3), labelled("b", "x", 3)});
  EXPECT_EQ(same.coords.size(), 1u);
}

}  // namespace
}  // namespace rastream
