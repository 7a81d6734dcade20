// SPDX-License-Identifier: Apache-2.0
// Random expressions over small stored arrays, for the law of the engine: whatever the plan, its
// cells are those of evaluate(). The same seed gives the same expression.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/folds/folds.h"
#include "rastream/ops/sources/sources.h"
#include "rastream/ops/views/views.h"
#include "rastream/ops/windows/windows.h"
#include "small_stores.h"

namespace rastream::graphs {

using Random = std::mt19937_64;

inline std::int64_t between(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
}

inline constexpr std::int64_t kTimes = 11, kRows = 6, kColumns = 9;

/// Stored arrays whose cells hold data from different times on, or never, or up to some time.
/// `scale` makes rows, columns and chunks longer, for laws about sizes.
class Pool {
 public:
  explicit Pool(std::int64_t scale = 1) : scale_(scale), path_(folder_ / "pool.zarr") {
    using stores::variable;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<std::string> cube = {"time", "y", "x"};
    const std::int64_t n_rows = kRows * scale, n_columns = kColumns * scale;
    const std::int64_t rows = 3 * scale, columns = 5 * scale;
    const Extents shape = {kTimes, n_rows, n_columns};
    // Data of a cell begin at 3 * (x % 4) or never, and end after 4 more steps in some rows.
    const auto alive = [](const Extents& i) {
      const std::int64_t first = 3 * (i[2] % 4);
      return i[2] != 5 && i[0] >= first && (i[1] % 3 != 2 || i[0] < first + 4);
    };
    const auto noise = [](const Extents& i) {
      const double n =
          std::sin(static_cast<double>(i[0] * 131 + i[1] * 17 + i[2] * 7)) * 43758.5453;
      return (n - std::floor(n) - 0.5) * 20;
    };
    stores::write_store(
        path_,
        {variable("late", cube, shape, {1, rows, columns}, DType::float32,
                  [=](const Extents& i) { return alive(i) ? noise(i) : nan; }),
         variable("holes", cube, shape, {4, n_rows, n_columns}, DType::float64,
                  [=](const Extents& i) { return (i[0] + i[1] + i[2]) % 5 == 0 ? nan : noise(i); }),
         with_fill(
             variable("packed", cube, shape, {1, rows, columns}, DType::int16,
                      [=](const Extents& i) { return alive(i) ? std::floor(noise(i)) : -9999; })),
         variable("flags", cube, shape, {2, rows, columns}, DType::bool_,
                  [=](const Extents& i) { return noise(i) > 3; }),
         variable("turned", {"time", "x", "y"}, {kTimes, n_columns, n_rows},
                  {2, n_columns, 2 * scale}, DType::float32,
                  [=](const Extents& i) {
                    return noise({i[0], i[2], i[1]});
                  }),
         variable("rows", cube, shape, {1, rows, columns}, DType::float32,
                  [=](const Extents& i) {
                    return i[2] == 5 ? nan : std::floor(noise({i[0], i[1], 0}));
                  }),
         variable("longer", cube, {kTimes + 2, n_rows, n_columns}, {3, rows, columns},
                  DType::float32, [=](const Extents& i) { return alive(i) ? noise(i) + 1 : nan; }),
         variable("map", {"y", "x"}, {n_rows, n_columns}, {rows, columns}, DType::float32,
                  [=](const Extents& i) {
                    return i[1] == 5 ? nan : noise({0, i[0], i[1]});
                  }),
         variable("layers", {"layer", "time", "y", "x"}, {2, kTimes, n_rows, n_columns},
                  {1, 1, rows, columns}, DType::float32, [=](const Extents& i) {
                    return noise({i[1], i[2], i[3] + i[0]});
                  })});
  }

  Array read(const std::string& name) const { return stores::read_of(path_, name); }
  const std::string& path() const { return path_; }
  /// Most cells of an expression's nodes, so that a test stays quick.
  std::int64_t max_cells() const { return 20000 * scale_ * scale_; }

  /// The leaves of expressions. Most have cells in the order of the files.
  std::vector<Array> leaves() const {
    std::vector<Array> out;
    for (const char* name :
         {"late", "holes", "packed", "flags", "turned", "rows", "longer", "map", "layers"}) {
      out.push_back(read(name));
    }
    out.push_back(values({3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5}, "time"));
    std::vector<double> numbers(static_cast<std::size_t>(kRows * scale_));
    std::iota(numbers.begin(), numbers.end(), 1);
    out.push_back(values(numbers, "y", DType::float32));
    out.push_back(values({0, 6, 12, 18}, "hours", DType::float32));
    out.push_back(arange("time", 0, 1, kTimes));
    return out;
  }

 private:
  static stores::Variable with_fill(stores::Variable v) {
    v.fill = -9999;
    return v;
  }

  std::int64_t scale_;
  ScratchFolder folder_;
  std::string path_;
};

/// Writes expressions down step by step from what it has so far.
class Writer {
 public:
  Writer(const Pool& pool, std::uint64_t seed) : random_(seed), max_cells_(pool.max_cells()) {
    for (const Array& leaf : pool.leaves()) add(leaf, 1);
    n_leaves_ = arrays_.size();
  }

  /// Up to three arrays that depend on something stored, after `steps` steps.
  std::vector<Array> write(int steps) {
    for (int i = 0; i < steps; ++i) step();
    std::vector<Array> out = {arrays_.back()};
    while (out.size() < 3 && random_() % 3 == 0 && arrays_.size() > n_leaves_ + 1) {
      out.push_back(arrays_[static_cast<std::size_t>(
          between(random_, static_cast<std::int64_t>(n_leaves_),
                  static_cast<std::int64_t>(arrays_.size()) - 1))]);
    }
    return out;
  }

 private:
  void step() {
    for (int attempt = 0; attempt < 50; ++attempt) {
      try {
        const std::size_t a = pick();
        std::size_t b = pick();
        for (int i = 0; i < 5 && !fits(a, b); ++i) b = pick();
        if (!fits(a, b)) b = a;
        const Array made =
            random_() % 3 == 0 ? combine(arrays_[a], arrays_[b]) : change(arrays_[a]);
        if (made.schema().n_cells() == 0 || made.schema().n_cells() > max_cells_ ||
            made.schema().rank() > 5)
          continue;
        if (paths_[a] + paths_[b] > 64) continue;
        add(made, paths_[a] + paths_[b]);
        return;
      } catch (const Error& e) {
        if (e.code() == Errc::internal)
          throw;  // a dtype or size that does not fit: try something else
      }
    }
  }

  void add(const Array& array, std::int64_t paths) {
    arrays_.push_back(array);
    paths_.push_back(paths);
  }

  /// The newest arrays most often, so that expressions grow deep.
  std::size_t pick() {
    const auto n = static_cast<std::int64_t>(arrays_.size());
    const auto made = n - static_cast<std::int64_t>(n_leaves_);
    if (made > 0 && random_() % 4 != 0)
      return static_cast<std::size_t>(n - 1 -
                                      between(random_, 0, std::min<std::int64_t>(made - 1, 2)));
    if (random_() % 3 == 0) return static_cast<std::size_t>(between(random_, 0, n - 1));
    return static_cast<std::size_t>(between(random_, 0, 5));
  }

  bool fits(std::size_t a, std::size_t b) const {
    for (std::size_t axis = 0; axis < arrays_[a].schema().rank(); ++axis) {
      const auto other = arrays_[b].schema().find_axis(arrays_[a].schema().dims[axis]);
      if (other && arrays_[b].schema().shape[*other] != arrays_[a].schema().shape[axis])
        return false;
    }
    return true;
  }

  template <typename T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[random_() % choices.size()];
  }

  Array combine(const Array& a, const Array& b) {
    switch (random_() % 9) {
      case 0: return add_(a, b);
      case 1: return subtract(a, b);
      case 2: return multiply(a, b);
      case 3: return greater(a, b);
      case 4: return where(greater(a, 0), a, b);
      case 5: return where(logical_not(less_equal(b, 1)), b, a);
      case 6: return minimum(a, b);
      case 7: return divide(a, b);
      default: return concat({a, b}, dim_of(a));
    }
  }

  static Array add_(const Array& a, const Array& b) { return rastream::add(a, b); }

  std::string dim_of(const Array& a) {
    // Time most often: it is what streams.
    if (a.schema().has("time") && random_() % 2) return "time";
    return a.schema().rank() ? one_of(a.schema().dims) : "time";
  }

  Array change(const Array& a) {
    const std::string dim = dim_of(a);
    const std::int64_t size = a.schema().shape[a.schema().axis(dim, "test")];
    const bool skipna = random_() % 2;
    switch (random_() % 30) {
      case 0: return sum(a, {dim}, skipna);
      case 1: return mean(a, {dim}, skipna);
      case 2: return rastream::min(a, {dim}, skipna);
      case 3: return rastream::max(a, {dim}, skipna);
      case 4: return argmax(a, dim, skipna);
      case 5: return any(greater(a, 2), {dim});
      case 6: return random_() % 2 ? first(a, dim) : last(a, dim, skipna);
      case 7: return var(a, dim);
      case 8:
      case 9: return cumsum(a, dim, skipna);
      case 10: return ffill(a, dim);
      case 11: return rolling_sum(a, dim, between(random_, 1, 4), between(random_, 0, 1));
      case 12: return rolling_mean(a, dim, between(random_, 1, 4), 1);
      case 13: return coarsen_mean(a, {dim}, {between(random_, 2, 3)}, skipna);
      case 14: return diff(a, dim);
      case 15:
      case 16: return pad(a, dim, between(random_, 0, 3), between(random_, 0, 3), PadMode::edge);
      case 17:
        return pad(a, dim, between(random_, 0, 2), between(random_, 0, 2),
                   one_of<PadMode>({PadMode::constant, PadMode::reflect, PadMode::wrap}));
      case 18:
      case 19:
        return isel(a, dim,
                    Slice{between(random_, 0, size / 2), between(random_, size / 2 + 1, size),
                          between(random_, 1, 2)});
      case 20:
        return random_() % 2 ? isel(a, dim, Slice{{}, {}, -1})
                             : isel(a, dim, between(random_, 0, size - 1));
      case 21:
        return random_() % 2 ? shift(a, dim, between(random_, -2, 2))
                             : roll(a, dim, between(random_, -2, 2));
      case 22:
        return random_() % 2
                   ? turned(a)
                   : expand_dims(a, "band" + std::to_string(random_() % 3), between(random_, 0, 1));
      case 23: return subtract(a, mean(a, {dim}));
      case 24:
        return sum(where(greater_equal(arange(dim, 0, 1, size), argmax(a, dim)), a, 0), {dim});
      case 25: return sum(multiply(a, values({0, 6, 12, 18}, "hours", DType::float32)), {"hours"});
      case 26: return rastream::max(greater(values({0, 6, 12, 18}, "hours"), a), {"hours"});
      case 27:
        return astype(a,
                      one_of<DType>({DType::float32, DType::float64, DType::int16, DType::bool_}));
      case 28: return random_() % 2 ? isnan(a) : absolute(a);
      default: return fillna(sqrt(a), -1.0);
    }
  }

  Array turned(const Array& a) {
    std::vector<std::string> dims = a.schema().dims;
    std::shuffle(dims.begin(), dims.end(), random_);
    return transpose(a, dims);
  }

  Random random_;
  std::int64_t max_cells_;
  std::vector<Array> arrays_;
  std::vector<std::int64_t> paths_;  // ways from the array down to leaves: what evaluate() costs
  std::size_t n_leaves_ = 0;
};

/// The expression, for the message of a failure.
inline std::string text_of(const Array& array) {
  std::string text = array.node().name;
  if (array.node().name == "read") return array.node().params.at("variable").get<std::string>();
  if (array.node().name == "values") return "values:" + array.schema().dims.front();
  if (!array.inputs().empty()) {
    text += "(";
    for (const Array& input : array.inputs())
      text += (&input == &array.inputs().front() ? "" : ", ") + text_of(input);
    text += ")";
  }
  std::string params;
  for (const auto& [key, value] : array.node().params.items()) {
    if (!value.is_array()) params += key + "=" + value.dump() + " ";
  }
  return params.empty() ? text : text + "{" + params.substr(0, params.size() - 1) + "}";
}

}  // namespace rastream::graphs
