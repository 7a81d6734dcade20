// SPDX-License-Identifier: Apache-2.0
// What every store with folders must do. Instantiate it with the factories of StoreSuite, whose
// stores must be file systems.
#pragma once

#include "rastream/store/file_system.h"
#include "tests/suites/store_suite.h"

namespace rastream {

using Paths = std::vector<std::string>;

TEST_P(FileSystemSuite, AFileAndItsFolderAreSeenAndAnAbsentOneIsNothing) {
  store_->put("a/b.txt", bytes_of("Hello world!"));
  const auto file = files_->stat("a/b.txt");
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->path, "a/b.txt");
  EXPECT_EQ(file->name(), "b.txt");
  EXPECT_FALSE(file->is_folder);
  EXPECT_EQ(file->size_bytes, 12);
  EXPECT_TRUE(files_->stat("a").value().is_folder);
  EXPECT_FALSE(files_->stat("a/none").has_value());
  EXPECT_FALSE(files_->stat("a/b.txt/c").has_value());
}

TEST_P(FileSystemSuite, AFolderIsListedOneLevelDeep) {
  for (const char* key : {"d/z", "d/sub/x", "d/a", "other"}) store_->put(key, bytes_of("x"));
  EXPECT_EQ(paths_of(files_->entries("d")), (Paths{"d/a", "d/sub/", "d/z"}));
  EXPECT_EQ(paths_of(files_->entries("")), (Paths{"d/", "other"}));
  EXPECT_EQ(paths_of(files_->entries("d/a")), Paths{"d/a"});
  EXPECT_EQ(code_of([&] { files_->entries("none"); }), Errc::not_found);
}

TEST_P(FileSystemSuite, OddNamesAreListedAsTheyAre) {
  if (!GetParam().takes_all_names) GTEST_SKIP() << "the server mistakes such names";
  const Paths names = {
      "#1",    "%41",   "+plus+", "a b", "back\\slash",        "c;d", "q?uestion", "été",
      "name'", "&amp;", "<tag>",  "[x]", std::string(200, 'n')};
  for (const std::string& name : names) store_->put("odd/" + name, bytes_of(name));
  Paths expected;
  for (const std::string& name : names) expected.push_back("odd/" + name);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(paths_of(files_->entries("odd")), expected);
  for (const std::string& name : names) EXPECT_EQ(text_of(store_->get("odd/" + name)), name);
}

TEST_P(FileSystemSuite, FoldersAreMadeWithThoseAboveThem) {
  if (!GetParam().has_empty_folders) GTEST_SKIP() << "folders are prefixes of keys here";
  files_->make_folder("a/b/c");
  files_->make_folder("a/b");
  EXPECT_TRUE(files_->stat("a/b/c").value().is_folder);
  EXPECT_TRUE(files_->entries("a/b/c").empty());
  store_->put("file", bytes_of("x"));
  EXPECT_EQ(code_of([&] { files_->make_folder("file"); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { files_->make_folder("file/below"); }), Errc::invalid_argument);
}

TEST_P(FileSystemSuite, AMovedFileIsThereAndNoLongerHere) {
  store_->put("a/old", bytes_of("value"));
  store_->put("b/new", bytes_of("to be replaced"));
  files_->move("a/old", "b/new");
  EXPECT_EQ(text_of(store_->get("b/new")), "value");
  EXPECT_FALSE(files_->stat("a/old").has_value());
  EXPECT_EQ(code_of([&] { files_->move("none", "b/x"); }), Errc::not_found);
  EXPECT_EQ(code_of([&] { files_->move("b/new", "b"); }), Errc::invalid_argument);
}

TEST_P(FileSystemSuite, AMovedFolderTakesWhatIsInIt) {
  store_->put("a/x/1", bytes_of("one"));
  store_->put("a/2", bytes_of("two"));
  store_->put("there/3", bytes_of("three"));
  files_->move("a", "b");
  EXPECT_EQ(store_->list(""), (Paths{"b/2", "b/x/1", "there/3"}));
  EXPECT_EQ(code_of([&] { files_->move("b", "there"); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { files_->move("b", "b/x/y"); }), Errc::invalid_argument);
  EXPECT_EQ(store_->list(""), (Paths{"b/2", "b/x/1", "there/3"}));
}

TEST_P(FileSystemSuite, AFolderWithSomethingInItIsNotRemoved) {
  store_->put("a/b/x", bytes_of("x"));
  EXPECT_EQ(code_of([&] { files_->remove("a"); }), Errc::invalid_argument);
  EXPECT_EQ(text_of(store_->get("a/b/x")), "x");
  files_->remove("a/b/x");
  files_->remove("a/b/x");
  files_->remove("a/b");
  files_->remove("a");
  EXPECT_FALSE(files_->stat("a").has_value());
}

TEST_P(FileSystemSuite, ErasingAFolderAsIfItWereAValueKeepsWhatIsInIt) {
  store_->put("a/x", bytes_of("x"));
  try {
    store_->erase("a");
  } catch (const Error&) {
  }
  EXPECT_EQ(text_of(store_->get("a/x")), "x");
}

TEST_P(FileSystemSuite, AWalkSeesFoldersBeforeWhatIsInThem) {
  for (const char* key : {"t/b/2", "t/a", "t/b/c/3", "t/d"}) store_->put(key, bytes_of("x"));
  std::vector<FileInfo> seen;
  walk(*files_, "t", [&](const FileInfo& info) { seen.push_back(info); });
  EXPECT_EQ(paths_of(seen), (Paths{"t/a", "t/b/", "t/b/2", "t/b/c/", "t/b/c/3", "t/d"}));
  EXPECT_EQ(code_of([&] { walk(*files_, "none", [](const FileInfo&) {}); }), Errc::not_found);
}

TEST_P(FileSystemSuite, PatternsFindWhatFits) {
  for (const char* key : {"test/dir_1/file_1.txt", "test/dir_1/file_2.txt", "test/dir_2/file_1.nc",
                          "test/dir_2/deep/er/file_9.txt", "other/file_1.txt"}) {
    store_->put(key, bytes_of("x"));
  }
  EXPECT_EQ(paths_of(glob(*files_, "test/dir_*/file_*.txt")),
            (Paths{"test/dir_1/file_1.txt", "test/dir_1/file_2.txt"}));
  EXPECT_EQ(paths_of(glob(*files_, "*/dir_[12]/file_1.*")),
            (Paths{"test/dir_1/file_1.txt", "test/dir_2/file_1.nc"}));
  EXPECT_EQ(paths_of(glob(*files_, "test/**/file_9.txt")), Paths{"test/dir_2/deep/er/file_9.txt"});
  EXPECT_EQ(paths_of(glob(*files_, "test/dir_[!1]")), Paths{"test/dir_2/"});
  EXPECT_TRUE(glob(*files_, "none/*").empty());
}

}  // namespace rastream
