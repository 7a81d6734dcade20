// SPDX-License-Identifier: Apache-2.0
// A NetCDF-4 file under construction, by libhdf5: groups, dimension scales, variables, attributes,
// and chunks that were encoded elsewhere. The rules: netCDF User's Guide, "Interoperability with
// HDF5"; HDF5 Dimension Scale Specification.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rastream/array/attributes.h"
#include "rastream/array/schema.h"
#include "rastream/format/hdf5/cells.h"
#include "rastream/format/hdf5/library.h"

namespace rastream {

/// A variable as it is to be in the file.
struct NewVariable {
  std::string name;  ///< with the path of its group below the one that is made: "sub/tmin"
  Schema schema;     ///< dtype string: texts of any length
  Attributes attributes;
  std::optional<CellBytes> fill;
  bool is_chunked = true;  ///< by schema.chunks; else one run of cells
  int deflate = -1;        ///< level of shuffle and deflate; none when negative
};

/// One group's content, put together in this order: constructor, define, then cells and texts,
/// close. Not thread safe; takes the library's lock call by call, so that readers in the same
/// process go on. Throws unavailable when the library cannot write.
class NewFile {
 public:
  /// Makes `path`, or opens it when it exists, and makes `group` ("" = root, "a/b") in it. A group
  /// that exists is replaced.
  NewFile(const std::string& path, const std::string& group);
  /// Lets go without a word when close() was not reached.
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Makes the dimensions that `variables` use, the variables in that order, their groups, and the
  /// attributes: `groups` are those by path ("" = the group that is made). Dimensions named in
  /// `unlimited` may grow. Throws invalid_argument when a dimension has two lengths in a group, or
  /// an attribute's name is not free.
  void define(const std::vector<NewVariable>& variables,
              const std::map<std::string, Attributes>& groups,
              const std::vector<std::string>& unlimited);
  /// A chunk as its filters leave it, by the index of its first cell.
  void put_chunk(std::size_t variable, const Extents& begin, std::span<const std::byte> stored);
  /// All cells of a variable that is not chunked.
  void put_cells(std::size_t variable, std::span<const std::byte> cells);
  void put_texts(std::size_t variable, const std::vector<std::string>& texts);
  /// Bytes of the file so far.
  std::uint64_t size() const;
  /// Post-condition: libhdf5 has written everything to the file and closed it.
  void close();

 private:
  struct Folder;
  void define_variables(const std::vector<NewVariable>& variables, Folder& folder, int& next_id);

  std::string path_;
  hid_t file_ = H5I_INVALID_HID;  ///< closed by hand, for closing can fail
  Handle group_;
  std::vector<Handle> datasets_;
  std::vector<DType> dtypes_;
};

/// True when `path` is an HDF5 file with that group.
bool has_group(const std::string& path, const std::string& group);

}  // namespace rastream
