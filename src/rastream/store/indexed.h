// SPDX-License-Identifier: Apache-2.0
// A store to read from whose values lie inside other files, at places that an index lists: a zip
// archive, a file of references.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rastream/store/store.h"

namespace rastream {

/// Where a value lies.
struct Place {
  enum class Kind {
    in_memory,  ///< the value is `bytes`
    file,       ///< bytes [offset, offset + length) of the file; to its end when length < 0
    zip_entry,  ///< behind the local header at `offset`, `length` bytes as stored
  };
  Kind kind = Kind::in_memory;
  Bytes bytes = {};
  std::string path = {};  ///< of the file, absolute
  std::int64_t offset = 0;
  std::int64_t length = -1;
  bool is_deflated = false;     ///< zip_entry: raw deflate (RFC 1951), else as it is
  std::int64_t size_bytes = 0;  ///< zip_entry: of the value
  std::uint32_t crc32 = 0;      ///< zip_entry: of the value
};

/// Immutable; `put` and `erase` throw unsupported. `get` throws data_loss when a file is shorter
/// than its index says, or a zip entry does not match its checksum (checked where the whole entry
/// is read), and not_found when the file of a place is gone.
class IndexedStore : public Store {
 public:
  IndexedStore(std::string url, std::map<std::string, Place, std::less<>> places)
      : url_(std::move(url)), places_(std::move(places)) {}
  std::string url() const override { return url_; }
  std::optional<Bytes> get(std::string_view key, ByteRange range = {}) const override;
  std::optional<std::int64_t> size(std::string_view key) const override;
  void put(std::string_view key, std::span<const std::byte> value) override;
  void erase(std::string_view key) override;
  std::vector<std::string> list(std::string_view prefix) const override;
  std::vector<std::string> children(std::string_view prefix) const override;

 private:
  const Place* find(std::string_view key) const;
  Bytes read(const Place& place, ByteRange range, std::string_view key) const;
  Bytes read_zip_entry(const Place& place, ByteRange range, std::string_view key) const;

  std::string url_;
  std::map<std::string, Place, std::less<>> places_;
};

/// The entries of the zip archive `path` (PKWARE APPNOTE 6.3.10, with zip64). Entries that cannot
/// be a key of a store ("../x", folders) are left out; of equal names the last one counts. Throws
/// not_found, data_loss.
std::unique_ptr<Store> open_zip_store(const std::string& path);

/// The references of the JSON file `path` as kerchunk writes them (kerchunk, "References
/// specification", versions 0 and 1): text, base64, or [url, offset, length], with templates
/// without arithmetic. A relative url counts from the file's folder; only local files are read.
/// Throws not_found, data_loss, and unsupported for `gen`, other schemes and other versions.
std::unique_ptr<Store> open_reference_store(const std::string& path);

}  // namespace rastream
