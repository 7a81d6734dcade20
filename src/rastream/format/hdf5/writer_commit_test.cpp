// SPDX-License-Identifier: Apache-2.0
// What happens to a NetCDF-4 file when a run is killed, meets another run, or finds the disk full:
// the old file or the new one, never a mixture.
#include <sys/mount.h>

#include <csignal>

#include "rastream/format/commit_test_support.h"
#include "rastream/format/hdf5/chunk_journal.h"
#include "rastream/format/hdf5/staged_file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

void write_constant(const std::string& path, double value, const std::string& run_id) {
  write_constant(path, value, run_options(run_id, true));
}

/// 0 when there is no file.
double value_of(const std::string& path) { return fs::exists(path) ? constant_of(path) : 0; }

fs::path partial_of(const std::string& path) {
  return fs::path(path).parent_path() /
         ("." + fs::path(path).filename().native() + ".rastream-partial");
}

TEST(NetCdf4Commit, NothingIsUnderTheFinalNameBeforeFinish) {
  const ScratchFolder folder;
  const std::string path = folder / "out.nc";
  const auto writer = create_file(path, run_options("a"));
  const VariableSpec spec = numbered();
  write_all_numbered(*writer, writer->add(spec), spec);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(partial_of(path)));
  writer->finish();
  EXPECT_EQ(tree_of(folder.path()).size(), 1u) << "the file alone";
  writer->finish();
  EXPECT_EQ(tree_of(folder.path()).size(), 1u) << "twice is once";
}

TEST(NetCdf4Commit, AnExistingFileIsRefusedBeforeAnyWorkAndReplacedOnlyInFinish) {
  const ScratchFolder folder;
  const std::string path = folder / "out.nc";
  write_constant(path, 1, "one");
  const auto before = file_text(path);
  expect_refused(Errc::invalid_argument, "exists", [&] { create_file(path, run_options("two")); });
  EXPECT_EQ(tree_of(folder.path()).size(), 1u) << "no staging data of what was refused";
  const auto writer = create_file(path, run_options("two", true));
  const VariableSpec spec = numbered("new");
  write_all_numbered(*writer, writer->add(spec), spec);
  EXPECT_EQ(file_text(path), before);
  writer->finish();
  EXPECT_EQ(open_file(path)->variables().at(0).name, "new");
}

TEST(NetCdf4Commit, ARunThatDiedIsResumedToTheSameBytes) {
  const ScratchFolder folder;
  const VariableSpec spec = numbered();
  write_group(folder / "whole.nc", run_options("id"), spec);
  const std::string path = folder / "killed.nc";
  ::waitpid(start([&] {
              const auto writer = create_file(path, run_options("id"));
              const std::size_t v = writer->add(spec);
              for (std::int64_t i = 0; i < 5; ++i) write_numbered(*writer, v, spec, 7 - i);
              ::_exit(0);
            }),
            nullptr, 0);
  const auto writer = create_file(path, run_options("id"));
  const std::size_t v = writer->add(spec);
  for (std::int64_t i = 0; i < 8; ++i) {
    EXPECT_EQ(writer->is_committed(v, i), i > 2) << i;
    if (!writer->is_committed(v, i)) write_numbered(*writer, v, spec, i);
  }
  writer->finish();
  EXPECT_EQ(file_text(path), file_text(folder / "whole.nc"));
}

TEST(NetCdf4Commit, KilledAtAnyMomentReadersSeeTheOldOrTheNewFile) {
  const ScratchFolder folder;
  const std::string path = folder / "out.nc";
  double last = 0;
  for (int round = 1; round <= 40; ++round) {
    const double value = round % 2 + 1;
    const pid_t child = start([&] { write_constant(path, value, std::to_string(round)); });
    ::usleep(static_cast<unsigned>(round) * 150);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const double seen = value_of(path);
    EXPECT_TRUE(seen == last || seen == value) << seen;
    write_constant(path, value, std::to_string(round));
    last = value_of(path);
    ASSERT_EQ(last, value);
    ASSERT_FALSE(fs::exists(partial_of(path)));
  }
}

TEST(NetCdf4Commit, StagingDataOfOtherWorkIsRemoved) {
  const ScratchFolder folder;
  const std::string path = folder / "out.nc";
  for (const char* id : {"first", "second", ""}) {
    const auto writer = create_file(path, run_options(id));
    const VariableSpec spec = numbered();
    const std::size_t v = writer->add(spec);
    EXPECT_FALSE(writer->is_committed(v, 3)) << id;
    write_numbered(*writer, v, spec, 3);
    EXPECT_TRUE(writer->is_committed(v, 3));
  }
  EXPECT_FALSE(fs::exists(partial_of(path))) << "without an id there is nothing to resume";
}

TEST(NetCdf4Commit, AChunkOfAnotherKindIsNotTakenOver) {
  const ScratchFolder folder;
  const std::string path = folder / "out.nc";
  {
    const auto writer = create_file(path, run_options("id"));
    const VariableSpec spec = numbered();
    write_all_numbered(*writer, writer->add(spec), spec);
  }
  VariableSpec other_fill = numbered();
  other_fill.fill_value = -1;
  VariableSpec other_level = numbered();
  other_level.level = 1;
  for (const VariableSpec& spec :
       {other_fill, other_level, numbered("w"), make_spec("v", kShape, {4, 4}, DType::float32),
        make_spec("v", kShape, {2, 8}, DType::int32)}) {
    const auto writer = create_file(path, run_options("id"));
    const std::size_t v = writer->add(spec);
    EXPECT_FALSE(writer->is_committed(v, 0));
  }
  const auto writer = create_file(path, run_options("id"));
  EXPECT_TRUE(writer->is_committed(writer->add(numbered()), 0));
}

TEST(NetCdf4Commit, TwoRunsDoNotWriteOneFileButWriteGroupsOfIt) {
  const ScratchFolder folder;
  const std::string path = folder / "out.nc";
  const VariableSpec spec = numbered();
  const auto first = create_file(path, run_options("a", false, "1980"));
  expect_refused(Errc::unavailable, "another run",
                 [&] { create_file(path, run_options("b", false, "1980")); });
  const auto second = create_file(path, run_options("b", false, "1981"));
  for (const auto* writer : {&first, &second})
    write_all_numbered(**writer, (*writer)->add(spec), spec);
  second->finish();
  first->finish();
  EXPECT_EQ(open_file(path)->groups(), (std::vector<std::string>{"1981", "1980"}));
  for (const char* group : {"1980", "1981"})
    EXPECT_EQ(count_wrong_cells(read_whole(*open_file(path, group), 0).view(), kShape), 0);
}

TEST(NetCdf4Commit, AFileThatCameInTheMeantimeIsNotReplaced) {
  const ScratchFolder folder;
  const std::string path = folder / "out.nc";
  const auto writer = create_file(path, run_options("a"));
  const VariableSpec spec = numbered();
  write_all_numbered(*writer, writer->add(spec), spec);
  put_text(path, "of another program");
  expect_refused(Errc::invalid_argument, "exists", [&] { writer->finish(); });
  EXPECT_EQ(file_text(path), "of another program");
}

TEST(NetCdf4Commit, AFullDiskIsAnErrorThatLeavesTheOldFile) {
  const ScratchFolder folder;
  const std::string mount = folder / "small";
  fs::create_directories(mount);
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, "size=600k") != 0) {
    GTEST_SKIP() << "a small file system cannot be mounted here (needs root)";
  }
  const std::string path = mount + "/out.nc";
  write_constant(path, 1, "one");
  for (const std::int64_t n : {1000, 400}) {  // full in the journal; full in the draft
    const VariableSpec spec = make_spec("big", {n, 100}, {50, 100}, DType::float64, "none");
    const Error e = error_of([&] { write_group(path, run_options("", true), spec); });
    EXPECT_EQ(e.code(), Errc::unavailable) << e.what();
    EXPECT_EQ(value_of(path), 1);
    EXPECT_EQ(tree_of(mount).size(), 1u);
  }
  ::umount(mount.c_str());
}

TEST(NetCdf4Commit, ADiskTooFullForACopyOfTheOldFileIsUnavailable) {
  const ScratchFolder folder;
  const std::string mount = folder / "small";
  fs::create_directories(mount);
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, "size=600k") != 0) {
    GTEST_SKIP() << "a small file system cannot be mounted here (needs root)";
  }
  const std::string path = mount + "/out.nc";
  const VariableSpec big = make_spec("big", {450, 100}, {50, 100}, DType::float64, "none");
  const std::string other = folder / "other.nc";
  write_group(other, run_options("", false, "1980"), big);
  fs::copy_file(other, path);
  const Error e = error_of([&] { write_group(path, run_options("", false, "1981"), numbered()); });
  EXPECT_EQ(e.code(), Errc::unavailable) << e.what();
  EXPECT_NE(e.message().find("disk full"), std::string::npos) << e.what();
  EXPECT_EQ(file_text(path), file_text(other));
  EXPECT_EQ(tree_of(mount).size(), 1u);
  ::umount(mount.c_str());
}

TEST(ChunkJournal, RecordsUpToATornEndAreFound) {
  const ScratchFolder folder;
  const std::string path = folder / "chunks";
  std::vector<std::size_t> ends;
  {
    ChunkJournal journal(path);
    for (int i = 0; i < 5; ++i) {
      journal.append({77, i}, Bytes(static_cast<std::size_t>(i * 9), std::byte(i)));
      ends.push_back(fs::file_size(path));
    }
  }
  const std::string whole = file_text(path);
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    put_text(path, whole.substr(0, n));
    std::size_t n_whole = 0;
    while (n_whole < ends.size() && ends[n_whole] <= n) ++n_whole;
    ChunkJournal journal(path);
    ASSERT_EQ(journal.found().size(), n_whole) << n;
    const auto record = journal.append({77, 9}, Bytes(4, std::byte{1}));
    Buffer buffer;
    ASSERT_EQ(journal.read(record, buffer).size(), 4u);
    ASSERT_EQ(ChunkJournal(path).found().size(), n_whole + 1) << n;
  }
}

TEST(ChunkJournal, AFlippedBitIsNeverTakenForAChunk) {
  const ScratchFolder folder;
  const std::string path = folder / "chunks";
  const Bytes body(30, std::byte{5});
  {
    ChunkJournal journal(path);
    for (int i = 0; i < 3; ++i) journal.append({77, i}, body);
  }
  const std::string whole = file_text(path);
  Buffer buffer;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << at % 8);
    put_text(path, damaged);
    const ChunkJournal journal(path);
    EXPECT_LT(journal.found().size(), 3u) << at;
    for (const auto& [key, record] : journal.found()) {
      const auto read = journal.read(record, buffer);
      EXPECT_TRUE(std::equal(read.begin(), read.end(), body.begin(), body.end()));
    }
  }
}

TEST(ChunkJournal, TheLastOfTwoRecordsCountsAndAnotherSignatureIsAnotherVariable) {
  const ScratchFolder folder;
  const std::string path = folder / "chunks";
  {
    ChunkJournal journal(path);
    for (const int n : {3, 4, 5}) journal.append({77, 0}, Bytes(static_cast<std::size_t>(n)));
    journal.append({78, 0}, Bytes(6));
  }
  const ChunkJournal journal(path);
  ASSERT_EQ(journal.found().size(), 2u);
  EXPECT_EQ(journal.found().at({77, 0}).n_bytes, 5);
  EXPECT_EQ(journal.found().at({78, 0}).n_bytes, 6);
}

}  // namespace
}  // namespace rastream
