// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/elementwise.h"

#include <algorithm>
#include <cstring>

namespace rastream {
namespace {

constexpr std::int64_t kPieceCells =
    256;  // two inputs and an output of 8 bytes stay in the first half of L1

void move_cell(const std::byte* from, std::byte* to, std::int64_t n_bytes) {
  switch (n_bytes) {
    case 1: *to = *from; return;
    case 2: std::memcpy(to, from, 2); return;
    case 4: std::memcpy(to, from, 4); return;
    default: std::memcpy(to, from, 8); return;
  }
}

void copy_strided(std::int64_t n, std::int64_t n_bytes, const std::byte* from,
                  std::int64_t from_stride, std::byte* to, std::int64_t to_stride) {
  for (std::int64_t i = 0; i < n; ++i)
    move_cell(from + i * from_stride, to + i * to_stride, n_bytes);
}

/// A row whose cells are not dense, in pieces: inputs are gathered, the output is scattered.
struct StridedRow {
  const LoopNest::Loop& loop;
  std::span<const std::int64_t> item_bytes;  // of the output, then of the inputs
  Kernel kernel;
  const void* constants;

  void compute(const LoopNest::Pointers& at) const {
    for (std::int64_t done = 0; done < loop.size; done += kPieceCells) {
      piece(at, done, std::min(kPieceCells, loop.size - done));
    }
  }

  void piece(const LoopNest::Pointers& at, std::int64_t begin, std::int64_t n) const {
    alignas(64) std::array<std::array<std::byte, kPieceCells * 8>, LoopNest::kMaxOperands> buffer;
    std::array<const std::byte*, kMaxElementwiseInputs> in{};
    for (std::size_t k = 1; k < item_bytes.size(); ++k) {
      const std::byte* from = at[k] + begin * loop.strides[k];
      const bool dense = loop.strides[k] == item_bytes[k];
      if (!dense)
        copy_strided(n, item_bytes[k], from, loop.strides[k], buffer[k].data(), item_bytes[k]);
      in[k - 1] = dense ? from : buffer[k].data();
    }
    std::byte* to = at[0] + begin * loop.strides[0];
    if (loop.strides[0] == item_bytes[0]) {
      kernel(n, to, in.data(), constants);
      return;
    }
    kernel(n, buffer[0].data(), in.data(), constants);
    copy_strided(n, item_bytes[0], buffer[0].data(), item_bytes[0], to, loop.strides[0]);
  }
};

/// Adds the dimensions of input `array` to `schema`.
void broadcast_dims(const std::string& name, const Schema& array, Schema& schema,
                    std::vector<Cuts>& cuts) {
  for (std::size_t a = 0; a < array.rank(); ++a) {
    const auto axis = schema.find_axis(array.dims[a]);
    if (!axis) {
      if (schema.rank() == kMaxRank) {
        throw Error(Errc::unsupported, "{}: the inputs have over {} dimensions together", name,
                    kMaxRank);
      }
      schema.dims.push_back(array.dims[a]);
      schema.shape.push_back(array.shape[a]);
      cuts.push_back(array.chunks.cuts(a));
    } else if (schema.shape[*axis] != array.shape[a]) {
      throw Error(Errc::invalid_argument,
                  "{}: dimension '{}' has {} cells in one input and {} in another", name,
                  array.dims[a], schema.shape[*axis], array.shape[a]);
    } else if (array.chunks.cuts(a).n_chunks() > cuts[*axis].n_chunks()) {
      cuts[*axis] = array.chunks.cuts(a);
    }
  }
}

Schema broadcast(const std::string& name, const std::vector<Array>& inputs, DType dtype) {
  Schema schema;
  std::vector<Cuts> cuts;
  for (const Array& input : inputs) broadcast_dims(name, input.schema(), schema, cuts);
  return make_schema(schema.dims, schema.shape, dtype, ChunkGrid(std::move(cuts)));
}

}  // namespace

Elementwise::Elementwise(Spec spec, const std::vector<Array>& inputs)
    : spec_(std::move(spec)),
      schema_(broadcast(spec_.name, inputs, spec_.result)),
      n_inputs_(inputs.size()) {
  if (n_inputs_ == 0 || n_inputs_ > kMaxElementwiseInputs) {
    throw Error(Errc::internal, "{}: {} inputs", spec_.name, n_inputs_);
  }
  item_bytes_[0] = static_cast<std::int64_t>(item_size(spec_.result));
  for (std::size_t i = 0; i < n_inputs_; ++i) {
    const Schema& input = inputs[i].schema();
    item_bytes_[i + 1] = static_cast<std::int64_t>(item_size(input.dtype));
    for (std::size_t a = 0; a < schema_.rank(); ++a) {
      const auto axis = input.find_axis(schema_.dims[a]);
      axis_[i][a] = axis ? static_cast<std::int8_t>(*axis) : kAbsent;
    }
  }
}

Region Elementwise::demand(const Region& out, std::size_t input) const {
  std::size_t rank = 0;
  for (std::size_t a = 0; a < out.rank(); ++a) rank += axis_[input][a] != kAbsent;
  Region region{Extents(rank), Extents(rank)};
  for (std::size_t a = 0; a < out.rank(); ++a) {
    const std::int8_t axis = axis_[input][a];
    if (axis == kAbsent) continue;
    region.begin[static_cast<std::size_t>(axis)] = out.begin[a];
    region.end[static_cast<std::size_t>(axis)] = out.end[a];
  }
  return region;
}

bool Elementwise::lay_out(std::span<const Block> in, const Block& out, LoopNest& nest,
                          LoopNest::Pointers& at) const {
  at[0] = out.data;
  for (std::size_t i = 0; i < n_inputs_; ++i) at[i + 1] = in[i].data;
  for (std::size_t a = 0; a < schema_.rank(); ++a) {
    LoopNest::Loop loop;
    loop.size = out.size(a);
    if (loop.size <= 0) return false;
    loop.strides[0] = out.strides[a];
    for (std::size_t i = 0; i < n_inputs_; ++i) {
      const std::int8_t axis = axis_[i][a];
      loop.strides[i + 1] = 0;
      if (axis == kAbsent) continue;
      const auto k = static_cast<std::size_t>(axis);
      loop.strides[i + 1] = in[i].strides[k];
      // Only an input that is wider than the output has cells in front of it; see
      // Operator::is_pointwise.
      if (in[i].size(k) != loop.size)
        at[i + 1] += (out.region.begin[a] - in[i].region.begin[k]) * in[i].strides[k];
    }
    nest.add(loop);
  }
  return true;
}

Kernel Elementwise::dense_kernel(const LoopNest::Loop& row) const {
  if (row.size == 1) return spec_.kernels.by_repeated[0];
  if (row.strides[0] != item_bytes_[0]) return nullptr;
  unsigned repeated = 0;
  for (std::size_t k = 1; k <= n_inputs_; ++k) {
    if (row.strides[k] == 0) {
      repeated |= 1U << (k - 1);
    } else if (row.strides[k] != item_bytes_[k]) {
      return nullptr;
    }
  }
  return spec_.kernels.by_repeated[repeated];
}

void Elementwise::compute(std::span<const Block> in, Block& out) const {
  LoopNest nest;
  LoopNest::Pointers at;
  if (!lay_out(in, out, nest, at)) return;
  const std::size_t n_operands = n_inputs_ + 1;
  const LoopNest::Loop row = nest.split_inner(n_operands);
  const void* constants = spec_.constants.get();
  if (const Kernel kernel = dense_kernel(row)) {
    nest.for_each_row(at, n_operands, [&](const LoopNest::Pointers& start) {
      std::array<const std::byte*, kMaxElementwiseInputs> inputs;
      for (std::size_t i = 0; i < n_inputs_; ++i) inputs[i] = start[i + 1];
      kernel(row.size, start[0], inputs.data(), constants);
    });
    return;
  }
  const StridedRow strided{row, std::span(item_bytes_).first(n_operands),
                           spec_.kernels.by_repeated[0], constants};
  nest.for_each_row(at, n_operands,
                    [&](const LoopNest::Pointers& start) { strided.compute(start); });
}

}  // namespace rastream
