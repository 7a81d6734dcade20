// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/sources/sources.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "rastream/ops/inputs.h"
#include "rastream/ops/number_json.h"

namespace rastream {
namespace {

/// What the three sources share: a schema, nothing stored, nothing missing.
class MemorySource : public Source {
 public:
  explicit MemorySource(Schema schema) : schema_(std::move(schema)) {
    if (schema_.dtype == DType::string) throw_no_kernel(schema_.dtype);
  }
  const Schema& schema() const override { return schema_; }
  std::optional<double> missing() const override { return std::nullopt; }
  std::optional<std::int64_t> stored_bytes(const Region&) const override { return 0; }

 private:
  Schema schema_;
};

Extents checked_shape(const std::vector<std::int64_t>& shape, std::string_view who) {
  if (shape.size() > kMaxRank) {
    throw Error(Errc::unsupported, "{}: {} dimensions: at most {} are supported", who, shape.size(),
                kMaxRank);
  }
  return Extents(shape);
}

template <typename T>
T cell_from_json(const Json& value) {
  if constexpr (requires { typename T::value_type; }) {
    if (!value.is_array() || value.size() != 2) {
      throw Error(Errc::invalid_argument, "values: {}: expected a real and an imaginary part",
                  value.dump());
    }
    using Part = typename T::value_type;
    return {cell_from_json<Part>(value[0]), cell_from_json<Part>(value[1])};
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(number_from_json(value, "values"));
  } else if constexpr (std::is_same_v<T, bool>) {
    return number_from_json(value, "values") != 0;
  } else {
    const bool is_whole = value.is_number_integer() || value.is_boolean();
    const bool fits =
        value.is_number_unsigned()
            ? std::in_range<T>(value.get<std::uint64_t>())
            : is_whole && (value.is_boolean() || std::in_range<T>(value.get<std::int64_t>()));
    if (!fits) {
      throw Error(Errc::invalid_argument, "values: {} is not a {}", value.dump(),
                  to_string(dtype_of<T>));
    }
    return value.is_boolean() ? static_cast<T>(value.get<bool>()) : value.get<T>();
  }
}

template <typename T>
Json cell_to_json(T cell) {
  if constexpr (requires { typename T::value_type; }) {
    return {cell_to_json(cell.real()), cell_to_json(cell.imag())};
  } else if constexpr (std::is_floating_point_v<T>) {
    return number_to_json(static_cast<double>(cell));
  } else {
    return Json(cell);
  }
}

/// True when `value` is a cell of `dtype` without loss (below 2^53 for integers, which is as far as
/// doubles count).
bool holds(DType dtype, double value) {
  if (is_floating(dtype)) return true;
  return visit_dtype(dtype, [&]<typename T>(T) {
    return std::trunc(value) == value && std::abs(value) <= 0x1p53 &&
           value >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
           value <= static_cast<double>(std::numeric_limits<T>::max());
  });
}

class Values final : public MemorySource {
 public:
  struct Params {
    std::vector<std::string> dims;
    std::vector<std::int64_t> shape;
    std::string dtype = "float64";
    Json cells = Json::array();
  };
  static void describe(auto& d, auto& p) {
    d("dims", p.dims, "names of the dimensions");
    d("shape", p.shape, "size of each");
    d("dtype", p.dtype, "type of the cells");
    d("cells", p.cells,
      "the cells in C order; NaN and the infinities as text; a complex one as [re, im]");
  }
  Values(const std::vector<Array>& inputs, const Params& p)
      : MemorySource(make_schema(p.dims, checked_shape(p.shape, "values"), parse_dtype(p.dtype))) {
    expect_inputs(inputs, 0, "values");
    if (!p.cells.is_array() || static_cast<std::int64_t>(p.cells.size()) != schema().n_cells()) {
      throw Error(Errc::invalid_argument, "values: {} cells for shape {}", p.cells.size(),
                  to_string(schema().shape));
    }
    cells_ = OwnedBlock(schema().whole(), schema().dtype);
    visit_cell(schema().dtype, [&]<typename T>(T) {
      T* cell = cells_.view().as<T>();
      for (const Json& value : p.cells) *cell++ = cell_from_json<T>(value);
    });
  }
  void compute(std::span<const Block>, Block& out) const override {
    copy_cells(cells_.view(), out);
  }
  std::string description() const override { return fmt::format("{} values", schema().n_cells()); }

 private:
  OwnedBlock cells_;
};

class Full final : public MemorySource {
 public:
  struct Params {
    std::vector<std::string> dims;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> chunks;
    Json value = 0.0;
    std::string dtype = "float64";
  };
  static void describe(auto& d, auto& p) {
    d("dims", p.dims, "names of the dimensions");
    d("shape", p.shape, "size of each");
    d("chunks", p.chunks, "cells in a chunk along each; empty for one chunk");
    d("value", p.value, "the value of every cell");
    d("dtype", p.dtype, "type of the cells");
  }
  Full(const std::vector<Array>& inputs, const Params& p)
      : MemorySource(full_schema(p)), value_(number_from_json(p.value, "full")) {
    expect_inputs(inputs, 0, "full");
  }
  void compute(std::span<const Block>, Block& out) const override { fill_cells(out, value_); }
  std::string description() const override { return fmt::format("one value, {}", value_); }

 private:
  static Schema full_schema(const Params& p) {
    const Extents shape = checked_shape(p.shape, "full");
    if (p.chunks.empty()) return make_schema(p.dims, shape, parse_dtype(p.dtype));
    if (p.chunks.size() != p.shape.size()) {
      throw Error(Errc::invalid_argument, "full: {} chunk sizes for {} dimensions", p.chunks.size(),
                  p.shape.size());
    }
    return make_schema(p.dims, shape, parse_dtype(p.dtype),
                       ChunkGrid::regular(shape, Extents(p.chunks)));
  }
  double value_;
};

class Arange final : public MemorySource {
 public:
  struct Params {
    std::string dim;
    double start = 0;
    double step = 1;
    std::int64_t size = 0;
    std::string dtype = "int64";
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "name of the dimension");
    d("start", p.start, "first cell");
    d("step", p.step, "difference of neighbours");
    d("size", p.size, "number of cells");
    d("dtype", p.dtype, "type of the cells");
  }
  Arange(const std::vector<Array>& inputs, const Params& p)
      : MemorySource(make_schema({p.dim}, Extents{p.size}, parse_dtype(p.dtype))), start_(p.start) {
    expect_inputs(inputs, 0, "arange");
    const double last = p.size > 0 ? p.start + p.step * static_cast<double>(p.size - 1) : p.start;
    const bool is_finite = std::isfinite(p.start) && std::isfinite(p.step) && std::isfinite(last);
    if (!is_finite || !holds(schema().dtype, p.start) || !holds(schema().dtype, last) ||
        !(is_floating(schema().dtype) || std::trunc(p.step) == p.step)) {
      throw Error(Errc::invalid_argument, "arange: start {} and step {} do not fit {}", p.start,
                  p.step, p.dtype);
    }
    step_ = p.step;
  }
  void compute(std::span<const Block>, Block& out) const override {
    visit_dtype(out.dtype, [&]<typename T>(T) {
      // NumPy rounds the first two cells to the dtype and goes on from them in its arithmetic.
      using Float = std::conditional_t<std::is_same_v<T, float>, float, double>;
      const auto start = static_cast<Float>(start_);
      const Float delta = static_cast<Float>(start_ + step_) - start;
      for (std::int64_t i = 0; i < out.size(0); ++i) {
        const Float value = start + static_cast<Float>(out.region.begin[0] + i) * delta;
        *reinterpret_cast<T*>(out.data + i * out.strides[0]) = static_cast<T>(value);
      }
    });
  }
  std::string description() const override {
    return fmt::format("range from {} by {}", start_, step_);
  }

 private:
  double start_;
  double step_ = 1;
};

}  // namespace

Array values(const OwnedBlock& cells, const std::vector<std::string>& dims) {
  const Block& block = cells.view();
  const Extents shape = block.region.shape();
  Values::Params p{
      dims, {shape.begin(), shape.end()}, std::string(to_string(block.dtype)), Json::array()};
  visit_cell(block.dtype, [&]<typename T>(T) {
    for (std::int64_t i = 0; i < block.n_cells(); ++i)
      p.cells.push_back(cell_to_json(block.as<T>()[i]));
  });
  return apply<Values>("values", {}, std::move(p));
}

Array values(const std::vector<double>& cells, const std::vector<std::string>& dims,
             const Extents& shape, DType dtype) {
  const auto n = static_cast<std::int64_t>(cells.size());
  const Schema schema = make_schema(dims, shape, dtype);
  if (schema.n_cells() != n) {
    throw Error(Errc::invalid_argument, "values: {} cells for shape {}", n, to_string(shape));
  }
  OwnedBlock given(schema.whole(), DType::float64);
  std::copy(cells.begin(), cells.end(), given.view().as<double>());
  OwnedBlock converted(schema.whole(), dtype);
  copy_cells(given.view(), converted.view());
  return values(converted, dims);
}

Array values(const std::vector<double>& cells, const std::string& dim, DType dtype) {
  return values(cells, std::vector<std::string>{dim},
                Extents{static_cast<std::int64_t>(cells.size())}, dtype);
}

Array full(const std::vector<std::string>& dims, const Extents& shape, double value, DType dtype,
           const std::vector<std::int64_t>& chunks) {
  return apply<Full>("full", {},
                     {dims,
                      {shape.begin(), shape.end()},
                      chunks,
                      number_to_json(value),
                      std::string(to_string(dtype))});
}

Array arange(const std::string& dim, double start, double step, std::int64_t size, DType dtype) {
  return apply<Arange>("arange", {}, {dim, start, step, size, std::string(to_string(dtype))});
}

std::vector<OperatorInfo> source_operators() {
  return {info<Values>("values", "An array of listed cells"),
          info<Full>("full", "An array of one value"),
          info<Arange>("arange", "Evenly spaced numbers")};
}

}  // namespace rastream
