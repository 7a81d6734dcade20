// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/registry.h"

#include <algorithm>
#include <iterator>

#include "rastream/base/error.h"
#include "rastream/ops/cf_decode.h"
#include "rastream/ops/elementwise/elementwise.h"
#include "rastream/ops/folds/folds.h"
#include "rastream/ops/phenology/growing_degree_hours.h"
#include "rastream/ops/phenology/spring_onset.h"
#include "rastream/ops/read.h"
#include "rastream/ops/sources/sources.h"
#include "rastream/ops/views/views.h"
#include "rastream/ops/windows/windows.h"

namespace rastream {
namespace {

std::vector<OperatorInfo> make_table() {
  std::vector<OperatorInfo> table;
  const auto add = [&](std::vector<OperatorInfo> rows) {
    std::move(rows.begin(), rows.end(), std::back_inserter(table));
  };
  add(source_operators());
  add(view_operators());
  add(window_operators());
  add(fold_operators());
  add(elementwise_operators());
  add({read_operator(), cf_decode(), growing_degree_hours(), spring_onset()});
  return table;
}

}  // namespace

const std::vector<OperatorInfo>& operators() {
  static const std::vector<OperatorInfo> table = make_table();
  return table;
}

const OperatorInfo& find_operator(std::string_view name) {
  const auto& table = operators();
  const auto it = std::find_if(table.begin(), table.end(),
                               [&](const OperatorInfo& o) { return o.name == name; });
  if (it == table.end()) throw Error(Errc::not_found, "no operator is named '{}'", name);
  return *it;
}

}  // namespace rastream
