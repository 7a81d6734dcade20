// SPDX-License-Identifier: Apache-2.0
// The extension "file" (1.0 to 2.1): size, digest and byte order of the file of an asset.
#pragma once

#include "rastream/catalog/extensions/field_reader.h"

namespace rastream {

/// A digest that says which one it is (https://multiformats.io/multihash).
struct Multihash {
  std::int64_t code = 0;  ///< 0x12: SHA-256, 0xd5: MD5, ...
  std::string digest;     ///< bytes in lower-case hexadecimals
};

struct FileFields {
  std::optional<std::int64_t> size;  ///< bytes
  std::optional<std::int64_t> header_size;
  std::optional<std::string> byte_order;  ///< "big-endian" or "little-endian"
  std::optional<Multihash> checksum;
  std::optional<std::string> local_path;
};

/// Of an asset. Throws as FieldReader does, and data_loss for a checksum that is no multihash.
FileFields read_file_fields(const Item& item, std::string_view asset);

/// Nothing when `text` is no multihash in hexadecimals: code and length as varints, then so many
/// bytes.
std::optional<Multihash> parse_multihash(std::string_view text);

}  // namespace rastream
