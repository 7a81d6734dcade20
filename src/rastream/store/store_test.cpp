// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "rastream/store/file.h"
#include "rastream/store/memory.h"
#include "tests/suites/file_system_suite.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

fs::path new_folder() {
  std::string name = (fs::temp_directory_path() / "rastream-store-XXXXXX").native();
  if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
  return name;
}

/// A file store that takes its folder with it.
class TemporaryFileStore : public FileStore {
 public:
  TemporaryFileStore() : TemporaryFileStore(new_folder()) {}
  ~TemporaryFileStore() override { fs::remove_all(folder); }
  fs::path folder;

 private:
  explicit TemporaryFileStore(const fs::path& f) : FileStore(f / "store"), folder(f) {}
};

const auto kLocalStores = testing::Values(
    StoreFactory{"Memory", [] { return std::make_unique<MemoryStore>(); }},
    StoreFactory{
        "File", []() -> std::unique_ptr<Store> { return std::make_unique<TemporaryFileStore>(); }});

INSTANTIATE_TEST_SUITE_P(Stores, StoreSuite, kLocalStores,
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Stores, FileSystemSuite, kLocalStores,
                         [](const auto& info) { return info.param.name; });

TEST(OpenStore, ThePathOrTheSchemeChoosesTheStore) {
  EXPECT_EQ(open_store("/data/x")->url(), "file:///data/x");
  EXPECT_EQ(open_store("file:///data/x")->url(), "file:///data/x");
  EXPECT_EQ(open_store("memory://")->url(), "memory://");
  EXPECT_EQ(code_of([] { open_store("gopher://x"); }), Errc::unsupported);
}

TEST(FileStore, WhatAKilledWriterLeftIsNeitherListedNorInTheWay) {
  TemporaryFileStore store;
  store.put("a/k", bytes_of("old"));
  const fs::path leftover = store.folder / "store/a/.123-7-0.rastream-tmp";
  std::ofstream(leftover) << "half a val";
  EXPECT_EQ(store.list(""), std::vector<std::string>{"a/k"});
  EXPECT_EQ(store.children("a/"), std::vector<std::string>{"k"});
  EXPECT_EQ(find_leftovers(store.folder), std::vector<fs::path>{leftover});
  store.put("a/k", bytes_of("new"));
  EXPECT_EQ(text_of(store.get("a/k")), "new");
}

TEST(FileStore, AWriterKilledAtAnyMomentLeavesTheOldOrTheNewValue) {
  TemporaryFileStore store;
  const std::string values[] = {std::string(200000, 'a'), std::string(300000, 'b')};
  store.put("k", bytes_of(values[0]));
  for (int trial = 0; trial < 30; ++trial) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int i = 0;; ++i) store.put("k", bytes_of(values[i % 2]));
    }
    ::usleep(static_cast<useconds_t>(200 + 331 * trial));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::string seen = text_of(store.get("k"));
    ASSERT_TRUE(seen == values[0] || seen == values[1]) << "a value of " << seen.size() << " bytes";
  }
}

TEST(FileStore, AFullDiskIsNamedAndLeavesTheOldValueAndNoTemporary) {
  TemporaryFileStore store;
  const fs::path mount = store.folder / "store";
  fs::create_directories(mount);
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "a small file system cannot be mounted here (needs root)";
  }
  store.put("k", bytes_of("old"));
  try {
    store.put("k", Bytes(1 << 20));
    ADD_FAILURE() << "1 MiB went into 256 KiB";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unavailable);
    EXPECT_NE(e.message().find("disk full"), std::string::npos) << e.message();
    EXPECT_NE(e.message().find((mount / "k").native()), std::string::npos) << e.message();
  }
  EXPECT_EQ(text_of(store.get("k")), "old");
  EXPECT_TRUE(find_leftovers(mount).empty());
  ::umount(mount.c_str());
}

TEST(FileStore, NoTemporaryNameIsGivenTwiceAndEachIsALeftover) {
  TemporaryFileStore store;
  const fs::path first = temporary_name(store.folder / "k");
  EXPECT_NE(first, temporary_name(store.folder / "k"));
  std::ofstream(first) << "half";
  EXPECT_EQ(find_leftovers(store.folder), std::vector<fs::path>{first});
  remove_tree(first);
  EXPECT_TRUE(find_leftovers(store.folder).empty());
  remove_tree(first);
}

TEST(FileStore, ACopyIsTheFileAndReplacesALongerOne) {
  TemporaryFileStore store;
  const std::string text(3'000'000, 'x');
  std::ofstream(store.folder / "from") << text << "end";
  std::ofstream(store.folder / "to") << text << text;
  fs::permissions(store.folder / "from", fs::perms::owner_read);
  copy_regular_file(store.folder / "from", store.folder / "to");
  EXPECT_EQ(fs::status(store.folder / "to").permissions(), fs::perms::owner_read);
  const auto copied = read_file(store.folder / "to");
  EXPECT_EQ(copied, read_file(store.folder / "from"));
  EXPECT_EQ(copied.value().size(), text.size() + 3);
  EXPECT_EQ(code_of([&] { copy_regular_file(store.folder / "none", store.folder / "other"); }),
            Errc::not_found);
}

TEST(FileStore, AFifoInThePlaceOfAValueDoesNotHangTheReader) {
  TemporaryFileStore store;
  fs::create_directories(store.folder / "store");
  ASSERT_EQ(::mkfifo((store.folder / "store/k").c_str(), 0600), 0);
  EXPECT_FALSE(store.get("k").has_value());
  EXPECT_TRUE(store.list("").empty());
}

TEST(FileStore, AFolderThatCannotBeReadIsPermissionDenied) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  TemporaryFileStore store;
  store.put("k", bytes_of("x"));
  fs::permissions(store.folder / "store/k", fs::perms::none);
  EXPECT_EQ(code_of([&] { store.get("k"); }), Errc::permission_denied);
}

TEST(FileStore, ANameTooLongForTheDiskIsTheCallersError) {
  TemporaryFileStore store;
  EXPECT_EQ(code_of([&] { store.put(std::string(300, 'x'), {}); }), Errc::invalid_argument);
}

}  // namespace
}  // namespace rastream
