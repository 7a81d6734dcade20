// SPDX-License-Identifier: Apache-2.0
// What is put into an archive comes out of it, small, large, many or far behind.
#include "rastream/store/zip_archive.h"

#include <gtest/gtest.h>

#include <fstream>

#include "rastream/store/indexed.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

Bytes bytes_of(const std::string& text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return Bytes(data, data + text.size());
}

TEST(ZipArchive, EntriesComeOutAsTheyWentIn) {
  const ScratchFolder folder;
  const std::string path = folder / "a.zip";
  const std::string large(3'000'001, 'x');
  std::ofstream(folder / "file") << large;
  {
    ZipArchive archive(path);
    archive.add("empty", {});
    archive.add("v/0.0", bytes_of("some bytes"));
    archive.add("é", bytes_of("a name in UTF-8"));
    archive.add_file("large", folder / "file");
    archive.finish();
  }
  const auto store = open_zip_store(path);
  EXPECT_EQ(store->list(""), (std::vector<std::string>{"empty", "large", "v/0.0", "é"}));
  EXPECT_EQ(store->get("empty"), Bytes());
  EXPECT_EQ(store->get("v/0.0"), bytes_of("some bytes"));
  EXPECT_EQ(store->get("é"), bytes_of("a name in UTF-8"));
  EXPECT_EQ(store->get("large"), bytes_of(large));
}

TEST(ZipArchive, AnArchiveWithoutEntriesIsOne) {
  const ScratchFolder folder;
  ZipArchive archive(folder / "a.zip");
  archive.finish();
  EXPECT_TRUE(open_zip_store(folder / "a.zip")->list("").empty());
}

TEST(ZipArchive, OffsetsBeyond4GiBAreIn64Bits) {
  const ScratchFolder folder;
  const std::string path = folder / "far.zip";
  ZipArchive archive(path, (std::int64_t{1} << 32) + 5);  // a hole takes no room on the disk
  archive.add("far", bytes_of("far behind"));
  archive.add("farther", bytes_of("and more"));
  archive.finish();
  const auto store = open_zip_store(path);
  EXPECT_EQ(store->get("far"), bytes_of("far behind"));
  EXPECT_EQ(store->get("farther"), bytes_of("and more"));
}

TEST(ZipArchive, MoreEntriesThan16BitsCountAreCounted) {
  const ScratchFolder folder;
  const std::string path = folder / "many.zip";
  constexpr int kMany = 66'000;
  ZipArchive archive(path);
  for (int i = 0; i < kMany; ++i) archive.add(std::to_string(i), bytes_of(std::to_string(i * 7)));
  archive.finish();
  const auto store = open_zip_store(path);
  EXPECT_EQ(store->list("").size(), static_cast<std::size_t>(kMany));
  EXPECT_EQ(store->get("65999"), bytes_of(std::to_string(65'999 * 7)));
}

TEST(ZipArchive, AFileThatIsNotThereIsNamed) {
  const ScratchFolder folder;
  ZipArchive archive(folder / "a.zip");
  const Error e = error_of([&] { archive.add_file("v", folder / "none"); });
  EXPECT_EQ(e.code(), Errc::not_found);
  EXPECT_NE(std::string(e.what()).find("none"), std::string::npos);
}

}  // namespace
}  // namespace rastream
