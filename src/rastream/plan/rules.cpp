// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/rules.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "rastream/ops/registry.h"
#include "rastream/plan/rules/drop_rechunk.h"
#include "rastream/plan/rules/push_slice.h"
#include "rastream/plan/rules/where_not.h"

namespace rastream {
namespace {

/// Nodes with the same operator, parameters and inputs become one node (common sub-expressions).
class Rewriter {
 public:
  explicit Rewriter(const std::vector<std::string>& disabled) {
    for (const Rule& rule : rules()) {
      if (std::find(disabled.begin(), disabled.end(), rule.name) == disabled.end())
        enabled_.push_back(&rule);
    }
    shares_ = std::find(disabled.begin(), disabled.end(), "share_equal") == disabled.end();
  }

  Array rewrite(const Array& array) {
    if (const auto known = done_.find(array.id()); known != done_.end()) return known->second;
    std::vector<Array> inputs;
    bool changed = false;
    for (const Array& input : array.inputs()) {
      inputs.push_back(rewrite(input));
      changed |= inputs.back().id() != input.id();
    }
    const Node& node = array.node();
    Array result =
        share(changed ? find_operator(node.name).make(node.name, inputs, node.params) : array);
    for (const Rule* rule : enabled_) {
      const Array next = rule->apply(result);
      if (next.id() == result.id()) continue;
      alive_.push_back(next);
      result = rewrite(next);
      break;
    }
    alive_.push_back(array);
    done_[array.id()] = result;
    return result;
  }

 private:
  Array share(const Array& array) {
    if (!shares_) return array;
    std::vector<const Node*> inputs;
    for (const Array& input : array.inputs()) inputs.push_back(input.id());
    return nodes_.try_emplace({array.node().name, array.node().params.dump(), inputs}, array)
        .first->second;
  }

  std::vector<const Rule*> enabled_;
  bool shares_ = true;
  std::vector<Array> alive_;  // keeps addresses in done_ from being used again
  std::unordered_map<const Node*, Array> done_;
  std::map<std::tuple<std::string, std::string, std::vector<const Node*>>, Array> nodes_;
};

Array keep(const Array& array) { return array; }

}  // namespace

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table = {
      {"share_equal", "equal sub-expressions are made once", &keep},
      {"drop_rechunk", "chunks are a matter of the plan, so rechunk makes no cells", &drop_rechunk},
      {"push_slice", "slices move towards the reader and into it", &push_slice},
      {"where_not", "where(not c, a, b) is where(c, b, a)", &where_not},
  };
  return table;
}

std::vector<Array> optimize(const std::vector<Array>& arrays,
                            const std::vector<std::string>& disabled) {
  for (const std::string& name : disabled) {
    if (std::none_of(rules().begin(), rules().end(),
                     [&](const Rule& r) { return r.name == name; })) {
      std::vector<std::string_view> known;
      for (const Rule& r : rules()) known.push_back(r.name);
      throw Error(Errc::invalid_argument, "no optimizer rule is called '{}': there are {}", name,
                  fmt::join(known, ", "));
    }
  }
  Rewriter rewriter(disabled);
  std::vector<Array> out;
  for (const Array& array : arrays) out.push_back(rewriter.rewrite(array));
  return out;
}

}  // namespace rastream
