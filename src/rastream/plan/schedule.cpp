// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/schedule.h"

#include <algorithm>

namespace rastream {
namespace {

Interval join(const Interval& a, const Interval& b) {
  if (a.is_empty()) return b;
  if (b.is_empty()) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

/// The steps of input `i` that `steps` of the node need.
Interval demanded_steps(const ProgramNode& node, const Interval& steps, std::size_t i,
                        const ProgramNode& input) {
  if (node.folds_stream) return steps;  // a scan has the earlier steps in its state
  Region out = node.op->schema().whole();
  const auto axis = static_cast<std::size_t>(node.stream_axis);
  out.begin[axis] = steps.begin;
  out.end[axis] = steps.end;
  const Region in = node.op->demand(out, i);
  const auto input_axis = static_cast<std::size_t>(input.stream_axis);
  return {in.begin[input_axis], in.end[input_axis]};
}

}  // namespace

Schedule::Schedule(const Program& program, std::size_t walk)
    : program_(program), walk_(walk), frontier_(program.nodes().size(), -1) {}

std::vector<NodeSteps> Schedule::advance(std::int64_t begin, std::int64_t end) {
  const Level& level = program_.walks()[walk_];
  std::vector<NodeSteps> steps(program_.nodes().size());
  const auto of = [&](int node) -> NodeSteps& { return steps[static_cast<std::size_t>(node)]; };
  const auto clock_part = [&](int node) {
    const std::int64_t size = program_.node(node).stream_size;
    return Interval{std::min(begin, size), std::min(end, size)};
  };
  for (const Instruction& instruction : level.instructions) {
    if (instruction.act == Act::push) {
      for (const int input : program_.node(instruction.node).inputs) {
        if (program_.node(input).has_stream())
          of(input).needed = join(of(input).needed, clock_part(input));
      }
    } else if (instruction.act == Act::keep) {
      of(instruction.node).needed = join(of(instruction.node).needed, clock_part(instruction.node));
    } else if (instruction.act == Act::emit) {
      const int node = program_.plan().outputs[static_cast<std::size_t>(instruction.node)].node;
      of(node).needed = join(of(node).needed, clock_part(node));
    }
  }
  for (auto it = level.members.rbegin(); it != level.members.rend(); ++it) {
    const ProgramNode& node = program_.node(*it);
    if (!node.has_stream() || of(*it).needed.is_empty()) continue;
    NodeSteps& s = of(*it);
    std::int64_t& frontier = frontier_[static_cast<std::size_t>(*it)];
    if (const auto& back = level.look_back[static_cast<std::size_t>(*it)]; !back.empty()) {
      s.needed.begin =
          std::min(s.needed.begin, *std::min_element(back.begin() + begin, back.begin() + end));
    }
    s.made = s.needed;
    if (node.folds_stream) {
      s.made.begin = std::max<std::int64_t>(frontier, 0);
    } else if (!is_remade(node) && frontier >= 0) {
      s.made.begin = std::max(s.needed.begin, frontier);
    }
    s.made.end = std::max(s.made.begin, s.needed.end);
    if (!is_remade(node)) frontier = std::max(frontier, s.made.end);
    if (s.made.is_empty() || node.is_loaded_in(static_cast<int>(walk_))) continue;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const int input = node.inputs[i];
      if (!program_.node(input).has_stream()) continue;
      of(input).needed =
          join(of(input).needed, demanded_steps(node, s.made, i, program_.node(input)));
    }
  }
  return steps;
}

}  // namespace rastream
