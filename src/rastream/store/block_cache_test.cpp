// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/block_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <random>
#include <thread>

#include "rastream/store/get_many.h"
#include "rastream/store/memory.h"
#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

/// Values with versions, and a count of what was read of them.
class CountingStore : public MemoryStore {
 public:
  std::optional<Bytes> get(std::string_view key, ByteRange range = {}) const override {
    ++n_gets;
    auto bytes = MemoryStore::get(key, range);
    if (bytes) n_bytes += static_cast<std::int64_t>(bytes->size());
    return bytes;
  }
  std::optional<ValueInfo> info(std::string_view key) const override {
    ++n_infos;
    const auto length = size(key);
    if (!length) return std::nullopt;
    return ValueInfo{*length, version};
  }
  std::optional<Bytes> get_version(std::string_view key, ByteRange range,
                                   const std::string& wanted) const override {
    if (fails) throw Error(Errc::unavailable, "no answer");
    if (wanted != version) throw Error(Errc::data_loss, "changed");
    return get(key, range);
  }
  mutable std::atomic<int> n_gets = 0;
  mutable std::atomic<int> n_infos = 0;
  mutable std::atomic<std::int64_t> n_bytes = 0;
  std::string version = "v1";
  bool fails = false;
};

std::string letters(std::size_t n, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::string text(n, ' ');
  for (char& c : text) c = static_cast<char>('a' + generator() % 26);
  return text;
}

struct Cached {
  explicit Cached(std::int64_t max_bytes = 1000) {
    store = std::make_shared<CountingStore>();
    BlockCacheOptions options;
    options.block_bytes = 10;
    options.max_bytes = max_bytes;
    options.largest_read = 50;
    options.now = [this] { return now; };
    cache = std::make_unique<BlockCacheStore>(store, options);
  }
  std::shared_ptr<CountingStore> store;
  std::chrono::steady_clock::time_point now{};
  std::unique_ptr<BlockCacheStore> cache;
};

TEST(BlockCache, EveryRangeIsThatOfTheStoreAndIsReadOnce) {
  Cached c;
  const std::string text = letters(123);
  c.store->put("k", bytes_of(text));
  for (std::int64_t begin = 0; begin <= 123; begin += 7) {
    for (std::int64_t end = begin; end <= 123; end += 11) {
      EXPECT_EQ(
          text_of(c.cache->get("k", {begin, end})),
          text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    }
  }
  EXPECT_EQ(text_of(c.cache->get("k")), text);
  EXPECT_EQ(c.store->n_bytes, 123) << "no byte twice";
  EXPECT_EQ(c.store->n_infos, 1);
  EXPECT_EQ(c.cache->kept_bytes(), 123);
}

TEST(BlockCache, NeighbouringBlocksAreOneRead) {
  Cached c;
  c.store->put("k", bytes_of(letters(200)));
  c.cache->get("k", {0, 100});
  EXPECT_EQ(c.store->n_gets, 2) << "100 bytes in reads of at most 50";
}

TEST(BlockCache, KeepsNoMoreThanItsLimitAndTheLatest) {
  Cached c(40);
  const std::string text = letters(200);
  c.store->put("k", bytes_of(text));
  EXPECT_EQ(text_of(c.cache->get("k")), text);
  EXPECT_LE(c.cache->kept_bytes(), 40);
  const int n_before = c.store->n_gets;
  c.cache->get("k", {165, 195});
  EXPECT_EQ(c.store->n_gets, n_before) << "the last blocks are there";
  c.cache->get("k", {0, 5});
  EXPECT_EQ(c.store->n_gets, n_before + 1) << "the first have gone";
}

TEST(BlockCache, AChangedValueIsSeenAfterTheTrustedTimeAndNeverMixed) {
  Cached c;
  c.store->put("k", bytes_of(letters(100, 1)));
  c.cache->get("k", {0, 30});
  const std::string changed = letters(100, 2);
  c.store->put("k", bytes_of(changed));
  c.store->version = "v2";
  EXPECT_EQ(text_of(c.cache->get("k", {0, 60})), changed.substr(0, 60))
      << "the missing blocks are of another version, so that the kept ones must go";
  c.store->put("k", bytes_of(letters(100, 3)));
  c.store->version = "v3";
  c.now += std::chrono::minutes(2);
  EXPECT_EQ(text_of(c.cache->get("k", {0, 10})), letters(100, 3).substr(0, 10));
}

TEST(BlockCache, WritingThroughItDropsWhatWasKept) {
  Cached c;
  c.cache->put("k", bytes_of("0123456789abc"));
  EXPECT_EQ(text_of(c.cache->get("k")), "0123456789abc");
  c.cache->put("k", bytes_of("new"));
  EXPECT_EQ(text_of(c.cache->get("k")), "new");
  c.cache->erase("k");
  EXPECT_FALSE(c.cache->get("k").has_value());
}

TEST(BlockCache, AFailureIsNotKept) {
  Cached c;
  c.store->put("k", bytes_of("0123456789"));
  c.store->fails = true;
  EXPECT_EQ(code_of([&] { c.cache->get("k"); }), Errc::unavailable);
  c.store->fails = false;
  EXPECT_EQ(text_of(c.cache->get("k")), "0123456789");
  EXPECT_EQ(code_of([&] { c.cache->get("k", {5, 11}); }), Errc::data_loss);
  EXPECT_EQ(code_of([&] { c.cache->get("k", {-1, 3}); }), Errc::invalid_argument);
}

TEST(BlockCache, ThreadsThatWantTheSameBlocksReadThemOnce) {
  Cached c(100'000);
  const std::string text = letters(20'000);
  c.store->put("k", bytes_of(text));
  c.cache->get("k", {0, 1});
  std::latch start(4);
  std::vector<std::jthread> threads;
  std::atomic<int> n_wrong = 0;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 generator(t);
      start.arrive_and_wait();
      for (int i = 0; i < 300; ++i) {
        const std::size_t begin = generator() % text.size();
        const std::size_t n = generator() % (text.size() - begin);
        const auto got = text_of(c.cache->get(
            "k", {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(begin + n)}));
        n_wrong += got != text.substr(begin, n);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(n_wrong, 0);
  EXPECT_EQ(c.store->n_bytes, 20'000);
}

TEST(GetMany, NearRangesAreOneReadAndEachIsWhatItWouldBeAlone) {
  CountingStore store;
  const std::string text = letters(1000);
  store.put("k", bytes_of(text));
  const std::vector<ByteRange> ranges = {{500, 510}, {0, 10},    {15, 20},
                                         {5, 8},     {505, 505}, {900, 1000}};
  const auto got = get_many(store, "k", ranges, {10, 100, 2});
  ASSERT_TRUE(got);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    EXPECT_EQ(text_of((*got)[i]),
              text.substr(static_cast<std::size_t>(ranges[i].begin),
                          static_cast<std::size_t>(ranges[i].end - ranges[i].begin)));
  }
  EXPECT_EQ(store.n_gets, 3);
  EXPECT_FALSE(get_many(store, "absent", ranges));
  EXPECT_EQ(code_of([&] {
              get_many(store, "k", std::vector<ByteRange>{{5, -1}});
            }),
            Errc::invalid_argument);
}

TEST(GetMany, AReadGrowsNoLongerThanItsLimitUnlessOneRangeIs) {
  const std::vector<ByteRange> ranges = {{0, 40}, {40, 80}, {80, 120}, {200, 400}};
  const auto reads = coalesce(ranges, {10, 100, 1});
  ASSERT_EQ(reads.size(), 3u);
  EXPECT_EQ(reads[0].range.end, 80);
  EXPECT_EQ(reads[2].range.end - reads[2].range.begin, 200);
}

}  // namespace
}  // namespace rastream
