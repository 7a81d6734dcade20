// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/phenology/spring_onset.h"

#include <cmath>
#include <limits>

#include "rastream/ops/inputs.h"
#include "rastream/ops/phenology/rows.h"

namespace rastream {
namespace {

enum StateIndex : std::size_t { kRecent, kSynop, kLeaf, kBloom, kAccumulated, kStates };
constexpr std::int64_t kMostDays = std::int64_t{1} << 24;  // float32 counts no further

std::vector<OnsetPlant> make_plants(const SpringOnset::Params& p) {
  const std::size_t n = p.leaf_shift.size();
  if (n == 0 || p.leaf.size() != 4 * n || p.bloom.size() != 2 * n) {
    throw Error(Errc::invalid_argument,
                "spring_onset: {} leaf and {} bloom coefficients for {} shifts: expected 4 and 2 "
                "for each of at least 1 "
                "plant",
                p.leaf.size(), p.bloom.size(), n);
  }
  std::vector<OnsetPlant> plants(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double shift = p.leaf_shift[i];
    if (!(shift >= 0 && shift <= 366 && std::floor(shift) == shift)) {
      throw Error(Errc::invalid_argument,
                  "spring_onset: leaf_shift {}: expected whole days, 0 to 366", shift);
    }
    plants[i].leaf = {p.leaf[4 * i], p.leaf[4 * i + 1], p.leaf[4 * i + 2], p.leaf[4 * i + 3]};
    plants[i].bloom = {p.bloom[2 * i], p.bloom[2 * i + 1]};
    plants[i].leaf_shift = shift;
  }
  return plants;
}

/// ("event", "plant", cells...) for a fold over `axis` of `s`.
Schema onset_schema(const Schema& s, std::size_t axis, std::size_t n_plants) {
  const auto n = static_cast<std::int64_t>(n_plants);
  std::vector<std::string> dims{"event", "plant"};
  Extents shape{2, n};
  std::vector<Cuts> cuts{Cuts::regular(2, 2), Cuts::regular(n, n)};
  for (std::size_t i = 0; i < s.rank(); ++i) {
    if (i == axis) continue;
    if (shape.size() == kMaxRank) {
      throw Error(Errc::unsupported, "spring_onset: an input of {} dimensions: at most {}",
                  s.rank(), kMaxRank - 1);
    }
    dims.push_back(s.dims[i]);
    shape.push_back(s.shape[i]);
    cuts.push_back(s.chunks.cuts(i));
  }
  return make_schema(std::move(dims), shape, DType::float64, ChunkGrid(std::move(cuts)));
}

Block drop_block_axis(const Block& block, std::size_t axis) {
  Block b = block;
  b.region = drop_axis(block.region, axis);
  b.strides.erase(axis);
  return b;
}

RowArray cells_of(const Block& block, std::size_t axis) {
  const Block b = drop_block_axis(block, axis);
  return {b.data, b.strides};
}

}  // namespace

SpringOnset::SpringOnset(const std::vector<Array>& inputs, Params params)
    : over_(params.over), plants_(make_plants(params)) {
  expect_inputs(inputs, 1, "spring_onset");
  const Schema& s = inputs[0].schema();
  over_axis_ = s.axis(over_, "spring_onset");
  n_days_ = s.shape[over_axis_];
  gdh_dtype_ = s.dtype;
  if (!is_floating(s.dtype)) {
    throw Error(Errc::invalid_argument,
                "spring_onset: an input of dtype {}: expected float32 or float64",
                to_string(s.dtype));
  }
  if (n_days_ > kMostDays) {
    throw Error(Errc::unsupported, "spring_onset: {} days along '{}': at most {}", n_days_, over_,
                kMostDays);
  }
  schema_ = onset_schema(s, over_axis_, plants_.size());
}

Region SpringOnset::demand(const Region& out, std::size_t) const {
  return insert_axis(drop_axis(drop_axis(out, 0), 0), over_axis_, 0, n_days_);
}

bool SpringOnset::is_pointwise(std::string_view dim) const {
  const auto axis = schema_.find_axis(dim);
  return axis && *axis >= 2;
}

std::vector<StateField> SpringOnset::state() const {
  const auto n = static_cast<std::int64_t>(plants_.size());
  return {{gdh_dtype_, kOnsetMemory},
          {DType::float32, 1},
          {DType::float32, n},
          {DType::float32, n},
          {DType::float64, n}};
}

void SpringOnset::start(std::span<const Block> state) const {
  constexpr double kNever = std::numeric_limits<double>::quiet_NaN();
  fill_cells(state[kRecent], 0);
  fill_cells(state[kSynop], 0);
  fill_cells(state[kLeaf], kNever);
  fill_cells(state[kBloom], kNever);
  fill_cells(state[kAccumulated], 0);
}

void SpringOnset::push(std::span<const Block> in, std::span<const Block> state,
                       const Block*) const {
  const Block& gdh = in[0];
  std::array<RowArray, kStates + 1> arrays;
  for (std::size_t k = 0; k < kStates; ++k) arrays[k] = cells_of(state[k], 0);
  arrays[kStates] = cells_of(gdh, over_axis_);
  const Rows<kStates + 1> rows(drop_axis(gdh.region, over_axis_).shape(), arrays);
  const auto first = gdh.region.begin[over_axis_];
  const auto n_steps = gdh.size(over_axis_);
  rows.for_each([&](const std::array<std::byte*, kStates + 1>& starts, std::int64_t n) {
    const auto column = [&](std::size_t k) {
      return OnsetColumn{starts[k], state[k].strides[0], rows.stride(k)};
    };
    const OnsetState columns{column(kRecent), column(kSynop), column(kLeaf), column(kBloom),
                             column(kAccumulated)};
    push_onset(plants_, first, n_steps, n, gdh.dtype == DType::float64,
               {starts[kStates], gdh.strides[over_axis_], rows.stride(kStates)}, columns);
  });
}

void SpringOnset::finish(std::span<const Block> state, const Block& out) const {
  for (std::int64_t event = out.region.begin[0]; event < out.region.end[0]; ++event) {
    Block plane = drop_block_axis(out, 0);
    plane.data += (event - out.region.begin[0]) * out.strides[0];
    copy_cells(state[event == 0 ? kLeaf : kBloom], plane);
  }
}

bool SpringOnset::is_settled(std::span<const Block> state) const {
  const Block& bloom = state[kBloom];
  const Rows<1> rows(bloom.region.shape(), {RowArray{bloom.data, bloom.strides}});
  bool is_settled = true;
  rows.for_each([&](const std::array<std::byte*, 1>& starts, std::int64_t n) {
    for (std::int64_t i = 0; is_settled && i < n; ++i) {
      is_settled = !std::isnan(*reinterpret_cast<const float*>(starts[0] + i * rows.stride(0)));
    }
  });
  return is_settled;
}

OperatorInfo spring_onset() {
  return info<SpringOnset>(
      "spring_onset", "Day of first leaf and first bloom from daily growing degree hours (SI-x)");
}

}  // namespace rastream
