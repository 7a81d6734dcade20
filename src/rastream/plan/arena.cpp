// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/arena.h"

#include <algorithm>

namespace rastream {
namespace {

/// Kernels slow down to a third when their operands' addresses agree modulo a page, as those of
/// equal powers of two do.
constexpr std::int64_t kStagger = 1088;

std::int64_t state_bytes(const ProgramNode& node) {
  std::int64_t bytes = 0;
  for (const StateField& f : node.fold->state()) {
    bytes += f.depth * static_cast<std::int64_t>(item_size(f.dtype)) * node.max_cells *
                 node.max_steps * node.whole_cells +
             64;
  }
  return bytes;
}

/// The loop that holds instruction `at`, or nullptr.
const Loop* loop_around(const Level& level, std::size_t at) {
  for (const Loop& loop : level.loops) {
    if (at > loop.begin && at < loop.end) return &loop;
  }
  return nullptr;
}

}  // namespace

std::vector<Lifetime> lifetimes_of(const Program& program, const Level& level) {
  const std::size_t n = program.nodes().size();
  constexpr auto kNever = static_cast<std::size_t>(-1);
  std::vector<std::size_t> first(n, kNever);
  std::vector<std::size_t> last(n, 0);
  const auto define = [&](int i, std::size_t at) {
    auto& f = first[static_cast<std::size_t>(i)];
    f = std::min(f, at);
    last[static_cast<std::size_t>(i)] = std::max(last[static_cast<std::size_t>(i)], at);
  };
  const auto use = [&](int i, std::size_t at) {
    const auto k = static_cast<std::size_t>(i);
    if (first[k] == kNever) return;  // uniform, or held in the tile's memory
    const Loop* loop = loop_around(level, at);
    const bool comes_from_outside = loop && first[k] <= loop->begin;
    last[k] = std::max(last[k], comes_from_outside ? loop->end : at);
  };
  for (std::size_t at = 0; at < level.instructions.size(); ++at) {
    const Instruction& ins = level.instructions[at];
    switch (ins.act) {
      case Act::loop_begin:
        for (const int i : level.loops[static_cast<std::size_t>(ins.loop)].in_runs) define(i, at);
        break;
      case Act::loop_end:
        for (const int i : level.loops[static_cast<std::size_t>(ins.loop)].folds) define(i, at);
        for (const int i : level.loops[static_cast<std::size_t>(ins.loop)].in_runs) use(i, at);
        break;
      case Act::load:
      case Act::load_kept:
      case Act::finish: define(ins.node, at); break;
      case Act::compute:
      case Act::scan:
        for (const int input : program.node(ins.node).inputs) use(input, at);
        define(ins.node, at);
        break;
      case Act::push:
      case Act::loop_push:
        for (const int input : program.node(ins.node).inputs) use(input, at);
        break;
      case Act::keep:
      case Act::hold: use(ins.node, at); break;
      case Act::emit:
        use(program.plan().outputs[static_cast<std::size_t>(ins.node)].node, at);
        break;
    }
  }
  std::vector<Lifetime> lifetimes;
  for (std::size_t i = 0; i < n; ++i) {
    if (first[i] == kNever) continue;
    const ProgramNode& node = program.nodes()[i];
    const int number = static_cast<int>(i);
    const bool lasts = node.remembered > 0;
    const std::size_t f = lasts ? 0 : first[i];
    const std::size_t l = lasts ? level.instructions.size() : last[i];
    lifetimes.push_back({number, Lifetime::Use::cells, f, l, node.buffer_bytes() + kStagger});
    if (node.space >= 0)
      lifetimes.push_back({number, Lifetime::Use::spread, f, l, node.buffer_bytes() + kStagger});
  }
  for (const Loop& loop : level.loops) {
    for (const int i : loop.folds) {
      lifetimes.push_back(
          {i, Lifetime::Use::loop_state, loop.begin, loop.end, state_bytes(program.node(i))});
    }
  }
  return lifetimes;
}

std::int64_t place(std::vector<Lifetime>& lifetimes) {
  std::vector<std::size_t> order(lifetimes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lifetimes[a].size_bytes > lifetimes[b].size_bytes;
  });
  std::vector<const Lifetime*> placed;
  std::int64_t total = 0;
  for (const std::size_t i : order) {
    Lifetime& l = lifetimes[i];
    std::vector<const Lifetime*> beside;
    for (const Lifetime* p : placed) {
      if (p->first <= l.last && l.first <= p->last) beside.push_back(p);
    }
    std::sort(beside.begin(), beside.end(), [](auto* a, auto* b) { return a->offset < b->offset; });
    std::int64_t offset = 0;
    for (const Lifetime* p : beside) {
      if (offset + l.size_bytes <= p->offset) break;
      offset = std::max(offset, (p->offset + p->size_bytes + 63) / 64 * 64);
    }
    l.offset = offset;
    placed.push_back(&l);
    total = std::max(total, offset + l.size_bytes);
  }
  return (total + 63) / 64 * 64;
}

}  // namespace rastream
