// SPDX-License-Identifier: Apache-2.0
// Attributes as netCDF-4 writes them into HDF5. Callers hold LibraryLock.
#pragma once

#include "rastream/array/attributes.h"
#include "rastream/format/hdf5/library.h"

namespace rastream {

/// Throws unavailable "cannot write <what>: <the library's words>" when `status` says that a call
/// failed.
void check_written(long long status, const std::string& what);
/// The same for a call that makes an identifier.
Handle made(hid_t id, const std::string& what);

/// The type of a text of `n_bytes` (at least one), in the character set that it needs.
Handle text_type(std::string_view text);
/// The type of texts of any length, UTF-8.
Handle any_text_type();

/// Text becomes characters (a char array in CDL), several texts become strings, numbers an array of
/// their dtype; bool becomes int8. Throws invalid_argument for a name that netCDF-4 keeps for
/// itself.
void write_attributes(hid_t object, const Attributes& attributes);
/// One attribute under any name.
void write_attribute(hid_t object, const std::string& name, const Attribute& value);

}  // namespace rastream
