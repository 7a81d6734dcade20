// SPDX-License-Identifier: Apache-2.0
// HDF5 datatypes as dtypes, and attributes as Attribute values. Callers hold LibraryLock.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "rastream/array/attributes.h"
#include "rastream/format/hdf5/library.h"
#include "rastream/format/hdf5/metadata.h"

namespace rastream {

/// The type, or in words why its cells cannot be read: "is compound".
std::variant<CellType, std::string> read_cell_type(hid_t type);

/// The in-memory HDF5 type of `dtype`: for complex ones a compound of r and i, as h5py and
/// nc-complex have it. REQUIRES: a numeric dtype.
hid_t native_type(DType dtype);

/// All strings of a dataset or attribute read into `raw` with its file type, in C order; padding is
/// removed.
std::vector<std::string> texts_of(const CellType& type, hid_t string_type,
                                  const std::vector<std::byte>& raw, std::size_t n_texts);

/// Attributes of a dataset or group, in creation order where the file keeps it, without those by
/// which netCDF-4 marks its dimensions. Attributes of types that have no dtype are left out.
/// `file_bytes` bounds what an attribute may claim.
Attributes read_attributes(hid_t object, std::uint64_t file_bytes);

/// One attribute of a known small type; nothing when absent or of another type.
std::optional<std::string> read_text_attribute(hid_t object, const char* name,
                                               std::uint64_t file_bytes);
std::vector<std::int64_t> read_integer_attribute(hid_t object, const char* name,
                                                 std::uint64_t file_bytes);

/// Names in an object's attribute or link list, in creation order where kept.
std::vector<std::string> attribute_names(hid_t object);

}  // namespace rastream
