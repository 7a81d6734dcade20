// SPDX-License-Identifier: Apache-2.0
// What every store must do, whoever wrote it. Instantiate with a factory of empty stores:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreSuite, testing::Values(StoreFactory{"memory", [] { ...
//   }}));
#pragma once

#include "tests/suites/store_fixture.h"

namespace rastream {

TEST_P(StoreSuite, AnAbsentKeyIsNothingAndNoError) {
  EXPECT_FALSE(store_->get("a/b").has_value());
  EXPECT_FALSE(store_->size("a/b").has_value());
  EXPECT_NO_THROW(store_->erase("a/b"));
  EXPECT_TRUE(store_->list("").empty());
  EXPECT_TRUE(store_->list("a/").empty());
  EXPECT_TRUE(store_->children("").empty());
}

TEST_P(StoreSuite, AValueIsReadBackWholeAndByRange) {
  store_->put("a/b", bytes_of("0123456789"));
  EXPECT_EQ(text_of(store_->get("a/b")), "0123456789");
  EXPECT_EQ(store_->size("a/b"), 10);
  EXPECT_EQ(text_of(store_->get("a/b", {2, 5})), "234");
  EXPECT_EQ(text_of(store_->get("a/b", {7, -1})), "789");
  EXPECT_EQ(text_of(store_->get("a/b", {10, 10})), "");
  EXPECT_FALSE(store_->get("a").has_value()) << "a folder is not a value";
}

TEST_P(StoreSuite, AnEmptyValueIsNotAbsence) {
  store_->put("empty", {});
  EXPECT_EQ(text_of(store_->get("empty")), "");
  EXPECT_EQ(store_->size("empty"), 0);
}

TEST_P(StoreSuite, ARangeBeyondTheValueIsDataLoss) {
  store_->put("k", bytes_of("0123"));
  for (const ByteRange range :
       {ByteRange{0, 5}, ByteRange{5, -1}, ByteRange{4, 9}, ByteRange{100, 200}}) {
    EXPECT_EQ(code_of([&] { store_->get("k", range); }), Errc::data_loss);
  }
  EXPECT_EQ(code_of([&] { store_->get("k", {3, 1}); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { store_->get("k", {-1, 2}); }), Errc::invalid_argument);
}

TEST_P(StoreSuite, APutReplacesTheWholeValue) {
  store_->put("k", bytes_of("a long first value"));
  store_->put("k", bytes_of("short"));
  EXPECT_EQ(text_of(store_->get("k")), "short");
  store_->erase("k");
  EXPECT_FALSE(store_->get("k").has_value());
  EXPECT_TRUE(store_->list("").empty());
}

TEST_P(StoreSuite, ListGivesEveryKeyBelowAFolderSorted) {
  for (const char* key : {"b/c/2", "a", "b/c/10", "bc", "b/d"}) store_->put(key, bytes_of(key));
  EXPECT_EQ(store_->list(""), (std::vector<std::string>{"a", "b/c/10", "b/c/2", "b/d", "bc"}));
  EXPECT_EQ(store_->list("b/"), (std::vector<std::string>{"b/c/10", "b/c/2", "b/d"}));
  EXPECT_EQ(store_->list("b/c/"), (std::vector<std::string>{"b/c/10", "b/c/2"}));
  EXPECT_EQ(store_->children(""), (std::vector<std::string>{"a", "b/", "bc"}));
  EXPECT_EQ(store_->children("b/"), (std::vector<std::string>{"c/", "d"}));
}

TEST_P(StoreSuite, HostileKeysAreRefusedByEveryMethod) {
  using namespace std::string_view_literals;
  for (const auto key : {""sv, "/"sv, "/etc/passwd"sv, "../x"sv, "a/../../x"sv, "a/.."sv, "."sv,
                         "./a"sv, "a//b"sv, "a/"sv, "a\0b"sv, "x.rastream-tmp"sv}) {
    EXPECT_EQ(code_of([&] { store_->get(key); }), Errc::invalid_argument) << key;
    EXPECT_EQ(code_of([&] { store_->size(key); }), Errc::invalid_argument) << key;
    EXPECT_EQ(code_of([&] { store_->put(key, {}); }), Errc::invalid_argument) << key;
    EXPECT_EQ(code_of([&] { store_->erase(key); }), Errc::invalid_argument) << key;
  }
  for (const auto prefix : {"/"sv, "../"sv, "a"sv, "a//"sv, "a/../"sv}) {
    EXPECT_EQ(code_of([&] { store_->list(prefix); }), Errc::invalid_argument) << prefix;
    EXPECT_EQ(code_of([&] { store_->children(prefix); }), Errc::invalid_argument) << prefix;
  }
  EXPECT_TRUE(store_->list("").empty());
}

TEST_P(StoreSuite, OddButHonestKeysAreKeys) {
  if (!GetParam().takes_all_names) GTEST_SKIP() << "the server mistakes such names";
  for (const char* key :
       {"..a", "a..b/c", ".zarray", "with space", "été", "back\\slash", "%2e%2e"}) {
    store_->put(key, bytes_of(key));
    EXPECT_EQ(text_of(store_->get(key)), key);
  }
  EXPECT_EQ(store_->list("").size(), 7u);
}

TEST_P(StoreSuite, ReadersOfAKeyThatIsBeingReplacedSeeOneWholeValue) {
  if (!GetParam().readers_see_whole_values)
    GTEST_SKIP() << "the server gives readers a mix of old and new, or nothing";
  constexpr int kWriters = 4;
  constexpr int kRounds = 40;
  const auto value = [](int writer) {
    return std::string(5000 + 1000 * writer, static_cast<char>('a' + writer));
  };
  store_->put("k", bytes_of(value(0)));
  std::vector<std::jthread> threads;
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([&, w] {
      for (int i = 0; i < kRounds; ++i) store_->put("k", bytes_of(value(w)));
    });
  }
  int n_torn = 0;
  std::string torn;
  for (int i = 0; i < 200; ++i) {
    const std::string seen = text_of(store_->get("k"));
    if (seen == value(seen.front() - 'a')) continue;
    ++n_torn;
    torn = fmt::format("{} bytes, '{}' to '{}'", seen.size(), seen.front(), seen.back());
  }
  threads.clear();
  EXPECT_EQ(n_torn, 0) << torn;
  EXPECT_EQ(store_->list(""), std::vector<std::string>{"k"});
}

}  // namespace rastream
