// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/instructions.h"

#include <algorithm>
#include <set>

namespace rastream {
namespace {

class Writer {
 public:
  Writer(const Program& program, int number, bool is_walk, Level& level)
      : program_(program), number_(number), is_walk_(is_walk), level_(level) {}

  void write(std::vector<int> nodes) {
    pending_.insert(nodes.begin(), nodes.end());
    while (!pending_.empty()) {
      if (write_ready(nodes)) continue;
      write_loop(nodes);
    }
  }

 private:
  bool is_ready(int i, const std::set<int>& blocked) const {
    const auto& inputs = program_.node(i).inputs;
    if (is_leaf(i)) return true;
    return std::none_of(inputs.begin(), inputs.end(),
                        [&](int input) { return blocked.contains(input); });
  }

  bool is_leaf(int i) const {
    const ProgramNode& n = program_.node(i);
    return is_walk_ ? n.is_loaded_in(number_) : n.source || n.folds_stream;
  }

  bool write_ready(const std::vector<int>& nodes) {
    bool wrote = false;
    for (const int i : nodes) {
      const ProgramNode& n = program_.node(i);
      const bool is_in_loop = (n.loop_axis >= 0 || n.folds_loop) && !is_leaf(i);
      if (!pending_.contains(i) || is_in_loop || !is_ready(i, pending_)) continue;
      write_node(i);
      pending_.erase(i);
      wrote = true;
    }
    return wrote;
  }

  void write_node(int i) {
    const ProgramNode& n = program_.node(i);
    Act act = Act::compute;
    if (n.source)
      act = Act::load;
    else if (is_walk_ && n.is_loaded_in(number_))
      act = Act::load_kept;
    else if (n.folds_stream)
      act = !is_walk_ ? Act::finish : n.has_stream() ? Act::scan : Act::push;
    level_.instructions.push_back({act, i});
    write_uses(i, act);
  }

  void write_uses(int i, Act act) {
    const ProgramNode& n = program_.node(i);
    if (act == Act::push) return;
    if (is_walk_ && n.kept >= 0 && n.level == number_)
      level_.instructions.push_back({Act::keep, i});
    if (!is_walk_ && n.is_held) level_.instructions.push_back({Act::hold, i});
    const auto& outputs = program_.plan().outputs;
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      if (outputs[o].node == i && n.level == number_)
        level_.instructions.push_back({Act::emit, static_cast<int>(o)});
    }
  }

  void write_loop(const std::vector<int>& nodes) {
    std::string dim;
    std::vector<int> body;
    std::set<int> blocked = pending_;
    for (const int i : nodes) {
      const ProgramNode& n = program_.node(i);
      if (!pending_.contains(i) || n.loop_axis < 0 || !is_ready(i, blocked)) continue;
      const std::string& own = n.op->schema().dims[static_cast<std::size_t>(n.loop_axis)];
      if (dim.empty()) dim = own;
      if (own != dim) continue;
      body.push_back(i);
      blocked.erase(i);
    }
    Loop loop;
    for (const int i : nodes) {
      const ProgramNode& n = program_.node(i);
      if (pending_.contains(i) && n.folds_loop && n.fold->over() == dim && is_ready(i, blocked))
        loop.folds.push_back(i);
    }
    if (body.empty() && loop.folds.empty()) {
      const int i = *pending_.begin();
      throw Error(Errc::internal, "plan: node {} ({}) of {} {} waits for nodes that wait for it", i,
                  program_.node(i).array.node().name, is_walk_ ? "walk" : "rest", number_);
    }
    const int number = static_cast<int>(level_.loops.size());
    if (!body.empty()) loop.size = program_.node(body.front()).loop_size;
    loop.begin = level_.instructions.size();
    level_.instructions.push_back({Act::loop_begin, -1, number});
    for (const int i : body) level_.instructions.push_back({Act::compute, i});
    for (const int i : loop.folds) level_.instructions.push_back({Act::loop_push, i});
    loop.end = level_.instructions.size();
    level_.instructions.push_back({Act::loop_end, -1, number});
    for (const int i : body) pending_.erase(i);
    for (const int i : loop.folds) {
      pending_.erase(i);
      write_uses(i, Act::compute);
    }
    level_.loops.push_back(std::move(loop));
  }

  const Program& program_;
  const int number_;
  const bool is_walk_;
  Level& level_;
  std::set<int> pending_;
};

}  // namespace

void write_instructions(const Program& program, int number, bool is_walk,
                        const std::vector<int>& pushes, Level& level) {
  std::vector<int> nodes = level.members;
  nodes.insert(nodes.end(), pushes.begin(), pushes.end());
  std::sort(nodes.begin(), nodes.end());
  Writer(program, number, is_walk, level).write(std::move(nodes));
}

void note_loops_in_runs(const Program& program, Level& level) {
  for (Loop& loop : level.loops) {
    for (std::size_t at = loop.begin + 1; at < loop.end; ++at) {
      const Instruction& instruction = level.instructions[at];
      if (instruction.act == Act::compute && program.node(instruction.node).space >= 0) {
        loop.in_runs.push_back(instruction.node);
      }
    }
  }
}

}  // namespace rastream
