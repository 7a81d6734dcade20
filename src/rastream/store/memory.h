// SPDX-License-Identifier: Apache-2.0
// A store in memory: for tests, and the model that every other store is compared with.
#pragma once

#include <map>
#include <mutex>

#include "rastream/store/store.h"

namespace rastream {

/// Values in a sorted map under one mutex.
class MemoryStore : public Store {
 public:
  explicit MemoryStore(std::string url = "memory://") : url_(std::move(url)) {}
  std::string url() const override { return url_; }
  std::optional<Bytes> get(std::string_view key, ByteRange range = {}) const override;
  std::optional<std::int64_t> size(std::string_view key) const override;
  void put(std::string_view key, std::span<const std::byte> value) override;
  void erase(std::string_view key) override;
  std::vector<std::string> list(std::string_view prefix) const override;
  std::vector<std::string> children(std::string_view prefix) const override;

 private:
  std::string url_;
  mutable std::mutex mutex_;
  std::map<std::string, Bytes, std::less<>> values_;
};

}  // namespace rastream
