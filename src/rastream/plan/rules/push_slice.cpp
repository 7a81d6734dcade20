// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/rules/push_slice.h"

#include "rastream/ops/read.h"
#include "rastream/ops/registry.h"

namespace rastream {
namespace {

struct Slice {
  std::string dim;
  std::int64_t start, stop, step;
};

Slice slice_of(const Node& node) {
  const auto get = [&](const char* key) {
    return json_member<std::int64_t>(node.params, key, "isel");
  };
  return {json_member<std::string>(node.params, "dim", "isel"), get("start"), get("stop"),
          get("step")};
}

}  // namespace

/// Patterns: a slice of everything is its input, so that it is not read apart; isel(read) with step
/// 1 becomes a smaller read; isel(f(a, b)) with f elementwise along the dimension becomes
/// f(isel(a), isel(b)). Views are left alone: a slice of a pad or concat is where the shifted
/// streams meet.
Array push_slice(const Array& array) {
  const Node& node = array.node();
  if (node.name != "isel") return array;
  const Slice slice = slice_of(node);
  const Array& input = node.inputs.front();
  const Operator& op = *input.node().op;
  if (slice.step == 1 && array.schema().shape == input.schema().shape) return input;
  if (const auto* read = dynamic_cast<const Read*>(&op)) {
    if (slice.step != 1) return array;
    const std::size_t axis = input.schema().axis(slice.dim, "isel");
    Region window = input.schema().whole();
    window.begin[axis] = slice.start;
    window.end[axis] = slice.stop;
    return read->windowed(window);
  }
  if (op.kind() != Kind::local || op.is_view() || input.inputs().empty() ||
      !op.is_pointwise(slice.dim))
    return array;
  std::vector<Array> sliced;
  for (const Array& in : input.inputs()) {
    sliced.push_back(
        in.schema().has(slice.dim) ? find_operator("isel").make("isel", {in}, node.params) : in);
  }
  return find_operator(input.node().name).make(input.node().name, sliced, input.node().params);
}

}  // namespace rastream
