// SPDX-License-Identifier: Apache-2.0
// The extension "file" (1.0 to 2.1): size, digest and byte order of the file of an asset.
#pragma once

#include "rastream/catalog/extensions/field_reader.h"
#include "rastream/store/digest.h"

namespace rastream {

struct FileFields {
  std::optional<std::int64_t> size;  ///< bytes
  std::optional<std::int64_t> header_size;
  std::optional<std::string> byte_order;  ///< "big-endian" or "little-endian"
  std::optional<std::string> checksum;  ///< a multihash in hexadecimals
  std::optional<Digest> digest;         ///< the same, where we can compute it
  std::optional<std::string> local_path;
};

/// Of an asset. Throws as FieldReader does, and data_loss for a checksum that is no multihash.
FileFields read_file_fields(const Item& item, std::string_view asset);

}  // namespace rastream
