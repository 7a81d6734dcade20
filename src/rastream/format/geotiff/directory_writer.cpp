// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/directory_writer.h"

#include <array>
#include <cstring>
#include <type_traits>

#include "rastream/base/error.h"

namespace rastream::geotiff {
namespace {

template <typename T>
void put(Bytes& out, std::size_t at, std::type_identity_t<T> value) {
  std::memcpy(out.data() + at, &value, sizeof(T));
}

template <typename T>
T get(std::span<const std::byte> file, std::uint64_t at) {
  if (at > file.size() || file.size() - at < sizeof(T))
    throw Error(Errc::data_loss, "a TIFF directory ends beyond the file");
  T value;
  std::memcpy(&value, file.data() + at, sizeof(T));
  return value;
}

/// Sizes that differ between classic and BigTIFF.
struct Widths {
  std::uint64_t head;  ///< the number of tags
  std::uint64_t entry;
  std::uint64_t value;  ///< room for values in an entry
};

Widths widths(bool is_big) { return is_big ? Widths{8, 20, 8} : Widths{2, 12, 4}; }

std::uint64_t even(std::uint64_t n) { return n + n % 2; }

/// Without the values that lie behind it.
std::uint64_t bare_bytes(const std::vector<Tag>& tags, bool is_big) {
  const Widths w = widths(is_big);
  return even(w.head + w.entry * tags.size() + w.value);
}

}  // namespace

std::size_t value_bytes(TagType type) {
  switch (type) {
    case TagType::byte:
    case TagType::ascii:
    case TagType::sbyte:
    case TagType::undefined: return 1;
    case TagType::short_:
    case TagType::sshort: return 2;
    case TagType::long_:
    case TagType::slong:
    case TagType::float_:
    case TagType::ifd: return 4;
    case TagType::rational:
    case TagType::srational:
    case TagType::double_:
    case TagType::long8:
    case TagType::slong8:
    case TagType::ifd8: return 8;
  }
  return 0;
}

Tag short_tag(std::uint16_t number, std::uint16_t value) {
  Tag tag{number, TagType::short_, Bytes(2)};
  put<std::uint16_t>(tag.values, 0, value);
  return tag;
}

Tag long_tag(std::uint16_t number, std::uint32_t value) {
  return longs_tag(number, {value}, false);
}

Tag longs_tag(std::uint16_t number, const std::vector<std::uint64_t>& values, bool is_big) {
  Tag tag{number, is_big ? TagType::long8 : TagType::long_, {}};
  const std::size_t n = value_bytes(tag.type);
  tag.values.resize(n * values.size());
  for (std::size_t i = 0; i < values.size(); ++i) std::memcpy(&tag.values[n * i], &values[i], n);
  return tag;
}

std::vector<Tag> read_first_directory(std::span<const std::byte> file) {
  const auto at = get<std::uint32_t>(file, 4);
  std::vector<Tag> tags(get<std::uint16_t>(file, at));
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const std::uint64_t entry = at + std::uint64_t{2} + std::uint64_t{12} * i;
    Tag& tag = tags[i];
    tag.number = get<std::uint16_t>(file, entry);
    tag.type = static_cast<TagType>(get<std::uint16_t>(file, entry + 2));
    const std::uint64_t n = get<std::uint32_t>(file, entry + 4) * value_bytes(tag.type);
    const std::uint64_t values = n <= 4 ? entry + 8 : get<std::uint32_t>(file, entry + 8);
    if (n == 0 || values > file.size() || file.size() - values < n)
      throw Error(Errc::data_loss, "TIFF tag {} has no values in the file", tag.number);
    const auto from = file.begin() + static_cast<std::ptrdiff_t>(values);
    tag.values.assign(from, from + static_cast<std::ptrdiff_t>(n));
  }
  return tags;
}

std::uint64_t directory_bytes(const std::vector<Tag>& tags, bool is_big) {
  std::uint64_t n = bare_bytes(tags, is_big);
  for (const Tag& tag : tags) {
    if (tag.values.size() > widths(is_big).value) n += even(tag.values.size());
  }
  return n;
}

Bytes encode_directory(const std::vector<Tag>& tags, std::uint64_t offset, std::uint64_t next,
                       bool is_big) {
  const Widths w = widths(is_big);
  Bytes out(directory_bytes(tags, is_big));
  const auto put_word = [&](std::size_t at, std::uint64_t value) {
    std::memcpy(out.data() + at, &value, w.value);
  };
  std::memcpy(out.data(), std::array{std::uint64_t{tags.size()}}.data(), w.head);
  std::uint64_t values = bare_bytes(tags, is_big);
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const Tag& tag = tags[i];
    const std::size_t entry = w.head + w.entry * i;
    put<std::uint16_t>(out, entry, tag.number);
    put<std::uint16_t>(out, entry + 2, static_cast<std::uint16_t>(tag.type));
    put_word(entry + 4, tag.count());
    const bool is_inside = tag.values.size() <= w.value;
    if (!is_inside) put_word(entry + 4 + w.value, offset + values);
    const std::size_t to = is_inside ? entry + 4 + w.value : values;
    std::memcpy(out.data() + to, tag.values.data(), tag.values.size());
    if (!is_inside) values += even(tag.values.size());
  }
  put_word(w.head + w.entry * tags.size(), next);
  return out;
}

}  // namespace rastream::geotiff
