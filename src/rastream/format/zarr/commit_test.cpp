// SPDX-License-Identifier: Apache-2.0
// What happens when a run is killed, meets another run, or finds the disk full: never a mixture.
#include <sys/mount.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "rastream/format/commit_test_support.h"
#include "rastream/format/zarr/journal.h"
#include "rastream/format/zarr/staging.h"
#include "rastream/format/zarr/verify.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

CreateOptions group_options(const std::string& group, const std::string& run_id,
                            bool overwrite = false) {
  return run_options(run_id, overwrite, group);
}

/// Fills group 1980.
void write_constant(const std::string& path, double value, const std::string& run_id) {
  write_constant(path, value, group_options("1980", run_id, true));
}

/// The value of group 1980; 0 when there is no such group.
double value_of(const std::string& path) {
  return fs::exists(path + "/1980") ? constant_of(path, "1980") : 0;
}

TEST(ZarrCommit, NothingIsUnderTheFinalNameBeforeFinish) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  const auto writer = create_file(path, group_options("1980", "a"));
  const VariableSpec spec = numbered();
  const std::size_t v = writer->add(spec);
  write_all_numbered(*writer, v, spec);
  EXPECT_FALSE(fs::exists(path + "/1980"));
  EXPECT_FALSE(fs::exists(path + "/.zgroup"));
  EXPECT_FALSE(fs::exists(zarr::partial_folder(path + "/1980") / ".zgroup"));
  writer->finish();
  EXPECT_TRUE(fs::exists(path + "/1980/.rastream/manifest.json"));
  EXPECT_FALSE(fs::exists(zarr::partial_folder(path + "/1980")));
  EXPECT_FALSE(fs::exists(path + "/.rastream.lock"));
  EXPECT_EQ(open_file(path)->groups(), std::vector<std::string>{"1980"});
}

TEST(ZarrCommit, FinishingWithAMissingChunkIsInternal) {
  const ScratchFolder folder;
  const auto writer = create_file(folder / "out.zarr", {});
  const VariableSpec spec = numbered();
  write_numbered(*writer, writer->add(spec), spec, 0);
  const Error e = error_of([&] { writer->finish(); });
  EXPECT_EQ(e.code(), Errc::internal);
  EXPECT_NE(e.message().find("(1, 0)"), std::string::npos) << e.message();
  EXPECT_FALSE(fs::exists(folder / "out.zarr"));
}

TEST(ZarrCommit, AnExistingGroupIsRefusedBeforeAnyWork) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  write_group(path, group_options("1980", "a"), numbered());
  const auto before = tree_of(path);
  EXPECT_EQ(error_of([&] { create_file(path, group_options("1980", "b")); }).code(),
            Errc::invalid_argument);
  EXPECT_EQ(error_of([&] { create_file(path, {}); }).code(), Errc::invalid_argument)
      << "the root exists too";
  CreateOptions v3 = group_options("1981", "c");
  v3.zarr_format = 3;
  EXPECT_EQ(error_of([&] { create_file(path, v3); }).code(), Errc::invalid_argument)
      << "mixed versions";
  EXPECT_EQ(error_of([&] { create_file(path, group_options("1980/v", "d")); }).code(),
            Errc::invalid_argument);
  EXPECT_EQ(error_of([&] { create_file(path, group_options("../x", "d")); }).code(),
            Errc::invalid_argument);
  EXPECT_EQ(tree_of(path), before);
}

TEST(ZarrCommit, OverwritingReplacesOnlyInFinish) {
  const ScratchFolder folder;
  for (const std::string& group : {std::string("1980"), std::string()}) {
    const std::string path = folder / ("out" + group + ".zarr");
    write_group(path, group_options(group, "old"), numbered("old"));
    const auto writer = create_file(path, group_options(group, "new", true));
    const VariableSpec spec = numbered("new");
    const std::size_t v = writer->add(spec);
    write_all_numbered(*writer, v, spec);
    EXPECT_EQ(count_wrong_cells(read_whole(*open_file(path, group), 0).view(), kShape), 0);
    EXPECT_EQ(open_file(path, group)->variables().at(0).name, "old");
    writer->finish();
    EXPECT_EQ(open_file(path, group)->variables().size(), 1u);
    EXPECT_EQ(open_file(path, group)->variables().at(0).name, "new");
    EXPECT_EQ(verify_zarr(path, "").problems, std::vector<std::string>{});
  }
}

TEST(ZarrCommit, ARunThatDiedIsResumedToTheSameBytes) {
  const ScratchFolder folder;
  const VariableSpec spec = numbered();
  write_group(folder / "whole.zarr", group_options("1980", "id"), spec);
  const std::string path = folder / "killed.zarr";
  const pid_t child = start([&] {
    auto writer = create_file(path, group_options("1980", "id"));
    const std::size_t v = writer->add(spec);
    for (std::int64_t i = 0; i < 5; ++i) write_numbered(*writer, v, spec, i);
    ::_exit(0);
  });
  ::waitpid(child, nullptr, 0);
  const auto writer = create_file(path, group_options("1980", "id"));
  const std::size_t v = writer->add(spec);
  for (std::int64_t i = 0; i < 8; ++i) {
    EXPECT_EQ(writer->is_committed(v, i), i < 5) << i;
    if (!writer->is_committed(v, i)) write_numbered(*writer, v, spec, i);
  }
  writer->finish();
  EXPECT_EQ(tree_of(path), tree_of(folder / "whole.zarr"));
}

TEST(ZarrCommit, StagingDataOfOtherWorkIsRemoved) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  const VariableSpec spec = numbered();
  for (const char* id : {"first", "second", ""}) {
    const auto writer = create_file(path, group_options("1980", id));
    const std::size_t v = writer->add(spec);
    EXPECT_FALSE(writer->is_committed(v, 3)) << id;
    write_numbered(*writer, v, spec, 3);
    EXPECT_TRUE(writer->is_committed(v, 3));
  }
  const auto writer = create_file(path, group_options("1980", ""));
  EXPECT_FALSE(writer->is_committed(writer->add(spec), 3))
      << "without an id there is nothing to resume";
}

TEST(ZarrCommit, AChunkOfAnotherShapeIsNotTakenOver) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  {
    const VariableSpec spec = numbered();
    const auto writer = create_file(path, group_options("1980", "id"));
    write_all_numbered(*writer, writer->add(spec), spec);
  }
  const VariableSpec spec = make_spec("v", kShape, {4, 4}, DType::float32);
  const auto writer = create_file(path, group_options("1980", "id"));
  const std::size_t v = writer->add(spec);
  for (std::int64_t i = 0; i < 8; ++i) EXPECT_FALSE(writer->is_committed(v, i));
}

TEST(ZarrCommit, AChunkThatIsGoneOrShortIsNotTakenOver) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  const VariableSpec spec = numbered();
  {
    const auto writer = create_file(path, group_options("1980", "id"));
    write_all_numbered(*writer, writer->add(spec), spec);
  }
  const fs::path data = zarr::partial_folder(path + "/1980") / "data/v";
  fs::remove(data / "2.0");
  put_text(data / "4.0", "short");
  const auto writer = create_file(path, group_options("1980", "id"));
  const std::size_t v = writer->add(spec);
  for (std::int64_t i = 0; i < 8; ++i) EXPECT_EQ(writer->is_committed(v, i), i != 2 && i != 4) << i;
}

TEST(ZarrCommit, TwoLiveRunsOfOtherWorkDoNotShareATarget) {
  const ScratchFolder folder;
  const auto first = create_file(folder / "out.zarr", group_options("1980", "a"));
  EXPECT_EQ(error_of([&] { create_file(folder / "out.zarr", group_options("1980", "b")); }).code(),
            Errc::unavailable);
  EXPECT_NO_THROW(create_file(folder / "out.zarr", group_options("1981", "b")));
}

TEST(ZarrCommit, TwinsOfOneRunShareTheWorkAndBothFinish) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  const VariableSpec spec = numbered();
  const auto first = create_file(path, group_options("1980", "id"));
  const auto second = create_file(path, group_options("1980", "id"));
  const std::size_t a = first->add(spec);
  const std::size_t b = second->add(spec);
  for (std::int64_t i = 0; i < 8; ++i)
    write_numbered(i % 2 ? *first : *second, i % 2 ? a : b, spec, i);
  first->finish();
  write_numbered(*second, b, spec, 0);
  second->finish();
  EXPECT_EQ(count_wrong_cells(read_whole(*open_file(path, "1980"), 0).view(), kShape), 0);
  EXPECT_EQ(verify_zarr(path, "").problems, std::vector<std::string>{});
}

TEST(ZarrCommit, GroupsOfRunsAtTheSameTimeAreAllConsolidated) {
  for (const int format : {2, 3}) {
    const ScratchFolder folder;
    const std::string path = folder / "out.zarr";
    std::vector<pid_t> children;
    for (int year = 1980; year < 1988; ++year) {
      children.push_back(start([&] {
        CreateOptions o = group_options(std::to_string(year), "id" + std::to_string(year));
        o.zarr_format = format;
        write_group(path, o, numbered());
      }));
    }
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      EXPECT_EQ(status, 0);
    }
    const std::string consolidated = file_text(path + (format == 2 ? "/.zmetadata" : "/zarr.json"));
    for (int year = 1980; year < 1988; ++year) {
      EXPECT_NE(consolidated.find(fmt::format("\"{}/v", year)), std::string::npos) << year;
    }
    EXPECT_EQ(open_file(path)->variables().size(), 8u);
  }
}

TEST(ZarrCommit, ARunKilledAtAnyMomentLeavesOldOrNewAndCanBeResumed) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  const auto start_time = std::chrono::steady_clock::now();
  write_constant(path, 100, "warm up");
  const auto duration = std::chrono::steady_clock::now() - start_time;
  double old_value = 100;
  int n_new = 0;
  for (int trial = 1; trial <= 30; ++trial) {
    const double new_value = trial;
    const std::string id = "run" + std::to_string(trial);
    const pid_t child = start([&] { write_constant(path, new_value, id); });
    std::this_thread::sleep_for(duration * trial / 25);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const double seen = value_of(path);
    ASSERT_TRUE(seen == old_value || seen == new_value) << seen;
    n_new += seen == new_value;
    write_constant(path, new_value, id);
    ASSERT_EQ(value_of(path), new_value);
    ASSERT_EQ(verify_zarr(path, "").problems, std::vector<std::string>{});
    ASSERT_EQ(open_file(path)->variables().size(), 1u);
    old_value = new_value;
  }
  RecordProperty("killed_after_commit", n_new);
}

TEST(ZarrCommit, ADeathBetweenTwoRenamesLosesNeitherTheOldGroupNorTheWork) {
  for (const char* next_run : {"two", "three"}) {
    const ScratchFolder folder;
    const std::string path = folder / "out.zarr";
    write_constant(path, 1, "one");
    {
      const auto writer = create_file(path, group_options("1980", "two", true));
      write_numbered(*writer, writer->add(numbered()), numbered(), 0);
    }
    // As swap_target() leaves it where names cannot be exchanged.
    fs::rename(path + "/1980", zarr::partial_folder(path + "/1980") / "old");
    expect_refused(Errc::invalid_argument, "exists",
                   [&] { create_file(path, group_options("1980", next_run)); });
    EXPECT_EQ(value_of(path), 1);
    fs::rename(path + "/1980", zarr::partial_folder(path + "/1980") / "old");
    const auto writer = create_file(path, group_options("1980", next_run, true));
    EXPECT_EQ(value_of(path), 1);
    const std::size_t v = writer->add(numbered());
    EXPECT_EQ(writer->is_committed(v, 0), next_run == std::string("two"));
    write_all_numbered(*writer, v, numbered());
    writer->finish();
    EXPECT_EQ(count_wrong_cells(read_whole(*open_file(path, "1980"), 0).view(), kShape), 0);
  }
}

TEST(ZarrCommit, ADeathBetweenTheRenameAndTidyingUpIsFinishedByTheNextRun) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  write_constant(path, 1, "one");
  // The state right after the exchange: the new group in place, the old one in the staging folder.
  const fs::path partial = zarr::partial_folder(path + "/1980");
  const std::string manifest = file_text(path + "/1980/.rastream/manifest.json");
  put_text(partial / "run", "one");
  put_text(partial / "commit", std::to_string(zarr::checksum(std::string_view(manifest))));
  put_text(partial / "journal", "");
  put_text(partial / "data/v/0.0", "the old group");
  fs::remove(path + "/.zmetadata");
  const auto writer = create_file(path, group_options("1980", "one", false));
  const std::size_t v = writer->add(numbered());
  EXPECT_TRUE(writer->is_committed(v, 7));
  writer->finish();
  EXPECT_FALSE(fs::exists(partial));
  EXPECT_TRUE(fs::exists(path + "/.zmetadata"));
  EXPECT_EQ(value_of(path), 1);
}

TEST(ZarrCommit, RepeatingFinishedWorkRepairsADamagedGroup) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  write_constant(path, 1, "one");
  fs::remove(path + "/1980/v/3.0");
  EXPECT_EQ(error_of([&] { value_of(path); }).code(), Errc::data_loss);
  write_constant(path, 1, "one");
  EXPECT_EQ(value_of(path), 1);
}

TEST(ZarrCommit, AFullDiskIsUnavailableAndTheOldGroupStaysWhole) {
  const ScratchFolder folder;
  const std::string mount = folder / "small";
  fs::create_directories(mount);
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, "size=400k") != 0) {
    GTEST_SKIP() << "a small file system cannot be mounted here (needs root)";
  }
  const std::string path = mount + "/out.zarr";
  write_constant(path, 1, "one");
  const VariableSpec spec = make_spec("big", {1000, 100}, {50, 100}, DType::float64, "none");
  const Error e = error_of([&] { write_group(path, group_options("1981", "two"), spec); });
  EXPECT_EQ(e.code(), Errc::unavailable);
  EXPECT_NE(std::string(e.what()).find("disk full"), std::string::npos) << e.what();
  EXPECT_EQ(value_of(path), 1);
  EXPECT_FALSE(fs::exists(path + "/1981"));
  EXPECT_EQ(open_file(path)->groups(), std::vector<std::string>{"1980"});
  EXPECT_EQ(verify_zarr(path, "").problems.size(), 1u) << "the partial data of the run that failed";
  ::umount(mount.c_str());
}

TEST(Journal, TornAndDamagedLinesAreAsIfAbsent) {
  const ScratchFolder folder;
  const std::string path = folder / "journal";
  {
    zarr::Journal journal(path);
    for (int i = 0; i < 4; ++i)
      journal.append("an array", 77, std::vector{zarr::NumberedRecord{i, {100 + i, 5}}},
                     zarr::ChunkState::durable);
  }
  const std::string whole = file_text(path);
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    put_text(path, whole.substr(0, n));
    const auto n_lines = static_cast<std::size_t>(
        std::count(whole.begin(), whole.begin() + static_cast<long>(n), '\n'));
    ASSERT_EQ(zarr::read_journal(path).size(), n_lines);
    if (n % 13 != 0) continue;
    zarr::Journal(path).append("an array", 77, std::vector{zarr::NumberedRecord{9, {-1, 0}}},
                               zarr::ChunkState::written);
    const auto records = zarr::read_journal(path);
    const bool lacks_only_newline = n > 0 && n < whole.size() && whole[n] == '\n';
    ASSERT_EQ(records.size(), n_lines + 1 + lacks_only_newline)
        << "a line after a torn one is whole";
    ASSERT_EQ(records.at({"an array", 77, 9}).record.length, -1);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] ^= 1;
    put_text(path, damaged);
    for (const auto& [key, entry] : zarr::read_journal(path)) {
      ASSERT_EQ(key.array, "an array");
      ASSERT_EQ(entry.record.length, 100 + key.chunk);
    }
  }
}

}  // namespace
}  // namespace rastream
