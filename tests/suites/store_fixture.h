// SPDX-License-Identifier: Apache-2.0
// Stores under the laws of store_suite.h and file_system_suite.h. The laws are compiled once a
// program; other sources instantiate them with their stores and need this alone.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>

#include "rastream/base/error.h"
#include "rastream/store/file_system.h"
#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"

namespace rastream {

struct StoreFactory {
  std::string name;
  std::function<std::unique_ptr<Store>()> make;  ///< a new store that holds nothing; null when its
                                                 ///< server is not installed
  bool has_empty_folders = true;                 ///< of a file system: a folder may be empty
  bool readers_see_whole_values = true;          ///< also while a value is being replaced
  bool takes_all_names = true;                   ///< spaces, '%', letters beyond ASCII
  friend void PrintTo(const StoreFactory& f, std::ostream* out) { *out << f.name; }
};

class StoreSuite : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override {
    store_ = GetParam().make();
    if (!store_) GTEST_SKIP() << "its server is not installed";
  }
  std::unique_ptr<Store> store_;
};

class FileSystemSuite : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override {
    store_ = GetParam().make();
    if (!store_) GTEST_SKIP() << "its server is not installed";
    files_ = &file_system_of(*store_, "list files");
  }

  /// Folders end in '/'.
  static std::vector<std::string> paths_of(const std::vector<FileInfo>& files) {
    std::vector<std::string> paths;
    for (const FileInfo& info : files) paths.push_back(info.path + (info.is_folder ? "/" : ""));
    return paths;
  }

  std::unique_ptr<Store> store_;
  FileSystem* files_ = nullptr;
};

}  // namespace rastream
