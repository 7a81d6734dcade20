// SPDX-License-Identifier: Apache-2.0
// A cached file is the file: same metadata, same cells; a stale or damaged entry is no entry.
#include "rastream/format/hdf5/metadata_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "rastream/base/error.h"
#include "rastream/base/json.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/hdf5/sample_file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// Sets the environment variable for one test, with a folder that is empty at first.
class CacheFolder {
 public:
  CacheFolder() : path_(sample_path("cache")) {
    fs::remove_all(path_);
    ::setenv("RASTREAM_CACHE", path_.c_str(), 1);
  }
  ~CacheFolder() {
    ::unsetenv("RASTREAM_CACHE");
    fs::remove_all(path_);
  }
  const std::string& path() const { return path_; }
  std::vector<std::string> entries() const {
    std::vector<std::string> found;
    if (!fs::exists(path_)) return found;
    for (const auto& e : fs::recursive_directory_iterator(path_)) {
      if (e.is_regular_file()) found.push_back(e.path().string());
    }
    return found;
  }

 private:
  std::string path_;
};

void make_old(const std::string& path, int seconds = 3600) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::seconds(seconds));
}

std::string old_sample(const std::string& name, const Sample& s) {
  const std::string path = write_sample(name, s);
  make_old(path);
  return path;
}

std::vector<std::int32_t> read_cells(const std::string& path) {
  const auto file = netcdf4_format().open(path, "");
  const Schema& schema = file->variables().at(0).schema;
  const OwnedBlock block(schema.whole(), DType::int32);
  file->read(0, block.view());
  const auto* first = block.view().as<std::int32_t>();
  return {first, first + schema.n_cells()};
}

const Sample kPacked{.shape = {40, 30},
                     .limits = {H5S_UNLIMITED, 30},
                     .chunk = {3, 4},
                     .shuffle = true,
                     .deflate = 4,
                     .fletcher32 = true};

void expect_equal(const DatasetFile& a, const DatasetFile& b) {
  ASSERT_EQ(a.variables().size(), b.variables().size());
  for (std::size_t v = 0; v < a.variables().size(); ++v) {
    const VariableInfo& x = a.variables()[v];
    const VariableInfo& y = b.variables()[v];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.schema, y.schema);
    EXPECT_EQ(to_json(x.attributes), to_json(y.attributes));  // where NaN is a word
    const bool both_nan = x.fill_value && y.fill_value && *x.fill_value != *x.fill_value &&
                          *y.fill_value != *y.fill_value;
    EXPECT_TRUE(both_nan || x.fill_value == y.fill_value);
    EXPECT_EQ(x.codecs, y.codecs);
    EXPECT_EQ(x.is_dimension_scale, y.is_dimension_scale);
    if (x.schema.dtype == DType::string) {
      EXPECT_EQ(a.read_strings(v), b.read_strings(v));
      continue;
    }
    if (x.schema.size_bytes() > 1e7) continue;
    const OwnedBlock cells(x.schema.whole(), x.schema.dtype);
    const OwnedBlock others(x.schema.whole(), x.schema.dtype);
    a.read(v, cells.view());
    b.read(v, others.view());
    EXPECT_EQ(std::memcmp(cells.view().data, others.view().data,
                          static_cast<std::size_t>(x.schema.size_bytes())),
              0);
  }
  EXPECT_EQ(to_json(a.attributes()), to_json(b.attributes()));
  EXPECT_EQ(a.groups(), b.groups());
  ASSERT_EQ(a.dimensions().size(), b.dimensions().size());
  for (std::size_t i = 0; i < a.dimensions().size(); ++i) {
    EXPECT_EQ(a.dimensions()[i].name, b.dimensions()[i].name);
    EXPECT_EQ(a.dimensions()[i].size, b.dimensions()[i].size);
    EXPECT_EQ(a.dimensions()[i].is_unlimited, b.dimensions()[i].is_unlimited);
  }
}

TEST(MetadataCache, ASecondOpeningNeedsNeitherMetadataNorIndex) {
  const std::string path = old_sample("kept.h5", kPacked);
  const CacheFolder folder;
  const auto cells = read_cells(path);
  EXPECT_EQ(folder.entries().size(), 1);
  const MetadataCache cache(folder.path());
  const FileBytes bytes(path);
  const auto record = cache.find(bytes, "");
  ASSERT_TRUE(record);
  ASSERT_TRUE(record->indexes.at(0));
  EXPECT_EQ(record->indexes[0]->size(), 14 * 8);
  EXPECT_EQ(bytes.n_bytes_read(), 0);
  EXPECT_EQ(read_cells(path), cells);
}

TEST(MetadataCache, AnEntryIsWrittenOnceWhenTheFileIsClosed) {
  const std::string path = old_sample("closed.h5", kPacked);
  const CacheFolder folder;
  {
    const auto file = netcdf4_format().open(path, "");
    EXPECT_EQ(folder.entries().size(), 0);
  }
  ASSERT_EQ(folder.entries().size(), 1);
  const std::string entry = folder.entries()[0];
  make_old(entry);
  const auto written = fs::last_write_time(entry);
  netcdf4_format().open(path, "");
  EXPECT_EQ(fs::last_write_time(entry), written) << "nothing is new";
  read_cells(path);
  EXPECT_NE(fs::last_write_time(entry), written) << "the index is";
}

TEST(MetadataCache, EveryFileOfTheCollectionIsTheSameFromTheCache) {
  const std::string folder = "../shared/data";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  int n_files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().string();
    if (!entry.is_regular_file() || !netcdf4_format().probe(path)) continue;
    SCOPED_TRACE(path);
    const auto without = netcdf4_format().open(path, "");
    const CacheFolder cache;
    expect_equal(*netcdf4_format().open(path, ""), *without);
    expect_equal(*netcdf4_format().open(path, ""), *without);
    EXPECT_EQ(cache.entries().size(), 1);
    ++n_files;
  }
  EXPECT_GE(n_files, 30);
}

TEST(MetadataCache, GroupsHaveEntriesOfTheirOwn) {
  const MetadataCache cache("/cache");
  EXPECT_NE(cache.entry_path("/a/b.nc", ""), cache.entry_path("/a/b.nc", "g"));
  EXPECT_NE(cache.entry_path("/a/b.nc", ""), cache.entry_path("/a/c.nc", ""));
  EXPECT_EQ(cache.entry_path("/a/b.nc", ""), cache.entry_path("/a/./x/../b.nc", ""));
}

TEST(MetadataCache, AnotherFileUnderTheNameIsReadAnew) {
  const std::string path = old_sample("changed.h5", kPacked);
  const CacheFolder folder;
  read_cells(path);
  Sample other = kPacked;
  other.written = {3, 30};
  const std::string replacement = write_sample("replacement.h5", other);
  make_old(replacement);
  const auto expected = read_cells(replacement);
  fs::rename(replacement, path);
  EXPECT_EQ(read_cells(path), expected);
}

TEST(MetadataCache, AFileThatJustChangedIsNotKept) {
  const std::string path = write_sample("fresh.h5", kPacked);
  const CacheFolder folder;
  read_cells(path);
  EXPECT_TRUE(folder.entries().empty());
}

TEST(MetadataCache, AFileIsSettledTwoSecondsAfterItsLastChange) {
  const std::string path = old_sample("settled.h5", kPacked);
  EXPECT_TRUE(MetadataCache::is_settled(FileBytes(path).stamp()));
  make_old(path, -60);
  EXPECT_FALSE(MetadataCache::is_settled(FileBytes(path).stamp()));
}

TEST(MetadataCache, NothingIsKeptUnlessAskedFor) {
  const std::string path = old_sample("unasked.h5", kPacked);
  const auto n_before = std::distance(fs::directory_iterator(fs::path(path).parent_path()), {});
  read_cells(path);
  EXPECT_EQ(std::distance(fs::directory_iterator(fs::path(path).parent_path()), {}), n_before);
}

TEST(MetadataCache, ADamagedEntryIsNoEntry) {
  const std::string path = old_sample("entry.h5", kPacked);
  const CacheFolder folder;
  const auto cells = read_cells(path);
  const std::string entry = folder.entries().at(0);
  const auto bytes = read_bytes(entry);
  const MetadataCache cache(folder.path());
  const FileBytes file(path);
  ASSERT_TRUE(cache.find(file, ""));
  for_each_flipped_byte(entry, bytes, 0, bytes.size(), 3,
                        [&](std::size_t i) { EXPECT_FALSE(cache.find(file, "")) << i; });
  for (std::size_t n = 0; n < bytes.size(); n += 11) {
    write_bytes(entry, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n)});
    EXPECT_FALSE(cache.find(file, "")) << n;
  }
  EXPECT_EQ(read_cells(path), cells);
  EXPECT_TRUE(cache.find(file, "")) << "the entry was made anew";
}

TEST(MetadataCache, ARecordOfAnyBytesGivesARecordOrAnError) {
  const std::string path = old_sample("record.h5", kPacked);
  const FileBytes file(path);
  const std::string bytes = to_bytes(read_file_record(file, ""));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int change : {1, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ change);
      try {
        file_record_from(std::as_bytes(std::span(damaged)));
      } catch (const Error& e) {
        EXPECT_NE(e.code(), Errc::internal) << e.what();
      }
    }
  }
}

TEST(MetadataCache, ARecordKeepsChunkNumbersWhateverTheirDistance) {
  FileRecord record;
  record.metadata.datasets.resize(1);
  record.layouts.resize(1);
  record.indexes = {ChunkIndex{{INT64_MAX, 8, 4, 0}, {INT64_MIN, 1, 2, 3}, {5, UINT64_MAX, 9, 1}}};
  const std::string bytes = to_bytes(record);
  EXPECT_EQ(file_record_from(std::as_bytes(std::span(bytes))).indexes, record.indexes);
}

TEST(MetadataCache, AFolderThatCannotBeWrittenIsNoFailure) {
  const std::string path = old_sample("unwritable.h5", kPacked);
  const std::string blocked = sample_path("no_folder");
  write_bytes(blocked, {'x'});
  ::setenv("RASTREAM_CACHE", blocked.c_str(), 1);
  EXPECT_EQ(read_cells(path).size(), 1200);
  ::unsetenv("RASTREAM_CACHE");
}

TEST(MetadataCache, ThreadsMayOpenOneFileAtOnce) {
  const std::string path = old_sample("at_once.h5", kPacked);
  const auto cells = read_cells(path);
  const CacheFolder folder;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) EXPECT_EQ(read_cells(path), cells);
    });
  }
  threads.clear();
  EXPECT_TRUE(MetadataCache(folder.path()).find(FileBytes(path), ""));
  EXPECT_EQ(folder.entries().size(), 1);
}

}  // namespace
}  // namespace rastream
