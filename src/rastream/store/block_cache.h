// SPDX-License-Identifier: Apache-2.0
// Keeps the blocks of remote values that were read last, so that many small reads cost few
// requests.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "rastream/store/store.h"

namespace rastream {

struct BlockCacheOptions {
  std::int64_t block_bytes = 1 << 20;
  /// Of kept blocks, all values together; what is being read and handed out comes on top.
  std::int64_t max_bytes = std::int64_t{256} << 20;
  /// Neighbouring blocks that are missing are read together, up to this.
  std::int64_t largest_read = 8 << 20;
  /// How long a value's length and version are believed without asking again.
  std::chrono::milliseconds trusted_for{60'000};
  std::function<std::chrono::steady_clock::time_point()> now = [] {
    return std::chrono::steady_clock::now();
  };
};

/// A store in front of another one. A block belongs to one version of a value (Store::info): when
/// the value changes, its blocks are dropped, and a read never mixes two versions. Threads that
/// want the same block wait for one read of it. Thread safe.
class BlockCacheStore : public Store {
 public:
  explicit BlockCacheStore(std::shared_ptr<Store> store, BlockCacheOptions options = {});
  ~BlockCacheStore() override;
  std::string url() const override { return store_->url(); }
  std::optional<Bytes> get(std::string_view key, ByteRange range = {}) const override;
  std::optional<std::int64_t> size(std::string_view key) const override;
  std::optional<ValueInfo> info(std::string_view key) const override;
  std::optional<Bytes> get_version(std::string_view key, ByteRange range,
                                   const std::string& version) const override;
  /// Drops the value's blocks.
  void put(std::string_view key, std::span<const std::byte> value) override;
  void erase(std::string_view key) override;
  std::vector<std::string> list(std::string_view prefix) const override {
    return store_->list(prefix);
  }
  std::vector<std::string> children(std::string_view prefix) const override {
    return store_->children(prefix);
  }
  /// Of the blocks that are kept now.
  std::int64_t kept_bytes() const;

 private:
  class Blocks;
  std::shared_ptr<Store> store_;
  std::unique_ptr<Blocks> blocks_;
};

}  // namespace rastream
