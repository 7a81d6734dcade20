// SPDX-License-Identifier: Apache-2.0
// What tests of formats that are written share: cells that encode their coordinates, small writers,
// and files as text.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "rastream/base/error.h"
#include "rastream/format/format.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {

/// A cell's value is its C-order number, so a misplaced cell shows. Small integers wrap.
inline void number_cells(const Block& block, const Extents& shape) {
  const Extents weight = c_strides(shape, 1);
  for_each_index(block.region, [&](const Extents& i) {
    std::int64_t n = 7;
    for (std::size_t axis = 0; axis < i.size(); ++axis) n += i[axis] * weight[axis];
    visit_cell(block.dtype, [&]<typename T>(T) {
      if constexpr (requires { typename T::value_type; }) {
        using Part = typename T::value_type;
        *reinterpret_cast<T*>(block.at(i)) = {static_cast<Part>(n % 120),
                                              static_cast<Part>(-n % 7)};
      } else if constexpr (std::is_same_v<T, bool>) {
        *reinterpret_cast<T*>(block.at(i)) = n % 3 == 0;
      } else {
        *reinterpret_cast<T*>(block.at(i)) = static_cast<T>(n % 120);
      }
    });
  });
}

/// Number of cells of `block` that are not what number_cells would have set.
inline std::int64_t count_wrong_cells(const Block& block, const Extents& shape) {
  OwnedBlock expected(block.region, block.dtype);
  number_cells(expected.view(), shape);
  std::int64_t n = 0;
  for_each_index(block.region, [&](const Extents& i) {
    n += std::memcmp(block.at(i), expected.view().at(i), item_size(block.dtype)) != 0;
  });
  return n;
}

inline VariableSpec make_spec(const std::string& name, const Extents& shape, const Extents& chunks,
                              DType dtype, const std::string& compressor = "zstd") {
  std::vector<std::string> dims;
  for (std::size_t i = 0; i < shape.size(); ++i)
    dims.push_back(std::string(1, static_cast<char>('a' + i)));
  VariableSpec spec;
  spec.name = name;
  spec.schema = make_schema(dims, shape, dtype, ChunkGrid::regular(shape, chunks));
  spec.compressor = compressor;
  return spec;
}

/// Writes one chunk of numbered cells.
inline void write_numbered(DatasetWriter& writer, std::size_t variable, const VariableSpec& spec,
                           std::int64_t chunk) {
  OwnedBlock block(spec.schema.chunks.chunk_region(chunk), spec.schema.dtype);
  number_cells(block.view(), spec.schema.shape);
  writer.write(variable, block.view());
}

inline void write_all_numbered(DatasetWriter& writer, std::size_t variable,
                               const VariableSpec& spec) {
  for (std::int64_t i = 0; i < spec.schema.chunks.n_chunks(); ++i)
    write_numbered(writer, variable, spec, i);
}

/// Writes a group with one numbered variable.
inline void write_group(const std::string& path, const CreateOptions& options,
                        const VariableSpec& spec) {
  const auto writer = create_file(path, options);
  write_all_numbered(*writer, writer->add(spec), spec);
  writer->finish();
}

inline OwnedBlock read_whole(const DatasetFile& file, std::size_t variable) {
  const Schema& schema = file.variables()[variable].schema;
  OwnedBlock block(schema.whole(), schema.dtype);
  file.read(variable, block.view());
  return block;
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void put_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// All files below a folder with their bytes.
inline std::map<std::string, std::string> tree_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> tree;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      tree[entry.path().lexically_relative(folder).native()] = file_text(entry.path());
  }
  return tree;
}

}  // namespace rastream
