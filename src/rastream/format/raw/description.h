// SPDX-License-Identifier: Apache-2.0
// What is known of an array in raw binary files: nothing in them says it, so a description beside
// them does. See docs/formats/raw.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/array/attributes.h"
#include "rastream/array/schema.h"

namespace rastream::raw {

/// How one cell is stored.
struct CellForm {
  DType dtype = DType::float32;  ///< as it is read: complex64 for pairs of int16
  DType part = DType::float32;   ///< of each stored number; complex cells have two
  bool is_swapped = false;       ///< big endian
  bool is_half = false;          ///< float16 in the file; read as float32
  std::int64_t size_bytes() const;
};

/// Labels or numbers along one dimension, kept in the description itself.
struct Labels {
  std::string dim;
  std::vector<double> numbers;
  std::vector<std::string> texts;  ///< instead of numbers
  Attributes attributes;
};

/// Invariant: files.size() is 1, or shape[0], each file then holding one index of dims[0].
struct Description {
  std::string name;
  Schema schema;  ///< of cells as they are read
  CellForm cells;
  std::vector<std::string> files;  ///< paths, absolute or from the working folder
  std::int64_t offset = 0;         ///< bytes before the cells of each file
  std::int64_t trailing = 0;       ///< bytes after them
  bool is_fortran_order = false;   ///< the first dimension is the fastest; only with one file
  bool may_be_absent = false;      ///< files are looked at when cells are read, not at opening
  Attributes variable_attributes;
  Attributes attributes;
  std::vector<Labels> labels;

  std::int64_t cells_per_file() const;
  /// Bytes that each file must have. Cannot overflow in a description that was made by a parser.
  std::int64_t file_bytes() const;
};

/// The form of cells of `name`: a dtype, or complex_int16 (Doris calls it complex_short). Throws
/// data_loss naming `what`.
CellForm cell_form(std::string_view name, bool is_big_endian, const std::string& what);

/// Schema with chunks of whole rows, about 4 MiB each, one file each where there are many. Throws
/// data_loss when a size is negative or overflows.
Schema schema_of(const std::vector<std::string>& dims, const Extents& shape, const CellForm& cells,
                 bool has_many_files, const std::string& what);

/// Throws data_loss, naming `what`, when the size of a file overflows.
void check_sizes(const Description& d, const std::string& what);

/// Parses the JSON of `path`; file names are relative to its folder. Throws data_loss naming the
/// member that is missing, unknown, or of the wrong kind.
Description parse_description(std::string_view json, const std::string& path);

}  // namespace rastream::raw
