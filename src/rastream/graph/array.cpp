// SPDX-License-Identifier: Apache-2.0
#include "rastream/graph/array.h"

namespace rastream {

OwnedBlock evaluate(const Array& array, const Region& region) {
  const Operator& op = *array.node().op;
  std::vector<OwnedBlock> memory;
  std::vector<Block> inputs;
  for (std::size_t i = 0; i < array.inputs().size(); ++i) {
    memory.push_back(evaluate(array.inputs()[i], op.demand(region, i)));
    inputs.push_back(memory.back().view());
  }
  OwnedBlock out(region, op.schema().dtype);
  op.compute(inputs, out.view());
  return out;
}

}  // namespace rastream
