// SPDX-License-Identifier: Apache-2.0
#include "rastream/graph/operator.h"

namespace rastream {

Region drop_axis(const Region& region, std::size_t axis) {
  Region r = region;
  r.begin.erase(axis);
  r.end.erase(axis);
  return r;
}

Region insert_axis(const Region& region, std::size_t axis, std::int64_t begin, std::int64_t end) {
  Region r = region;
  r.begin.insert(axis, begin);
  r.end.insert(axis, end);
  return r;
}

bool Fold::is_settled(std::span<const Block>) const { return false; }

OwnedState::OwnedState(const Fold& fold, const Region& cells) {
  for (const StateField& field : fold.state()) {
    memory_.emplace_back(insert_axis(cells, 0, 0, field.depth), field.dtype);
    blocks_.push_back(memory_.back().view());
  }
}

void Fold::compute(std::span<const Block> in, Block& out) const {
  // A scan must see the axis from its first step, whatever part of it is asked for.
  std::vector<Block> exact;
  for (std::size_t i = 0; i < in.size(); ++i) exact.push_back(in[i].sub(demand(out.region, i)));
  if (keeps_dim()) {
    const std::size_t axis = schema().axis(over(), "fold");
    OwnedState state(*this, drop_axis(out.region, axis));
    start(state.blocks());
    Region walked = out.region;
    walked.begin[axis] = 0;
    if (walked == out.region) {
      push(exact, state.blocks(), &out);
      return;
    }
    OwnedBlock all(walked, out.dtype);
    push(exact, state.blocks(), &all.view());
    copy_cells(all.view(), out);
    return;
  }
  // The cells are input 0's without the walked dimension, which stands where that input has it.
  const std::size_t axis = over_axis();
  OwnedState state(*this, drop_axis(exact[0].region, axis));
  start(state.blocks());
  push(exact, state.blocks(), nullptr);
  finish(state.blocks(), out);
}

}  // namespace rastream
