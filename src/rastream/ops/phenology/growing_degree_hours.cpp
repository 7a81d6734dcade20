// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/phenology/growing_degree_hours.h"

#include <algorithm>

#include "rastream/ops/inputs.h"
#include "rastream/ops/phenology/rows.h"

namespace rastream {
namespace {

constexpr std::int64_t kPiece = 1024;  // cells that are made dense at a time
constexpr std::int64_t kItem = sizeof(float);

ToFahrenheit to_fahrenheit(const std::string& units) {
  if (units == "degrees C") return {0.0F, 1.8F, 32.0F};
  if (units == "K") return {273.15F, 1.8F, 32.0F};
  if (units == "degF") return {0.0F, 1.0F, 0.0F};
  throw Error(Errc::invalid_argument,
              "growing_degree_hours: units '{}': expected 'degrees C', 'K' or 'degF'", units);
}

void check_inputs(const std::vector<Array>& inputs) {
  expect_inputs(inputs, 3, "growing_degree_hours");
  const Schema& first = inputs[0].schema();
  for (const Array& input : inputs) {
    const Schema& s = input.schema();
    if (s.dtype != DType::float32) {
      throw Error(Errc::invalid_argument,
                  "growing_degree_hours: an input of dtype {}: expected float32",
                  to_string(s.dtype));
    }
    if (s.dims != first.dims || s.shape != first.shape) {
      throw Error(Errc::invalid_argument,
                  "growing_degree_hours: inputs ({}) {} and ({}) {}: expected equal dimensions",
                  fmt::join(first.dims, ", "), to_string(first.shape), fmt::join(s.dims, ", "),
                  to_string(s.shape));
    }
  }
}

/// n cells from `from` as a dense row: `from` itself, or a copy in `room`.
const float* dense(const std::byte* from, std::int64_t stride, std::int64_t n, float* room) {
  if (stride == kItem) return reinterpret_cast<const float*>(from);
  for (std::int64_t i = 0; i < n; ++i) room[i] = *reinterpret_cast<const float*>(from + i * stride);
  return room;
}

template <typename T, typename Kernel>
void compute_row(GdhCells cells, const std::array<std::byte*, 4>& starts, const Rows<4>& rows,
                 std::int64_t n, Kernel&& kernel) {
  float room[3][kPiece];
  T results[kPiece];
  const auto item = static_cast<std::int64_t>(sizeof(T));
  const bool is_dense = rows.stride(0) == kItem && rows.stride(1) == kItem &&
                        rows.stride(2) == kItem && rows.stride(3) == item;
  const std::int64_t piece = is_dense ? n : kPiece;
  for (std::int64_t at = 0; at < n; at += piece) {
    cells.n = std::min(piece, n - at);
    cells.tmin = dense(starts[0] + at * rows.stride(0), rows.stride(0), cells.n, room[0]);
    cells.tmax = dense(starts[1] + at * rows.stride(1), rows.stride(1), cells.n, room[1]);
    cells.dayl_s = dense(starts[2] + at * rows.stride(2), rows.stride(2), cells.n, room[2]);
    std::byte* const out = starts[3] + at * rows.stride(3);
    if (rows.stride(3) == item) {
      kernel(cells, reinterpret_cast<T*>(out));
      continue;
    }
    kernel(cells, results);
    for (std::int64_t i = 0; i < cells.n; ++i)
      *reinterpret_cast<T*>(out + i * rows.stride(3)) = results[i];
  }
}

}  // namespace

GrowingDegreeHours::GrowingDegreeHours(const std::vector<Array>& inputs, Params params)
    : exact_(params.exact) {
  check_inputs(inputs);
  const Schema& s = inputs[0].schema();
  schema_ = make_schema(s.dims, s.shape, exact_ ? DType::float64 : DType::float32, s.chunks);
  cells_.fahrenheit = to_fahrenheit(params.units);
  cells_.missing = static_cast<float>(params.missing);
}

void GrowingDegreeHours::compute(std::span<const Block> in, Block& out) const {
  std::array<RowArray, 4> arrays;
  for (std::size_t i = 0; i < 3; ++i) {
    const Block wanted = in[i].sub(out.region);
    arrays[i] = {wanted.data, wanted.strides};
  }
  arrays[3] = {out.data, out.strides};
  const Rows<4> rows(out.region.shape(), arrays);
  rows.for_each([&](const std::array<std::byte*, 4>& starts, std::int64_t n) {
    if (exact_) {
      compute_row<double>(cells_, starts, rows, n, gdh_exact);
    } else {
      compute_row<float>(cells_, starts, rows, n, gdh_fast);
    }
  });
}

OperatorInfo growing_degree_hours() {
  return info<GrowingDegreeHours>("growing_degree_hours",
                                  "Growing degree hours above 31 F from tmin, tmax and day length");
}

}  // namespace rastream
