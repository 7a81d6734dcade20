// SPDX-License-Identifier: Apache-2.0
// Small Zarr stores for tests: the engine rebuilds its sources from a plan's JSON, so they must be
// real files.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "rastream/base/text_file.h"
#include "rastream/format/format.h"
#include "rastream/ops/read.h"
#include "tests/suites/scratch_folder.h"

namespace rastream::stores {

/// A variable and the value of each of its cells.
struct Variable {
  std::string name;
  Schema schema;
  Attributes attributes;
  std::optional<double> fill;
  std::function<double(const Extents&)> cell;
};

inline Variable variable(std::string name, std::vector<std::string> dims, const Extents& shape,
                         const Extents& chunks, DType dtype,
                         std::function<double(const Extents&)> cell) {
  Variable v;
  v.name = std::move(name);
  v.schema = make_schema(std::move(dims), shape, dtype, ChunkGrid::regular(shape, chunks));
  if (is_floating(dtype)) v.fill = std::numeric_limits<double>::quiet_NaN();
  v.cell = std::move(cell);
  return v;
}

inline void write_store(const std::string& path, const std::vector<Variable>& variables) {
  const auto writer = create_file(path, {});
  for (const Variable& v : variables) {
    VariableSpec spec{v.name, v.schema, v.attributes, v.fill, "none", -1};
    const std::size_t at = writer->add(spec);
    for (std::int64_t c = 0; c < v.schema.chunks.n_chunks(); ++c) {
      OwnedBlock block(v.schema.chunks.chunk_region(c), v.schema.dtype);
      for_each_index(block.view().region, [&](const Extents& i) {
        Region one{i, i};
        for (std::size_t axis = 0; axis < i.size(); ++axis) ++one.end[axis];
        fill_cells(block.view().sub(one), v.cell(i));
      });
      writer->write(at, block.view());
    }
  }
  writer->finish();
}

/// Zarr v2 metadata without a single chunk, so that a plan can be made for an array far larger than
/// a test may write. Cells read as the fill value, NaN. Variables are float32.
inline void declare_store(const std::string& path, const std::vector<Variable>& variables) {
  std::filesystem::create_directories(path);
  write_text_file(path + "/.zgroup", R"({"zarr_format": 2})");
  for (const Variable& v : variables) {
    const auto list = [](const Extents& e) { return Json(std::vector(e.begin(), e.end())); };
    const std::string folder = path + "/" + v.name;
    std::filesystem::create_directories(folder);
    write_text_file(folder + "/.zarray", Json{{"zarr_format", 2},
                                              {"shape", list(v.schema.shape)},
                                              {"chunks", list(v.schema.chunks.max_chunk_shape())},
                                              {"dtype", "<f4"},
                                              {"compressor", nullptr},
                                              {"fill_value", "NaN"},
                                              {"order", "C"},
                                              {"filters", nullptr}}
                                             .dump());
    Json attributes = to_json(v.attributes);
    attributes["_ARRAY_DIMENSIONS"] = v.schema.dims;
    write_text_file(folder + "/.zattrs", attributes.dump());
  }
}

/// The stored values of a variable.
inline Array read_of(const std::string& path, const std::string& variable) {
  Read::Params params;
  params.path = path;
  params.variable = variable;
  return apply<Read>("read", {}, std::move(params));
}

}  // namespace rastream::stores
