// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/views/axis_map.h"

namespace rastream {

AxisMap::AxisMap(const Schema& input, Schema schema, std::vector<AxisSource> sources)
    : schema_(std::move(schema)), sources_(std::move(sources)) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const AxisSource& s = sources_[i];
    // A renamed dimension is not the input's dimension of that name, nor is a repeated cell at the
    // output's index.
    is_pointwise_.push_back(s.axis ? !s.is_repeated && input.dims[*s.axis] == schema_.dims[i]
                                   : !input.has(schema_.dims[i]));
  }
}

Region AxisMap::demand(const Region& out, std::size_t) const {
  std::size_t rank = 0;
  for (const AxisSource& s : sources_) rank += s.axis.has_value();
  Region r{Extents(rank), Extents(rank)};
  const bool is_empty = out.is_empty();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const AxisSource& s = sources_[i];
    if (!s.axis) continue;
    r.begin[*s.axis] = s.is_repeated ? 0 : out.begin[i];
    r.end[*s.axis] = is_empty ? r.begin[*s.axis] : s.is_repeated ? 1 : out.end[i];
  }
  return r;
}

void AxisMap::compute(std::span<const Block> in, Block& out) const {
  if (out.region.is_empty()) return;
  const Block& source = in[0];
  Extents index = source.region.begin;
  Block cells{out.region, source.dtype, nullptr, Extents(out.rank())};
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const AxisSource& s = sources_[i];
    if (!s.axis) continue;
    index[*s.axis] = s.is_repeated ? 0 : out.region.begin[i];
    cells.strides[i] = s.is_repeated ? 0 : source.strides[*s.axis];
  }
  cells.data = source.at(index);
  copy_cells(cells, out);
}

bool AxisMap::is_pointwise(std::string_view dim) const {
  const auto axis = schema_.find_axis(dim);
  return !axis || is_pointwise_[*axis];
}

}  // namespace rastream
