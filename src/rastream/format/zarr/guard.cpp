// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/guard.h"

#include "rastream/base/error.h"

namespace rastream::zarr {

const ManifestArray* Guard::find(const std::string& path) const {
  std::call_once(once_, [&] {
    const std::string key = folder_ + std::string(kManifestKey);
    const auto bytes = store_.get(key);
    if (!bytes)
      throw Error(Errc::data_loss, "{}/{}: the manifest was lost after opening", store_.url(), key);
    manifest_ = parse_manifest({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                               store_.url() + "/" + key);
  });
  const auto it = manifest_->arrays.find(path.substr(folder_.size()));
  return it == manifest_->arrays.end() ? nullptr : &it->second;
}

void check_chunk(const ChunkRecord& record, const std::optional<Bytes>& bytes) {
  if (!record.is_stored()) {
    if (bytes)
      throw Error(Errc::data_loss,
                  "unexpected chunk: the manifest says that it holds only the fill value");
    return;
  }
  if (!bytes) throw Error(Errc::data_loss, "lost chunk: the manifest says that it was written");
  if (static_cast<std::int64_t>(bytes->size()) != record.length) {
    throw Error(Errc::data_loss, "truncated chunk: {} bytes, expected {}", bytes->size(),
                record.length);
  }
  if (const auto found = checksum(std::span(*bytes)); found != record.hash) {
    throw Error(Errc::data_loss, "changed chunk: checksum {:016x}, expected {:016x}", found,
                record.hash);
  }
}

}  // namespace rastream::zarr
