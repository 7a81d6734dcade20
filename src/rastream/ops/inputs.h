// SPDX-License-Identifier: Apache-2.0
// Checks that constructors of operators share: a plan's JSON may name any number of inputs.
#pragma once

#include <vector>

#include "rastream/base/error.h"
#include "rastream/graph/array.h"

namespace rastream {

/// Throws invalid_argument, naming `who`, unless there are `n` inputs and none is null.
inline void expect_inputs(const std::vector<Array>& inputs, std::size_t n, std::string_view who) {
  if (inputs.size() != n) {
    throw Error(Errc::invalid_argument, "{}: {} inputs, expected {}", who, inputs.size(), n);
  }
  for (const Array& input : inputs) {
    if (input.is_null()) throw Error(Errc::invalid_argument, "{}: an input is null", who);
  }
}

/// The only input's schema; throws as expect_inputs does.
inline const Schema& only_input(const std::vector<Array>& inputs, std::string_view who) {
  expect_inputs(inputs, 1, who);
  return inputs[0].schema();
}

}  // namespace rastream
