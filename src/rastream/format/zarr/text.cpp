// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/text.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "rastream/array/chunk_grid.h"
#include "rastream/base/error.h"
#include "rastream/format/zarr/array.h"

namespace rastream::zarr {
namespace {

std::uint32_t read_u32(const std::byte* p, bool is_big_endian) {
  std::uint32_t value = 0;
  std::memcpy(&value, p, sizeof value);
  return is_big_endian ? __builtin_bswap32(value) : value;
}

void append(Bytes& out, const void* bytes, std::size_t n) {
  if (n == 0) return;
  const std::size_t at = out.size();
  out.resize(at + n);
  std::memcpy(out.data() + at, bytes, n);
}

void append_u32(Bytes& out, std::uint32_t value, bool is_big_endian = false) {
  if (is_big_endian) value = __builtin_bswap32(value);
  append(out, &value, sizeof value);
}

bool is_character(std::uint32_t c) { return c < 0x110000 && (c < 0xD800 || c > 0xDFFF); }

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const int n_more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr std::uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLead[n_more] | c >> (6 * n_more));
  for (int i = n_more; i-- > 0;) out += static_cast<char>(0x80 | (c >> (6 * i) & 0x3F));
}

/// RFC 3629: no overlong forms, no surrogates.
std::vector<std::uint32_t> characters_of(const std::string& text) {
  std::vector<std::uint32_t> out;
  const auto bad = [&] { return Error(Errc::invalid_argument, "'{}' is not UTF-8 text", text); };
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int n_more = lead < 0x80    ? 0
                       : lead >= 0xF0 ? 3
                       : lead >= 0xE0 ? 2
                       : lead >= 0xC0 ? 1
                                      : -1;
    if (n_more < 0 || lead > 0xF4 || i + static_cast<std::size_t>(n_more) >= text.size())
      throw bad();
    std::uint32_t c = n_more == 0 ? lead : lead & (0x3Fu >> n_more);
    for (int k = 1; k <= n_more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((next & 0xC0) != 0x80) throw bad();
      c = c << 6 | (next & 0x3F);
    }
    constexpr std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (c < kLeast[n_more] || !is_character(c)) throw bad();
    out.push_back(c);
    i += static_cast<std::size_t>(n_more) + 1;
  }
  return out;
}

std::string utf32_cell(const std::byte* p, std::int64_t n_characters, bool is_big_endian) {
  while (n_characters > 0 && read_u32(p + 4 * (n_characters - 1), is_big_endian) == 0)
    --n_characters;
  std::string text;
  for (std::int64_t i = 0; i < n_characters; ++i) {
    const std::uint32_t c = read_u32(p + 4 * i, is_big_endian);
    if (!is_character(c))
      throw Error(Errc::data_loss, "text holds {:#x}, which is no Unicode character", c);
    append_utf8(text, c);
  }
  return text;
}

std::string bytes_cell(const std::byte* p, std::int64_t n) {
  while (n > 0 && p[n - 1] == std::byte{0}) --n;
  return std::string(reinterpret_cast<const char*>(p), static_cast<std::size_t>(n));
}

std::vector<std::string> decode_vlen(std::span<const std::byte> bytes, std::int64_t n_cells) {
  const auto next_u32 = [&] {
    if (bytes.size() < 4) throw Error(Errc::data_loss, "vlen-utf8: the chunk is cut short");
    const std::uint32_t value = read_u32(bytes.data(), false);
    bytes = bytes.subspan(4);
    return value;
  };
  const std::uint32_t n = next_u32();
  if (n != n_cells)
    throw Error(Errc::data_loss, "vlen-utf8: the chunk has {} texts: expected {}", n, n_cells);
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t length = next_u32();
    if (length > bytes.size()) throw Error(Errc::data_loss, "vlen-utf8: text {} is cut short", i);
    out.emplace_back(reinterpret_cast<const char*>(bytes.data()), length);
    bytes = bytes.subspan(length);
  }
  if (!bytes.empty())
    throw Error(Errc::data_loss, "vlen-utf8: {} bytes follow the last text", bytes.size());
  return out;
}

Bytes encode_utf32(const std::vector<std::string>& texts, std::int64_t n_characters,
                   bool is_big_endian) {
  Bytes out;
  for (const std::string& text : texts) {
    auto characters = characters_of(text);
    characters.resize(static_cast<std::size_t>(n_characters));
    for (const std::uint32_t c : characters) append_u32(out, c, is_big_endian);
  }
  return out;
}

Bytes encode_bytes(const std::vector<std::string>& texts, std::int64_t n_bytes) {
  Bytes out;
  for (const std::string& text : texts) {
    append(out, text.data(), text.size());
    out.resize(out.size() + static_cast<std::size_t>(n_bytes) - text.size());
  }
  return out;
}

Bytes encode_vlen_utf8(const std::vector<std::string>& texts) {
  Bytes out;
  append_u32(out, static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw Error(Errc::invalid_argument, "a text of {} bytes", text.size());
    }
    append_u32(out, static_cast<std::uint32_t>(text.size()));
    append(out, text.data(), text.size());
  }
  return out;
}

}  // namespace

std::vector<std::string> decode_text(std::span<const std::byte> bytes, const CellType& type,
                                     std::int64_t n_cells) {
  if (type.kind == CellKind::vlen_utf8) return decode_vlen(bytes, n_cells);
  if (static_cast<std::int64_t>(bytes.size()) != n_cells * type.size_bytes) {
    throw Error(Errc::data_loss, "{} bytes of text: expected {} x {}", bytes.size(), n_cells,
                type.size_bytes);
  }
  std::vector<std::string> out;
  for (std::int64_t i = 0; i < n_cells; ++i) {
    const std::byte* p = bytes.data() + i * type.size_bytes;
    out.push_back(type.kind == CellKind::bytes
                      ? bytes_cell(p, type.size_bytes)
                      : utf32_cell(p, type.size_bytes / 4, type.is_big_endian));
  }
  return out;
}

std::int64_t longest_text(const std::vector<std::string>& texts) {
  std::size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, characters_of(text).size());
  return static_cast<std::int64_t>(longest);
}

std::int64_t longest_text(const std::vector<std::string>& texts, const CellType& type) {
  if (type.kind != CellKind::bytes) return longest_text(texts);
  std::size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  return static_cast<std::int64_t>(longest);
}

Bytes encode_text(const std::vector<std::string>& texts, const CellType& type) {
  if (type.kind == CellKind::vlen_utf8) return encode_vlen_utf8(texts);
  if (type.kind == CellKind::bytes) return encode_bytes(texts, type.size_bytes);
  return encode_utf32(texts, type.size_bytes / 4, type.is_big_endian);
}

void copy_texts(const std::vector<std::string>& texts, const Region& region, const Extents& shape,
                std::vector<std::string>& array) {
  const ChunkGrid cells = ChunkGrid::regular(shape, Extents(shape.size(), 1));
  std::size_t i = 0;
  for_each_index(region, [&](const Extents& index) {
    array[static_cast<std::size_t>(cells.chunk_number(index))] = texts.at(i++);
  });
}

std::vector<std::string> texts_of_chunk(const std::vector<std::string>& array,
                                        const ArrayMetadata& m, const Region& chunk) {
  std::vector<std::string> out(static_cast<std::size_t>(product(m.chunk_shape)));
  const Extents strides = stored_view(m, chunk.begin, nullptr).strides;
  const ChunkGrid cells = ChunkGrid::regular(m.shape, Extents(m.shape.size(), 1));
  for_each_index(chunk, [&](const Extents& index) {
    std::int64_t place = 0;
    for (std::size_t i = 0; i < index.size(); ++i)
      place += (index[i] - chunk.begin[i]) * strides[i];
    out[static_cast<std::size_t>(place)] =
        array[static_cast<std::size_t>(cells.chunk_number(index))];
  });
  return out;
}

}  // namespace rastream::zarr
