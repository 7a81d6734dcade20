// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/rules/drop_rechunk.h"

namespace rastream {

/// rechunk says how a result is to be cut; its cells are its input's. Output chunks are taken from
/// the target, and the nest reads along the source's chunks, so a rechunk in the middle of a graph
/// would only shuffle.
Array drop_rechunk(const Array& array) {
  return array.node().name == "rechunk" ? array.inputs().front() : array;
}

}  // namespace rastream
