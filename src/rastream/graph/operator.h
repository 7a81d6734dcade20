// SPDX-License-Identifier: Apache-2.0
// The one interface of everything that makes cells. An operator never sees files, chunks, threads
// or the plan.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/array/block.h"
#include "rastream/array/region.h"
#include "rastream/array/schema.h"
#include "rastream/base/json.h"

namespace rastream {

/// How an operator uses the dimension it is not pointwise along.
enum class Kind {
  local,   ///< elementwise, or a window with bounded look-back and look-ahead
  fold,    ///< a scan or reduction with a small carried state per cell; implements Fold
  global,  ///< needs whole axes at once; ends a stage
};

/// Makes any region of an array from regions of its inputs. Immutable; constructors check and throw
/// Error. Safe to call from many threads.
class Operator {
 public:
  virtual ~Operator() = default;
  /// Of the output; no I/O.
  virtual const Schema& schema() const = 0;
  /// Cells of `input` needed for `out`, a box in the index space of that input.
  virtual Region demand(const Region& out, std::size_t input) const = 0;
  /// Fills every cell of `out`. REQUIRES: in[i].region contains demand(out.region, i); any strides.
  /// Along dimensions where is_pointwise() holds, `in` and `out` may be a list of cells that are
  /// not neighbours.
  virtual void compute(std::span<const Block> in, Block& out) const = 0;

  virtual Kind kind() const { return Kind::local; }
  /// True when a cell depends only on the input cells of the same index along `dim` (a dimension of
  /// the output), and `compute` does not look at region.begin along it.
  virtual bool is_pointwise(std::string_view dim) const = 0;
  /// True when a cell is a copy of an input cell, so that recomputing is as cheap as remembering.
  virtual bool is_view() const { return false; }
};

/// An operator without inputs whose cells come from chunks outside the plan. Reading along
/// schema().chunks decodes each chunk once.
class Source : public Operator {
 public:
  Region demand(const Region&, std::size_t) const override { return {}; }
  bool is_pointwise(std::string_view) const override { return true; }
  /// The value of cells that hold no data (a fill value, or NaN); nothing when the source has none.
  virtual std::optional<double> missing() const = 0;
  /// Stored bytes of the chunks that `region` touches; nothing when unknown without reading.
  virtual std::optional<std::int64_t> stored_bytes(const Region& region) const = 0;
  /// What is read, for people: "daymet_v4_daily_na_tmin_1980.nc:tmin".
  virtual std::string description() const = 0;
  /// Memory in bytes that compute() needs besides its output, per calling thread.
  virtual std::int64_t scratch_bytes() const { return 0; }
  /// Memory in bytes that all sources of the process share, such as kept blocks of remote files.
  virtual std::int64_t shared_bytes() const { return 0; }
};

/// One array of a fold's state: `depth` values of `dtype` for each cell.
struct StateField {
  DType dtype = DType::float64;
  std::int64_t depth = 1;
};

/// A fold walks one dimension in order and carries a small state per cell. Cells are the dimensions
/// of input 0 without over(). A state block has the shape (depth, cells...). Steps arrive in order,
/// each exactly once, in pieces of any length; the result must not depend on how the axis is cut
/// (law of chunk invariance).
class Fold : public Operator {
 public:
  /// The dimension that is walked.
  virtual const std::string& over() const = 0;
  /// Its axis in input 0.
  virtual std::size_t over_axis() const = 0;
  /// True for a scan (the output has the dimension, one step for each input step), false for a
  /// reduction.
  virtual bool keeps_dim() const = 0;
  virtual std::vector<StateField> state() const = 0;
  /// Sets the state of "no step seen".
  virtual void start(std::span<const Block> state) const = 0;
  /// Takes the steps of in[i].region along over(). A scan also fills `out` for the same steps; a
  /// reduction gets nullptr.
  virtual void push(std::span<const Block> in, std::span<const Block> state,
                    const Block* out) const = 0;
  /// Reductions only: fills `out` from the state.
  virtual void finish(std::span<const Block> state, const Block& out) const = 0;
  /// True when no later step can change the result of any cell of `state`, so that the walk may
  /// stop.
  virtual bool is_settled(std::span<const Block> state) const;

  Kind kind() const override { return Kind::fold; }
  bool is_pointwise(std::string_view dim) const override { return dim != over(); }
  /// start, one push of the whole demand, finish: the meaning of the fold. (A scan demands its axis
  /// from step 0.)
  void compute(std::span<const Block> in, Block& out) const final;
};

/// Memory and views for the state of `fold` over `cells` (see Fold).
class OwnedState {
 public:
  OwnedState(const Fold& fold, const Region& cells);
  std::span<const Block> blocks() const { return blocks_; }

 private:
  std::vector<OwnedBlock> memory_;
  std::vector<Block> blocks_;
};

/// `region` without `axis`.
Region drop_axis(const Region& region, std::size_t axis);
/// `region` with [begin, end) inserted at `axis`.
Region insert_axis(const Region& region, std::size_t axis, std::int64_t begin, std::int64_t end);

}  // namespace rastream
