// SPDX-License-Identifier: Apache-2.0
// Views of whole dimensions: expand_dims, transpose, broadcast_to, rename_dims, rechunk.
#include <algorithm>

#include "rastream/ops/inputs.h"
#include "rastream/ops/views/axis_map.h"
#include "rastream/ops/views/view_infos.h"
#include "rastream/ops/views/views.h"

namespace rastream {
namespace {

/// What an AxisMap is made from.
struct Mapping {
  Schema schema;
  std::vector<AxisSource> sources;
};

std::vector<AxisSource> identity(std::size_t rank) {
  std::vector<AxisSource> sources(rank);
  for (std::size_t i = 0; i < rank; ++i) sources[i].axis = i;
  return sources;
}

/// The schema of `input` seen through `sources`; new and repeated dimensions are one chunk.
Schema mapped_schema(const Schema& input, std::vector<std::string> dims, const Extents& shape,
                     const std::vector<AxisSource>& sources) {
  std::vector<Cuts> cuts;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const bool is_copied = sources[i].axis && !sources[i].is_repeated;
    cuts.push_back(is_copied ? input.chunks.cuts(*sources[i].axis)
                             : Cuts::regular(shape[i], shape[i]));
  }
  return make_schema(std::move(dims), shape, input.dtype, ChunkGrid(std::move(cuts)));
}

void expect_rank(std::size_t rank, std::string_view who) {
  if (rank > kMaxRank) {
    throw Error(Errc::unsupported, "{}: {} dimensions: at most {} are supported", who, rank,
                kMaxRank);
  }
}

class ExpandDims final : public AxisMap {
 public:
  struct Params {
    std::string dim;
    std::int64_t axis = 0;
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "name of the new dimension of size 1");
    d("axis", p.axis, "its position in the result; negative ones count from the end");
  }
  ExpandDims(const std::vector<Array>& inputs, const Params& p)
      : ExpandDims(only_input(inputs, "expand_dims"),
                   mapping(only_input(inputs, "expand_dims"), p)) {}

 private:
  ExpandDims(const Schema& input, Mapping m)
      : AxisMap(input, std::move(m.schema), std::move(m.sources)) {}
  static Mapping mapping(const Schema& input, const Params& p) {
    const auto rank = static_cast<std::int64_t>(input.rank()) + 1;
    expect_rank(input.rank() + 1, "expand_dims");
    if (p.axis < -rank || p.axis >= rank || input.has(p.dim)) {
      throw Error(Errc::invalid_argument, "expand_dims: '{}' at axis {} of ({})", p.dim, p.axis,
                  fmt::join(input.dims, ", "));
    }
    const std::int64_t at = p.axis < 0 ? p.axis + rank : p.axis;
    std::vector<std::string> dims = input.dims;
    dims.insert(dims.begin() + at, p.dim);
    Extents shape = input.shape;
    shape.insert(static_cast<std::size_t>(at), 1);
    std::vector<AxisSource> sources = identity(input.rank());
    sources.insert(sources.begin() + at, AxisSource{});
    return {mapped_schema(input, std::move(dims), shape, sources), std::move(sources)};
  }
};

class Transpose final : public AxisMap {
 public:
  struct Params {
    std::vector<std::string> dims;
  };
  static void describe(auto& d, auto& p) { d("dims", p.dims, "all dimensions in their new order"); }
  Transpose(const std::vector<Array>& inputs, const Params& p)
      : Transpose(only_input(inputs, "transpose"), mapping(only_input(inputs, "transpose"), p)) {}

 private:
  Transpose(const Schema& input, Mapping m)
      : AxisMap(input, std::move(m.schema), std::move(m.sources)) {}
  static Mapping mapping(const Schema& input, const Params& p) {
    if (!std::is_permutation(p.dims.begin(), p.dims.end(), input.dims.begin(), input.dims.end())) {
      throw Error(Errc::invalid_argument, "transpose: ({}) is not an order of ({})",
                  fmt::join(p.dims, ", "), fmt::join(input.dims, ", "));
    }
    std::vector<AxisSource> sources;
    Extents shape;
    for (const std::string& dim : p.dims) {
      sources.push_back({input.axis(dim, "transpose"), false});
      shape.push_back(input.shape[*sources.back().axis]);
    }
    return {mapped_schema(input, p.dims, shape, sources), std::move(sources)};
  }
};

class BroadcastTo final : public AxisMap {
 public:
  struct Params {
    std::vector<std::string> dims;
    std::vector<std::int64_t> shape;
  };
  static void describe(auto& d, auto& p) {
    d("dims", p.dims, "dimensions of the result, among them all of the input's");
    d("shape", p.shape, "size of each");
  }
  BroadcastTo(const std::vector<Array>& inputs, const Params& p)
      : BroadcastTo(only_input(inputs, "broadcast_to"),
                    mapping(only_input(inputs, "broadcast_to"), p)) {}

 private:
  BroadcastTo(const Schema& input, Mapping m)
      : AxisMap(input, std::move(m.schema), std::move(m.sources)) {}
  static Mapping mapping(const Schema& input, const Params& p) {
    expect_rank(std::max(p.dims.size(), p.shape.size()), "broadcast_to");
    std::vector<AxisSource> sources;
    std::size_t n_found = 0;
    for (std::size_t i = 0; i < p.dims.size() && i < p.shape.size(); ++i) {
      const auto axis = input.find_axis(p.dims[i]);
      n_found += axis.has_value();
      sources.push_back({axis, axis && input.shape[*axis] != p.shape[i]});
      if (sources.back().is_repeated && input.shape[*axis] != 1) {
        throw Error(Errc::invalid_argument, "broadcast_to: '{}' has {} cells, expected {} or 1",
                    p.dims[i], input.shape[*axis], p.shape[i]);
      }
    }
    if (n_found != input.rank()) {
      throw Error(Errc::invalid_argument, "broadcast_to: ({}) does not name all of ({})",
                  fmt::join(p.dims, ", "), fmt::join(input.dims, ", "));
    }
    return {mapped_schema(input, p.dims, Extents(p.shape), sources), std::move(sources)};
  }
};

class RenameDims final : public AxisMap {
 public:
  struct Params {
    std::vector<std::string> from;
    std::vector<std::string> to;
  };
  static void describe(auto& d, auto& p) {
    d("from", p.from, "dimensions to rename");
    d("to", p.to, "their new names");
  }
  RenameDims(const std::vector<Array>& inputs, const Params& p)
      : RenameDims(only_input(inputs, "rename_dims"), p) {}

 private:
  RenameDims(const Schema& input, const Params& p)
      : AxisMap(input, renamed(input, p), identity(input.rank())) {}
  static Schema renamed(const Schema& input, const Params& p) {
    if (p.from.size() != p.to.size()) {
      throw Error(Errc::invalid_argument, "rename_dims: {} names for {} dimensions", p.to.size(),
                  p.from.size());
    }
    std::vector<std::string> dims = input.dims;
    for (std::size_t i = 0; i < p.from.size(); ++i)
      dims[input.axis(p.from[i], "rename_dims")] = p.to[i];
    return make_schema(std::move(dims), input.shape, input.dtype, input.chunks);
  }
};

class Rechunk final : public AxisMap {
 public:
  struct Params {
    std::vector<std::string> dims;
    std::vector<std::int64_t> chunks;
  };
  static void describe(auto& d, auto& p) {
    d("dims", p.dims, "dimensions to cut anew");
    d("chunks", p.chunks, "cells in a chunk along each; -1 for one chunk");
  }
  Rechunk(const std::vector<Array>& inputs, const Params& p)
      : Rechunk(only_input(inputs, "rechunk"), p) {}
  Kind kind() const override { return Kind::global; }

 private:
  Rechunk(const Schema& input, const Params& p)
      : AxisMap(input, rechunked(input, p), identity(input.rank())) {}
  static Schema rechunked(const Schema& input, const Params& p) {
    if (p.dims.size() != p.chunks.size()) {
      throw Error(Errc::invalid_argument, "rechunk: {} chunk sizes for {} dimensions",
                  p.chunks.size(), p.dims.size());
    }
    Schema out = input;
    for (std::size_t i = 0; i < p.dims.size(); ++i) {
      if (p.chunks[i] < 1 && p.chunks[i] != -1) {
        throw Error(Errc::invalid_argument, "rechunk: chunks of {} cells along '{}'", p.chunks[i],
                    p.dims[i]);
      }
      const std::size_t axis = input.axis(p.dims[i], "rechunk");
      out.chunks.cuts(axis) = Cuts::regular(input.shape[axis], p.chunks[i]);
    }
    return out;
  }
};

}  // namespace

OperatorInfo expand_dims_info() {
  return info<ExpandDims>("expand_dims", "A new dimension of size 1");
}
OperatorInfo transpose_info() {
  return info<Transpose>("transpose", "The dimensions in another order");
}
OperatorInfo broadcast_to_info() {
  return info<BroadcastTo>("broadcast_to", "Cells repeated along more dimensions");
}
OperatorInfo rename_dims_info() {
  return info<RenameDims>("rename_dims", "Other names for dimensions");
}
OperatorInfo rechunk_info() { return info<Rechunk>("rechunk", "The same cells in other chunks"); }

Array expand_dims(const Array& array, const std::string& dim, std::int64_t axis) {
  return apply<ExpandDims>("expand_dims", {array}, {dim, axis});
}

Array transpose(const Array& array, const std::vector<std::string>& dims) {
  return apply<Transpose>("transpose", {array}, {dims});
}

Array broadcast_to(const Array& array, const std::vector<std::string>& dims, const Extents& shape) {
  return apply<BroadcastTo>("broadcast_to", {array}, {dims, {shape.begin(), shape.end()}});
}

Array broadcast_like(const Array& array, const Array& other) {
  std::vector<std::string> dims = other.schema().dims;
  std::vector<std::int64_t> shape(other.schema().shape.begin(), other.schema().shape.end());
  for (std::size_t i = 0; i < array.schema().rank(); ++i) {
    if (other.schema().has(array.schema().dims[i])) continue;
    dims.push_back(array.schema().dims[i]);
    shape.push_back(array.schema().shape[i]);
  }
  return apply<BroadcastTo>("broadcast_to", {array}, {std::move(dims), std::move(shape)});
}

Array rename_dims(const Array& array, const std::vector<std::string>& from,
                  const std::vector<std::string>& to) {
  return apply<RenameDims>("rename_dims", {array}, {from, to});
}

Array rechunk(const Array& array, const std::vector<std::string>& dims,
              const std::vector<std::int64_t>& chunks) {
  return apply<Rechunk>("rechunk", {array}, {dims, chunks});
}

}  // namespace rastream
