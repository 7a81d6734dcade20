// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/extensions/file.h"

#include "rastream/base/error.h"

namespace rastream {
namespace {

/// Nothing for a multihash of a kind that we cannot compute.
std::optional<Digest> known_digest(const FieldReader& f, const std::string& checksum) {
  try {
    return parse_multihash(checksum);
  } catch (const Error& e) {
    if (e.code() == Errc::unsupported) return std::nullopt;
    throw f.wrong("file:checksum", "a multihash in hexadecimals");
  }
}

}  // namespace

FileFields read_file_fields(const Item& item, std::string_view asset) {
  const FieldReader f(item, asset);
  FileFields out;
  out.size = f.integer("file:size");
  out.header_size = f.integer("file:header_size");
  out.byte_order = f.text("file:byte_order");
  out.local_path = f.text("file:local_path");
  out.checksum = f.text("file:checksum");
  if (out.checksum) out.digest = known_digest(f, *out.checksum);
  return out;
}

}  // namespace rastream
