// SPDX-License-Identifier: Apache-2.0
// Random ways to plan: tiles, steps, slabs, threads and rules, none of which may change a cell.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <vector>

#include "random_graphs.h"
#include "rastream/plan/lower.h"
#include "rastream/plan/rules.h"

namespace rastream::runs {

template <typename T>
std::optional<T> maybe(graphs::Random& random, const std::vector<T>& choices) {
  const std::size_t at = random() % (choices.size() + 1);
  return at == choices.size() ? std::nullopt : std::optional<T>(choices[at]);
}

inline PlanOptions random_options(graphs::Random& random) {
  PlanOptions options;
  options.n_threads = graphs::between(random, 1, 4);
  options.tile_cells = maybe<std::int64_t>(random, {1, 7, 64, 1024});
  options.step = maybe<std::int64_t>(random, {1, 2, 5, 16});
  options.slab = maybe<std::int64_t>(random, {1, 2, 5, 16});
  if (random() % 2) options.cell_lists = false;
  for (const Rule& rule : rules()) {
    if (random() % 4 == 0) options.disabled_rules.emplace_back(rule.name);
  }
  return options;
}

inline std::string text_of(const PlanOptions& o) {
  const auto number = [](const auto& n) { return n ? std::to_string(*n) : std::string("-"); };
  return fmt::format("threads {} tile {} step {} slab {} lists {} memory {} without [{}]",
                     o.n_threads, number(o.tile_cells), number(o.step), number(o.slab),
                     o.cell_lists ? "no" : "-", number(o.memory_bytes),
                     fmt::join(o.disabled_rules, " "));
}

}  // namespace rastream::runs
