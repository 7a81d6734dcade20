// SPDX-License-Identifier: Apache-2.0
// The common part of views that reorder, rename, add or repeat whole dimensions: each output axis
// follows one input axis or none. A block of the output is a block of the input with other strides.
#pragma once

#include <optional>
#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

/// Where an output axis comes from.
struct AxisSource {
  std::optional<std::size_t>
      axis;  ///< of the input; nothing for a new dimension, along which cells repeat
  bool is_repeated = false;  ///< the input has one cell there, whatever the output's size
};

class AxisMap : public Operator {
 public:
  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t) const override;
  void compute(std::span<const Block> in, Block& out) const override;
  bool is_pointwise(std::string_view dim) const override;
  bool is_view() const override { return true; }

 protected:
  /// `sources[i]` is where axis i of `schema` comes from. Every input axis is named once.
  AxisMap(const Schema& input, Schema schema, std::vector<AxisSource> sources);

 private:
  Schema schema_;
  std::vector<AxisSource> sources_;
  std::vector<bool> is_pointwise_;
};

}  // namespace rastream
