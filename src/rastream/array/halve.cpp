// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/halve.h"

#include <algorithm>

namespace rastream {
namespace {

void add_halves(const Region& region, std::int64_t most_cells, std::vector<Region>& out) {
  if (region.n_cells() <= most_cells) return out.push_back(region);
  std::size_t axis = 0;
  while (region.size(axis) < 2) ++axis;
  Region first = region;
  Region second = region;
  first.end[axis] = second.begin[axis] = region.begin[axis] + region.size(axis) / 2;
  add_halves(first, most_cells, out);
  add_halves(second, most_cells, out);
}

}  // namespace

std::vector<Region> halve(const Region& region, std::int64_t most_cells) {
  std::vector<Region> out;
  add_halves(region, std::max<std::int64_t>(1, most_cells), out);
  return out;
}

}  // namespace rastream
