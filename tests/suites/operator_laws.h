// SPDX-License-Identifier: Apache-2.0
// The laws that every operator keeps, as functions over one node. A new operator is tested by a
// case in a table: a node with small inputs. Outside operators may use the same laws.
//
//   1. chunk invariance: the output in blocks of any cut is the whole, bit for bit
//   2. demand soundness: only demanded cells are read, only asked ones are written, for any strides
//   3. folds: pushing in pieces of any length is one push; a settled state is final
//   4. pointwise: permuting cells along a pointwise dimension permutes the output, wherever the
//   region lies
//   5. plan round trip: from its name and parameters as JSON text the same node comes back
//   6. views: every cell is a copy of an input cell (or the fill value)
//   7. an empty region needs nothing and is made without error
//   8. hostile plans: wrong inputs are refused, odd parameters are refused or taken, nothing
//   crashes
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "rastream/graph/array.h"
#include "rastream/ops/registry.h"

namespace rastream::laws {

/// A node to test. `fill`: a value that a view's cells may have besides those of the input.
struct LawCase {
  Array array;
  std::optional<double> fill;
};

using Random = std::mt19937_64;

inline std::int64_t random_between(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
}

inline Region random_region(Random& random, const Extents& shape) {
  Region r{Extents(shape.size()), Extents(shape.size())};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    r.begin[i] = shape[i] == 0 ? 0 : random_between(random, 0, shape[i] - 1);
    r.end[i] = shape[i] == 0 ? 0 : random_between(random, r.begin[i] + 1, shape[i]);
  }
  return r;
}

/// Cells of `region` in memory of its own, with random axis order and gaps, all of it poisoned.
/// Reading a cell outside the block gives poison; writing one is found by
/// surroundings_are_untouched().
class PoisonedBlock {
 public:
  PoisonedBlock(Random& random, const Region& region, DType dtype) {
    const auto item = static_cast<std::int64_t>(item_size(dtype));
    std::vector<std::size_t> axes(region.rank());
    std::iota(axes.begin(), axes.end(), 0);
    if (random() % 2) std::shuffle(axes.begin(), axes.end(), random);
    block_.region = region;
    block_.dtype = dtype;
    block_.strides = Extents(region.rank());
    std::int64_t stride = item;
    for (std::size_t i = axes.size(); i-- > 0;) {
      block_.strides[axes[i]] = stride;
      stride *= region.size(axes[i]) + random_between(random, 0, 2);
    }
    const std::int64_t margin = 8 * item;
    memory_.resize(static_cast<std::size_t>(stride + 2 * margin) / 8 + 2);
    // An all-ones float is a NaN, so poison also differs from the zeros that a sum could hide.
    std::memset(memory_.data(), kPoison, memory_.size() * 8);
    block_.data = reinterpret_cast<std::byte*>(memory_.data()) + margin;
    if (dtype == DType::bool_ && !region.is_empty()) fill_cells(block_, 0);
  }

  Block& block() { return block_; }

  bool surroundings_are_untouched() const {
    std::vector<std::uint64_t> expected(memory_.size());
    std::memset(expected.data(), kPoison, expected.size() * 8);
    Block hidden = block_;
    hidden.data = reinterpret_cast<std::byte*>(expected.data()) +
                  (block_.data - reinterpret_cast<const std::byte*>(memory_.data()));
    copy_cells(block_, hidden);
    return std::memcmp(expected.data(), memory_.data(), memory_.size() * 8) == 0;
  }

 private:
  static constexpr int kPoison = 0xA5;
  std::vector<std::uint64_t> memory_;
  Block block_;
};

/// Same bits in every cell of `region`.
inline ::testing::AssertionResult same_bits(const Block& a, const Block& b, const Region& region) {
  ::testing::AssertionResult result = ::testing::AssertionSuccess();
  for_each_index(region, [&](const Extents& i) {
    if (result && std::memcmp(a.at(i), b.at(i), item_size(a.dtype)) != 0) {
      result = ::testing::AssertionFailure()
               << "cell " << to_string(i) << " of " << to_string(region) << ": "
               << cell_as_double(a, i) << " and " << cell_as_double(b, i);
    }
  });
  return result;
}

inline std::vector<OwnedBlock> whole_inputs(const Array& array) {
  std::vector<OwnedBlock> out;
  for (const Array& input : array.inputs()) out.push_back(evaluate(input, input.schema().whole()));
  return out;
}

/// The inputs that `op` demands for `region`, each alone in poisoned memory.
inline std::vector<PoisonedBlock> demanded_inputs(Random& random, const Array& array,
                                                  const std::vector<OwnedBlock>& inputs,
                                                  const Region& region) {
  std::vector<PoisonedBlock> out;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Region demand = array.node().op->demand(region, i);
    EXPECT_TRUE(array.inputs()[i].schema().whole().contains(demand)) << to_string(demand);
    out.emplace_back(random, demand, inputs[i].view().dtype);
    copy_cells(inputs[i].view(), out.back().block());
  }
  return out;
}

inline std::vector<Block> views_of(std::vector<PoisonedBlock>& blocks) {
  std::vector<Block> out;
  for (PoisonedBlock& b : blocks) out.push_back(b.block());
  return out;
}

inline std::vector<std::int64_t> random_edges(Random& random, std::int64_t size) {
  std::vector<std::int64_t> edges = {0};
  while (edges.back() < size) edges.push_back(random_between(random, edges.back() + 1, size));
  return edges;
}

inline void check_chunk_invariance(const Array& array, Random& random) {
  const OwnedBlock whole = evaluate(array, array.schema().whole());
  for (int round = 0; round < 3; ++round) {
    std::vector<Cuts> cuts;
    for (const std::int64_t size : array.schema().shape)
      cuts.push_back(Cuts::explicit_edges(random_edges(random, size)));
    const ChunkGrid grid(std::move(cuts));
    for (std::int64_t chunk = 0; chunk < grid.n_chunks(); ++chunk) {
      const Region region = grid.chunk_region(chunk);
      ASSERT_TRUE(same_bits(evaluate(array, region).view(), whole.view(), region));
    }
  }
}

inline void check_demand_soundness(const Array& array, Random& random) {
  const OwnedBlock whole = evaluate(array, array.schema().whole());
  const std::vector<OwnedBlock> inputs = whole_inputs(array);
  for (int round = 0; round < 8; ++round) {
    const Region region = random_region(random, array.schema().shape);
    std::vector<PoisonedBlock> demanded = demanded_inputs(random, array, inputs, region);
    PoisonedBlock out(random, region, array.schema().dtype);
    array.node().op->compute(views_of(demanded), out.block());
    ASSERT_TRUE(same_bits(out.block(), whole.view(), region));
    ASSERT_TRUE(out.surroundings_are_untouched()) << to_string(region);
  }
}

/// Pushes the steps of `inputs` up to each of `edges` and compares after all. The states lie in odd
/// strides too.
inline void check_pushing_in_pieces(const Fold& fold, const std::vector<Block>& inputs,
                                    const Block& whole, const std::vector<std::int64_t>& edges,
                                    Random& random) {
  const Region cells = drop_axis(inputs[0].region, fold.over_axis());
  std::vector<PoisonedBlock> memory;
  for (const StateField& f : fold.state())
    memory.emplace_back(random, insert_axis(cells, 0, 0, f.depth), f.dtype);
  const std::vector<Block> state = views_of(memory);
  fold.start(state);
  OwnedBlock out(whole.region, whole.dtype);
  bool was_settled = false;
  OwnedBlock settled(whole.region, whole.dtype);
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    std::vector<Block> pieces;
    for (const Block& input : inputs) {
      Region region = input.region;
      region.begin[fold.over_axis()] = edges[i];
      region.end[fold.over_axis()] = edges[i + 1];
      pieces.push_back(input.sub(region));
    }
    Block steps = out.view();
    if (fold.keeps_dim()) steps = out.view().sub(pieces[0].region);
    fold.push(pieces, state, fold.keeps_dim() ? &steps : nullptr);
    if (!fold.keeps_dim() && !was_settled && fold.is_settled(state)) {
      was_settled = true;
      fold.finish(state, settled.view());
    }
  }
  if (!fold.keeps_dim()) fold.finish(state, out.view());
  ASSERT_TRUE(same_bits(out.view(), whole, whole.region));
  if (was_settled) {
    ASSERT_TRUE(same_bits(settled.view(), whole, whole.region)) << "settled too soon";
  }
  for (const PoisonedBlock& b : memory) ASSERT_TRUE(b.surroundings_are_untouched());
}

inline void check_fold(const Array& array, Random& random) {
  const auto* fold = dynamic_cast<const Fold*>(array.node().op.get());
  ASSERT_EQ(fold != nullptr, array.node().op->kind() == Kind::fold);
  if (!fold) return;
  const OwnedBlock whole = evaluate(array, array.schema().whole());
  std::vector<OwnedBlock> inputs = whole_inputs(array);
  ASSERT_EQ(array.inputs()[0].schema().axis(fold->over(), "fold"), fold->over_axis());
  for (int round = 0; round < 4; ++round) {
    std::vector<PoisonedBlock> strided =
        demanded_inputs(random, array, inputs, array.schema().whole());
    const std::int64_t n_steps = inputs[0].view().size(fold->over_axis());
    std::vector<std::int64_t> edges = random_edges(random, n_steps);
    if (round == 0) {
      edges.resize(static_cast<std::size_t>(n_steps) + 1);
      std::iota(edges.begin(), edges.end(), 0);
    }
    check_pushing_in_pieces(*fold, views_of(strided), whole.view(), edges, random);
  }
}

/// `block` with its cells along `axis` in the order `order`, at `offset` along it.
inline OwnedBlock permuted(const Block& block, std::size_t axis,
                           const std::vector<std::int64_t>& order, std::int64_t offset) {
  Region moved = block.region;
  moved.begin[axis] += offset;
  moved.end[axis] += offset;
  OwnedBlock out(moved, block.dtype);
  for_each_index(block.region, [&](Extents i) {
    Extents from = i;
    from[axis] = block.region.begin[axis] +
                 order[static_cast<std::size_t>(i[axis] - block.region.begin[axis])];
    i[axis] += offset;
    std::memcpy(out.view().at(i), block.at(from), item_size(block.dtype));
  });
  return out;
}

inline void check_pointwise(const Array& array, Random& random) {
  const Operator& op = *array.node().op;
  if (array.inputs().empty()) return;
  const Schema& schema = array.schema();
  const OwnedBlock whole = evaluate(array, schema.whole());
  const std::vector<OwnedBlock> inputs = whole_inputs(array);
  for (std::size_t axis = 0; axis < schema.rank(); ++axis) {
    if (!op.is_pointwise(schema.dims[axis])) continue;
    std::vector<std::int64_t> order(static_cast<std::size_t>(schema.shape[axis]));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    const std::int64_t offset = random_between(random, 0, 5);
    std::vector<OwnedBlock> moved;
    std::vector<Block> views;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto at = array.inputs()[i].schema().find_axis(schema.dims[axis]);
      const Block demanded = inputs[i].view().sub(op.demand(schema.whole(), i));
      std::vector<std::int64_t> same(static_cast<std::size_t>(at ? demanded.size(*at) : 0));
      std::iota(same.begin(), same.end(), 0);
      if (at && demanded.region.n_cells() > 0) {
        // An input of one cell along the dimension is repeated along it.
        const bool is_repeated = demanded.size(*at) != schema.shape[axis];
        moved.push_back(
            permuted(demanded, *at, is_repeated ? same : order, is_repeated ? 0 : offset));
      } else {
        moved.emplace_back(demanded.region, demanded.dtype);
        copy_cells(demanded, moved.back().view());
      }
    }
    for (const OwnedBlock& b : moved) views.push_back(b.view());
    const OwnedBlock expected = permuted(whole.view(), axis, order, offset);
    OwnedBlock out(expected.view().region, schema.dtype);
    op.compute(views, out.view());
    ASSERT_TRUE(same_bits(out.view(), expected.view(), out.view().region))
        << "along " << schema.dims[axis];
  }
}

inline void check_plan_round_trip(const Array& array) {
  const Node& node = array.node();
  const Json params = parse_json(node.params.dump(), node.name);
  const Array again = find_operator(node.name).make(node.name, node.inputs, params);
  ASSERT_EQ(again.node().params.dump(), node.params.dump());
  ASSERT_EQ(again.schema(), array.schema());
  const Region region = array.schema().whole();
  ASSERT_TRUE(same_bits(evaluate(again, region).view(), evaluate(array, region).view(), region));
}

inline void check_view(const LawCase& c) {
  if (!c.array.node().op->is_view()) return;
  std::vector<double> known;
  if (c.fill) known.push_back(*c.fill);
  for (const OwnedBlock& input : whole_inputs(c.array)) {
    for_each_index(input.view().region,
                   [&](const Extents& i) { known.push_back(cell_as_double(input.view(), i)); });
  }
  const OwnedBlock whole = evaluate(c.array, c.array.schema().whole());
  for_each_index(whole.view().region, [&](const Extents& i) {
    const double cell = cell_as_double(whole.view(), i);
    ASSERT_TRUE(std::any_of(known.begin(), known.end(), [&](double k) {
      return k == cell || (k != k && cell != cell);
    })) << to_string(i);
  });
}

inline void check_empty_region(const Array& array) {
  for (std::size_t axis = 0; axis < array.schema().rank(); ++axis) {
    Region region = array.schema().whole();
    region.begin[axis] = region.end[axis];
    for (std::size_t i = 0; i < array.inputs().size(); ++i) {
      // An input that is repeated along the axis may be asked for, as the other axes are not empty.
      const Schema& input = array.inputs()[i].schema();
      const bool is_repeated = !array.node().op->is_view() && !input.has(array.schema().dims[axis]);
      if (is_repeated) continue;
      ASSERT_EQ(array.node().op->demand(region, i).is_empty(), input.rank() > 0) << "input " << i;
    }
    evaluate(array, region);
  }
}

/// True when making the node threw Error; any other exception or crash fails the test.
inline bool is_refused(const Node& node, const std::vector<Array>& inputs, const Json& params) {
  try {
    find_operator(node.name).make(node.name, inputs, params);
    return false;
  } catch (const Error&) {
    return true;
  }
}

inline void check_hostile_plans(const Array& array) {
  const Node& node = array.node();
  if (!node.inputs.empty()) {
    ASSERT_TRUE(is_refused(node, {}, node.params));
    ASSERT_TRUE(is_refused(node, {Array()}, node.params));
  }
  is_refused(node, node.inputs, Json::object());
  is_refused(node, node.inputs, Json());
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const auto& [name, value] : node.params.items()) {
    for (const Json& odd :
         {Json(), Json("odd"), Json(-1), Json(most), Json(-most - 1), Json(1e300), Json::array(),
          Json({most}), Json({most, most}), Json({-1, 0}), Json({"x", "x"}), Json::object()}) {
      Json params = node.params;
      params[name] = odd;
      is_refused(node, node.inputs, params);
    }
  }
}

/// Laws 1 to 7.
inline void check_all(const LawCase& c, std::uint64_t seed) {
  SCOPED_TRACE(c.array.node().name + " " + c.array.node().params.dump());
  Random random(seed);
  check_chunk_invariance(c.array, random);
  check_demand_soundness(c.array, random);
  check_fold(c.array, random);
  check_pointwise(c.array, random);
  check_plan_round_trip(c.array);
  check_view(c);
  check_empty_region(c.array);
}

/// Names of registered operators that no case is about. Must be empty.
inline std::set<std::string> untested(const std::vector<LawCase>& cases) {
  std::set<std::string> names;
  for (const OperatorInfo& o : operators()) names.insert(o.name);
  for (const LawCase& c : cases) names.erase(c.array.node().name);
  return names;
}

}  // namespace rastream::laws
