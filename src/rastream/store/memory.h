// SPDX-License-Identifier: Apache-2.0
// A store in memory: for tests, and the model that every other store is compared with.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "rastream/store/file_system.h"

namespace rastream {

/// Values in a sorted map under one mutex. A folder is there when it was made or something lies in
/// it.
class MemoryStore : public Store, public FileSystem {
 public:
  explicit MemoryStore(std::string url = "memory://") : url_(std::move(url)) {}
  std::string url() const override { return url_; }
  std::optional<Bytes> get(std::string_view key, ByteRange range = {}) const override;
  std::optional<std::int64_t> size(std::string_view key) const override;
  void put(std::string_view key, std::span<const std::byte> value) override;
  void erase(std::string_view key) override;
  std::vector<std::string> list(std::string_view prefix) const override;
  std::vector<std::string> children(std::string_view prefix) const override;

  std::optional<FileInfo> stat(std::string_view path) const override;
  std::vector<FileInfo> entries(std::string_view folder) const override;
  void make_folder(std::string_view path) override;
  void move(std::string_view from, std::string_view to) override;
  void remove(std::string_view path) override;
  std::vector<Digest> put_file(const std::filesystem::path& file, std::string_view path,
                               const PutFileOptions& options) override;

 private:
  // Those that follow are called with the mutex held.
  bool is_folder(std::string_view path) const;
  FileInfo info_of(std::string_view path) const;
  void check_parent(std::string_view path) const;

  std::string url_;
  mutable std::mutex mutex_;
  std::map<std::string, Bytes, std::less<>> values_;
  std::set<std::string, std::less<>> folders_;  // made ones; others follow from the keys
};

}  // namespace rastream
