// SPDX-License-Identifier: Apache-2.0
// TIFF's directory of tags (TIFF 6.0 section 2; BigTIFF as libtiff has it), as it is written: tags
// as values, and their bytes at a place in a file. Little endian.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rastream/base/bytes.h"

namespace rastream::geotiff {

enum class TagType : std::uint16_t {
  byte = 1,
  ascii = 2,
  short_ = 3,
  long_ = 4,
  rational = 5,
  sbyte = 6,
  undefined = 7,
  sshort = 8,
  slong = 9,
  srational = 10,
  float_ = 11,
  double_ = 12,
  ifd = 13,
  long8 = 16,
  slong8 = 17,
  ifd8 = 18
};

/// Bytes of one value; 0 for a type that TIFF does not have.
std::size_t value_bytes(TagType type);

struct Tag {
  std::uint16_t number = 0;
  TagType type = TagType::short_;
  Bytes values;  ///< little endian

  std::uint64_t count() const { return values.size() / value_bytes(type); }
};

Tag short_tag(std::uint16_t number, std::uint16_t value);
Tag long_tag(std::uint16_t number, std::uint32_t value);
/// LONG where `is_big` is false, else LONG8.
Tag longs_tag(std::uint16_t number, const std::vector<std::uint64_t>& values, bool is_big);

/// The first directory of a whole little endian classic TIFF. Throws data_loss when a tag is
/// outside `file` or of no type.
std::vector<Tag> read_first_directory(std::span<const std::byte> file);

/// Bytes of a directory with the values that have no room in its entries; even.
std::uint64_t directory_bytes(const std::vector<Tag>& tags, bool is_big);

/// The directory as it is at `offset` of a file, the next one at `next` (0: it is the last).
/// REQUIRES: tags sorted by number; offset even.
Bytes encode_directory(const std::vector<Tag>& tags, std::uint64_t offset, std::uint64_t next,
                       bool is_big);

}  // namespace rastream::geotiff
