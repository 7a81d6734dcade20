// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/extensions/file.h"

#include <algorithm>

namespace rastream {
namespace {

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Takes an unsigned varint of at most nine bytes off the front of the hexadecimals.
std::optional<std::int64_t> take_varint(std::string_view& hex) {
  std::int64_t value = 0;
  for (int shift = 0; shift < 63 && hex.size() >= 2; shift += 7) {
    const int byte = nibble(hex[0]) * 16 + nibble(hex[1]);
    hex.remove_prefix(2);
    value |= static_cast<std::int64_t>(byte & 127) << shift;
    if (byte < 128) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Multihash> parse_multihash(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), [](char c) { return nibble(c) >= 0; }))
    return std::nullopt;
  const auto code = take_varint(text);
  const auto size = take_varint(text);
  if (!code || !size || static_cast<std::int64_t>(text.size()) != 2 * *size) return std::nullopt;
  Multihash out{*code, std::string(text)};
  for (char& c : out.digest) c = "0123456789abcdef"[nibble(c)];
  return out;
}

FileFields read_file_fields(const Item& item, std::string_view asset) {
  const FieldReader f(item, asset);
  FileFields out;
  out.size = f.integer("file:size");
  out.header_size = f.integer("file:header_size");
  out.byte_order = f.text("file:byte_order");
  out.local_path = f.text("file:local_path");
  if (const auto checksum = f.text("file:checksum")) {
    out.checksum = parse_multihash(*checksum);
    if (!out.checksum) throw f.wrong("file:checksum", "a multihash in hexadecimals");
  }
  return out;
}

}  // namespace rastream
