// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/indexed.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/store/file.h"
#include "rastream/store/zip_signatures.h"

namespace rastream {
namespace {

constexpr std::int64_t kLocalHeaderBytes = 30;

/// `range` of the file at the absolute `path`.
Bytes read_file_range(const std::string& path, ByteRange range, std::string_view key) {
  static const FileStore files("/");
  auto bytes = files.get(std::string_view(path).substr(1), range);
  if (!bytes) throw Error(Errc::not_found, "'{}', which holds '{}', does not exist", path, key);
  return std::move(*bytes);
}

std::uint32_t number_at(std::span<const std::byte> bytes, std::size_t at, int n_bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, static_cast<std::size_t>(n_bytes));
  return value;
}

/// Where the entry's bytes begin: the lengths in its local header may differ from those in the
/// directory.
std::int64_t data_offset(const Place& place, std::string_view key) {
  const Bytes header =
      read_file_range(place.path, {place.offset, place.offset + kLocalHeaderBytes}, key);
  if (number_at(header, 0, 4) != zip::kLocalHeader)
    throw Error(Errc::data_loss, "no zip entry at byte {} of '{}'", place.offset, place.path);
  return place.offset + kLocalHeaderBytes + number_at(header, 26, 2) + number_at(header, 28, 2);
}

Bytes inflate(std::span<const std::byte> stored, std::int64_t size_bytes) {
  // Deflate cannot do better than 1032 to 1 (RFC 1951), so a larger claim is a lie.
  if (size_bytes > 1032 * (static_cast<std::int64_t>(stored.size()) + 1)) {
    throw Error(Errc::data_loss, "{} deflated bytes cannot become {}", stored.size(), size_bytes);
  }
  Bytes out(static_cast<std::size_t>(size_bytes));
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> decompressor(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!decompressor) throw std::bad_alloc();
  const auto result = libdeflate_deflate_decompress(decompressor.get(), stored.data(),
                                                    stored.size(), out.data(), out.size(), nullptr);
  if (result != LIBDEFLATE_SUCCESS)
    throw Error(Errc::data_loss, "the entry is not {} deflated bytes", size_bytes);
  return out;
}

}  // namespace

const Place* IndexedStore::find(std::string_view key) const {
  check_key(key, url_);
  const auto it = places_.find(key);
  return it == places_.end() ? nullptr : &it->second;
}

std::optional<Bytes> IndexedStore::get(std::string_view key, ByteRange range) const {
  const Place* place = find(key);
  if (!place) return std::nullopt;
  try {
    return read(*place, range, key);
  } catch (Error& e) {
    throw e.add_context(fmt::format("{}/{}", url_, key));
  }
}

Bytes IndexedStore::read(const Place& place, ByteRange range, std::string_view key) const {
  if (place.kind == Place::Kind::zip_entry) return read_zip_entry(place, range, key);
  if (place.kind == Place::Kind::file && place.length < 0) {
    if (range.end >= 0) range.end += place.offset;
    range.begin += place.offset;
    return read_file_range(place.path, range, key);
  }
  const std::int64_t size_bytes = place.kind == Place::Kind::in_memory
                                      ? static_cast<std::int64_t>(place.bytes.size())
                                      : place.length;
  const ByteRange r = resolve_range(range, size_bytes, url_, key);
  if (place.kind == Place::Kind::in_memory)
    return Bytes(place.bytes.begin() + r.begin, place.bytes.begin() + r.end);
  return read_file_range(place.path, {place.offset + r.begin, place.offset + r.end}, key);
}

Bytes IndexedStore::read_zip_entry(const Place& place, ByteRange range,
                                   std::string_view key) const {
  const ByteRange r = resolve_range(range, place.size_bytes, url_, key);
  const std::int64_t begin = data_offset(place, key);
  const bool is_whole = r.begin == 0 && r.end == place.size_bytes;
  if (!place.is_deflated && !is_whole)
    return read_file_range(place.path, {begin + r.begin, begin + r.end}, key);
  Bytes value = read_file_range(place.path, {begin, begin + place.length}, key);
  if (place.is_deflated) value = inflate(value, place.size_bytes);
  const std::uint32_t found = libdeflate_crc32(0, value.data(), value.size());
  if (found != place.crc32) {
    throw Error(Errc::data_loss, "CRC-32 is {:08x}: the archive says {:08x}", found, place.crc32);
  }
  if (!is_whole) value = Bytes(value.begin() + r.begin, value.begin() + r.end);
  return value;
}

std::optional<std::int64_t> IndexedStore::size(std::string_view key) const {
  const Place* place = find(key);
  if (!place) return std::nullopt;
  if (place->kind == Place::Kind::zip_entry) return place->size_bytes;
  if (place->kind == Place::Kind::in_memory) return static_cast<std::int64_t>(place->bytes.size());
  if (place->length >= 0) return place->length;
  const auto size_bytes = FileStore("/").size(std::string_view(place->path).substr(1));
  if (!size_bytes) return std::nullopt;
  return std::max<std::int64_t>(0, *size_bytes - place->offset);
}

void IndexedStore::put(std::string_view key, std::span<const std::byte>) {
  throw Error(Errc::unsupported, "{}: '{}' cannot be written: the store is only read", url_, key);
}

void IndexedStore::erase(std::string_view key) {
  throw Error(Errc::unsupported, "{}: '{}' cannot be erased: the store is only read", url_, key);
}

std::vector<std::string> IndexedStore::list(std::string_view prefix) const {
  check_prefix(prefix, url_);
  std::vector<std::string> keys;
  for (auto it = places_.lower_bound(prefix); it != places_.end() && it->first.starts_with(prefix);
       ++it)
    keys.push_back(it->first);
  return keys;
}

std::vector<std::string> IndexedStore::children(std::string_view prefix) const {
  return children_of(list(prefix), prefix);
}

}  // namespace rastream
