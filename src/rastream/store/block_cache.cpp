// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/block_cache.h"

#include <algorithm>
#include <future>
#include <list>
#include <map>
#include <mutex>
#include <tuple>

#include "rastream/base/error.h"

namespace rastream {
namespace {

using Block = std::shared_ptr<const Bytes>;

struct BlockKey {
  std::string key;
  ValueInfo info;
  std::int64_t index = 0;
  bool operator<(const BlockKey& o) const {
    return std::tie(key, info.version, info.size_bytes, index) <
           std::tie(o.key, o.info.version, o.info.size_bytes, o.index);
  }
};

/// A read of neighbouring blocks that this thread has taken on itself.
struct Run {
  struct Wanted {
    std::uint64_t id = 0;  ///< of the entry that waits for it
    std::promise<Block> block = {};
  };
  std::int64_t first = 0;
  std::vector<Wanted> blocks = {};
};

}  // namespace

class BlockCacheStore::Blocks {
 public:
  Blocks(const Store& store, BlockCacheOptions options)
      : store_(store), options_(std::move(options)) {
    if (options_.block_bytes < 1)
      throw Error(Errc::invalid_argument, "block cache: expected blocks of at least one byte");
  }

  std::optional<ValueInfo> info(const std::string& key) {
    const auto now = options_.now();
    {
      const std::lock_guard lock(mutex_);
      const auto it = known_.find(key);
      if (it != known_.end() && now - it->second.asked < options_.trusted_for)
        return it->second.info;
    }
    const std::optional<ValueInfo> info = store_.info(key);
    const std::lock_guard lock(mutex_);
    const auto it = known_.find(key);
    if (it != known_.end() && info != it->second.info) drop_locked(key);
    if (known_.size() >= kMostKnown) known_.clear();
    if (info) known_.insert_or_assign(key, Known{*info, now});
    return info;
  }

  Bytes read(const std::string& key, const ValueInfo& info, ByteRange range) {
    Bytes out;
    out.reserve(static_cast<std::size_t>(range.end - range.begin));
    const std::int64_t size = options_.block_bytes;
    // A window at a time, so that a huge read does not hold every block of it at once.
    const std::int64_t step = std::max<std::int64_t>(1, options_.largest_read / size);
    const std::int64_t last = (range.end - 1) / size;
    for (std::int64_t first = range.begin / size; first <= last; first += step) {
      const auto blocks = window(key, info, first, std::min(last, first + step - 1));
      for (std::size_t i = 0; i < blocks.size(); ++i) {
        const std::int64_t at = (first + static_cast<std::int64_t>(i)) * size;
        const auto length = static_cast<std::int64_t>(blocks[i]->size());
        const std::int64_t begin = std::max(range.begin - at, std::int64_t{0});
        const std::int64_t end = std::min(range.end - at, length);
        out.insert(out.end(), blocks[i]->begin() + begin, blocks[i]->begin() + end);
      }
    }
    return out;
  }

  void drop(const std::string& key) {
    const std::lock_guard lock(mutex_);
    drop_locked(key);
  }

  std::int64_t kept_bytes() const {
    const std::lock_guard lock(mutex_);
    return kept_bytes_;
  }

 private:
  struct Known {
    ValueInfo info;
    std::chrono::steady_clock::time_point asked;
  };
  struct Entry {
    std::uint64_t id = 0;
    std::shared_future<Block> block = {};
    std::int64_t size_bytes = 0;  ///< 0 while it is being read
    std::list<BlockKey>::iterator use = {};
  };

  std::vector<Block> window(const std::string& key, const ValueInfo& info, std::int64_t first,
                            std::int64_t last) {
    std::vector<std::shared_future<Block>> wanted;
    std::vector<Run> runs = take_missing(key, info, first, last, wanted);
    for (Run& run : runs) load(key, info, run);
    std::vector<Block> blocks;
    for (auto& block : wanted) blocks.push_back(block.get());
    return blocks;
  }

  /// Futures of all blocks, and the reads that nobody has begun yet.
  std::vector<Run> take_missing(const std::string& key, const ValueInfo& info, std::int64_t first,
                                std::int64_t last, std::vector<std::shared_future<Block>>& wanted) {
    const std::lock_guard lock(mutex_);
    std::vector<Run> runs;
    for (std::int64_t i = first; i <= last; ++i) {
      const auto [it, is_new] = entries_.try_emplace(BlockKey{key, info, i});
      Entry& entry = it->second;
      if (is_new) {
        const bool goes_on =
            !runs.empty() &&
            runs.back().first + static_cast<std::int64_t>(runs.back().blocks.size()) == i;
        if (!goes_on) runs.push_back({i});
        entry.id = ++n_entries_;
        Run::Wanted& read = runs.back().blocks.emplace_back(Run::Wanted{entry.id});
        entry.block = read.block.get_future().share();
      } else if (entry.size_bytes > 0) {
        uses_.splice(uses_.begin(), uses_, entry.use);
      }
      wanted.push_back(entry.block);
    }
    return runs;
  }

  void load(const std::string& key, const ValueInfo& info, Run& run) {
    std::vector<Block> blocks;
    std::exception_ptr failure;
    try {
      blocks = read_run(key, info, run);
    } catch (...) {
      failure = std::current_exception();
    }
    for (std::size_t i = 0; i < run.blocks.size(); ++i) {
      const BlockKey name{key, info, run.first + static_cast<std::int64_t>(i)};
      if (failure) {
        forget_failed(name, run.blocks[i].id);
        run.blocks[i].block.set_exception(failure);
      } else {
        keep(name, run.blocks[i].id, blocks[i]);
        run.blocks[i].block.set_value(blocks[i]);
      }
    }
  }

  std::vector<Block> read_run(const std::string& key, const ValueInfo& info, const Run& run) const {
    const std::int64_t size = options_.block_bytes;
    const auto n = static_cast<std::int64_t>(run.blocks.size());
    const ByteRange range{run.first * size, std::min((run.first + n) * size, info.size_bytes)};
    const std::optional<Bytes> bytes = store_.get_version(key, range, info.version);
    if (!bytes)
      throw Error(Errc::data_loss, "{}: '{}' has gone while it was read", store_.url(), key);
    std::vector<Block> blocks;
    for (std::int64_t at = 0; at < range.end - range.begin; at += size) {
      const std::int64_t end = std::min(at + size, range.end - range.begin);
      blocks.push_back(std::make_shared<const Bytes>(bytes->begin() + at, bytes->begin() + end));
    }
    return blocks;
  }

  /// An entry that was dropped meanwhile, or made anew, is not touched.
  void keep(const BlockKey& key, std::uint64_t id, const Block& block) {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(key);
    if (it == entries_.end() || it->second.id != id) return;
    it->second.size_bytes = static_cast<std::int64_t>(block->size());
    kept_bytes_ += it->second.size_bytes;
    uses_.push_front(key);
    it->second.use = uses_.begin();
    while (kept_bytes_ > options_.max_bytes && !uses_.empty()) forget(uses_.back());
  }

  void forget_failed(const BlockKey& key, std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(key);
    if (it != entries_.end() && it->second.id == id) entries_.erase(it);
  }

  /// By value: the key may be the one in the list.
  void forget(BlockKey key) {
    const auto it = entries_.find(key);
    kept_bytes_ -= it->second.size_bytes;
    uses_.erase(it->second.use);
    entries_.erase(it);
  }

  /// Blocks on their way reach those who wait for them, but are not kept.
  void drop_locked(const std::string& key) {
    known_.erase(key);
    for (auto it = entries_.lower_bound(BlockKey{key, {0, ""}, 0});
         it != entries_.end() && it->first.key == key;) {
      const auto next = std::next(it);
      if (it->second.size_bytes > 0)
        forget(it->first);
      else
        entries_.erase(it);
      it = next;
    }
  }

  static constexpr std::size_t kMostKnown = 100'000;

  const Store& store_;
  BlockCacheOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, Known, std::less<>> known_;
  std::map<BlockKey, Entry> entries_;
  std::list<BlockKey> uses_;  ///< of blocks that have come, the latest use first
  std::int64_t kept_bytes_ = 0;
  std::uint64_t n_entries_ = 0;  ///< made so far
};

BlockCacheStore::BlockCacheStore(std::shared_ptr<Store> store, BlockCacheOptions options)
    : store_(std::move(store)), blocks_(std::make_unique<Blocks>(*store_, std::move(options))) {}

BlockCacheStore::~BlockCacheStore() = default;

std::optional<Bytes> BlockCacheStore::get(std::string_view key, ByteRange range) const {
  const std::string name(key);
  for (int attempt = 1;; ++attempt) {
    const std::optional<ValueInfo> info = blocks_->info(name);
    if (!info) return std::nullopt;
    // A range that the believed length does not cover may lie inside by now.
    const bool is_inside = range.begin >= 0 && range.begin <= info->size_bytes &&
                           (range.end < 0 || range.end <= info->size_bytes);
    if (!is_inside && attempt == 1) {
      blocks_->drop(name);
      continue;
    }
    const ByteRange r = resolve_range(range, info->size_bytes, url(), key);
    if (r.end == r.begin) return Bytes();
    try {
      return blocks_->read(name, *info, r);
    } catch (const Error& e) {
      blocks_->drop(name);
      if (e.code() != Errc::data_loss || attempt > 1) throw;
    }
  }
}

std::optional<Bytes> BlockCacheStore::get_version(std::string_view key, ByteRange range,
                                                  const std::string& version) const {
  const std::string name(key);
  const std::optional<ValueInfo> info = blocks_->info(name);
  if (!info) return std::nullopt;
  if (info->version != version)
    throw Error(Errc::data_loss, "{}: '{}' was replaced while it was read", url(), key);
  const ByteRange r = resolve_range(range, info->size_bytes, url(), key);
  if (r.end == r.begin) return Bytes();
  try {
    return blocks_->read(name, *info, r);
  } catch (const Error& e) {
    if (e.code() == Errc::data_loss) blocks_->drop(name);
    throw;
  }
}

std::optional<std::int64_t> BlockCacheStore::size(std::string_view key) const {
  const auto known = info(key);
  return known ? std::optional(known->size_bytes) : std::nullopt;
}

std::optional<ValueInfo> BlockCacheStore::info(std::string_view key) const {
  return blocks_->info(std::string(key));
}

void BlockCacheStore::put(std::string_view key, std::span<const std::byte> value) {
  store_->put(key, value);
  blocks_->drop(std::string(key));
}

void BlockCacheStore::erase(std::string_view key) {
  store_->erase(key);
  blocks_->drop(std::string(key));
}

std::int64_t BlockCacheStore::kept_bytes() const { return blocks_->kept_bytes(); }

}  // namespace rastream
