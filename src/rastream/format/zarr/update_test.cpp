// SPDX-License-Identifier: Apache-2.0
// Appending and writing regions: the cells are those of an assignment, all other files stay as they
// are, and whatever happens a reader sees the old group or the new one.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "rastream/format/zarr/manifest.h"
#include "rastream/format/zarr/staging.h"
#include "rastream/format/zarr/verify.h"
#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kNoProblems;

CreateOptions options_of(const std::string& run_id, int zarr_format = 2) {
  CreateOptions o;
  o.run_id = run_id;
  o.zarr_format = zarr_format;
  return o;
}

/// How a variable is stored.
struct Layout {
  int zarr_format;
  Extents chunk;
  Extents inner;
};

const std::vector<Layout> kLayouts = {{2, {4, 3, 5}, {}},        {2, {1, 7, 9}, {}},
                                      {2, {100, 100, 100}, {}},  {3, {3, 7, 4}, {}},
                                      {3, {4, 4, 6}, {2, 2, 3}}, {3, {6, 14, 12}, {2, 7, 3}}};

VariableSpec spec_of(const Layout& layout, const Extents& shape) {
  VariableSpec spec = make_spec("v", shape, layout.chunk, DType::int32);
  spec.inner_chunks = layout.inner;
  spec.fill_value = 7;
  return spec;
}

/// Stores value(index in the array) into the cells `piece` of variable v, whatever its chunks.
template <typename F>
void write_piece(DatasetWriter& writer, const DatasetFile& file, const Region& piece, F&& value) {
  const VariableInfo& info = file.variables()[file.find_variable("v")];
  VariableSpec spec;
  spec.name = info.name;
  spec.begin = piece.begin;
  spec.schema = make_schema(info.schema.dims, piece.shape(), info.schema.dtype,
                            update_grid(info.object_shape, piece));
  const std::size_t v = writer.add(spec);
  for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c) {
    if (writer.is_committed(v, c)) continue;
    OwnedBlock block(spec.schema.chunks.chunk_region(c), info.schema.dtype);
    for_each_index(block.view().region, [&](const Extents& i) {
      Region one{i, i};
      Extents at = i;
      for (std::size_t axis = 0; axis < i.size(); ++axis) {
        ++one.end[axis];
        at[axis] += piece.begin[axis];
      }
      fill_cells(block.view().sub(one), value(at));
    });
    writer.write(v, block.view());
  }
}

double numbered(const Extents& i) { return static_cast<double>((i[0] * 31 + i[1]) * 17 + i[2]); }

template <typename F>
void update(const std::string& path, const Region& piece, F&& value, const std::string& id = "") {
  const auto file = open_file(path);
  const auto writer = update_file(path, options_of(id));
  if (!writer->is_finished()) write_piece(*writer, *file, piece, value);
  writer->finish();
}

std::int64_t count_other_cells(const std::string& path,
                               const std::function<double(const Extents&)>& value) {
  const auto file = open_file(path);
  const OwnedBlock cells = read_whole(*file, file->find_variable("v"));
  std::int64_t n = 0;
  for_each_index(cells.view().region,
                 [&](const Extents& i) { n += cell_as_double(cells.view(), i) != value(i); });
  return n;
}

void create_numbered(const std::string& path, const Layout& layout, const Extents& shape) {
  const auto writer = create_file(path, options_of("make", layout.zarr_format));
  const VariableSpec spec = spec_of(layout, shape);
  const std::size_t v = writer->add(spec);
  const auto file_grid = spec.schema.chunks;
  for (std::int64_t c = 0; c < file_grid.n_chunks(); ++c) {
    OwnedBlock block(file_grid.chunk_region(c), DType::int32);
    for_each_index(block.view().region, [&](const Extents& i) {
      *reinterpret_cast<std::int32_t*>(block.view().at(i)) = static_cast<std::int32_t>(numbered(i));
    });
    writer->write(v, block.view());
  }
  writer->finish();
}

ino_t inode_of(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

/// Inodes of all files below a folder.
std::map<std::string, ino_t> inodes_in(const fs::path& folder) {
  std::map<std::string, ino_t> inodes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      inodes[entry.path().lexically_relative(folder).native()] = inode_of(entry.path());
  }
  return inodes;
}

TEST(ZarrAppend, PiecesOneAfterTheOtherAreTheWholeWrittenAtOnce) {
  for (const Layout& layout : kLayouts) {
    for (const std::size_t axis : {0u, 2u}) {
      const ScratchFolder folder;
      const std::string path = folder / "out.zarr";
      const Extents whole = {11, 7, 9};
      Extents shape = whole;
      shape[axis] = 3;
      create_numbered(path, layout, shape);
      for (std::int64_t n = 1; shape[axis] < whole[axis]; n *= 2) {
        Region piece{Extents(3), shape};
        piece.begin[axis] = shape[axis];
        shape[axis] = piece.end[axis] = std::min(whole[axis], shape[axis] + n);
        update(path, piece, numbered, "piece");
        ASSERT_EQ(open_file(path)->variables()[0].schema.shape, shape);
      }
      EXPECT_EQ(count_other_cells(path, numbered), 0) << to_string(layout.chunk);
      EXPECT_EQ(verify_zarr(path, "").problems, kNoProblems);
      EXPECT_FALSE(fs::exists(zarr::partial_folder(path)));
    }
  }
}

TEST(ZarrRegion, AnyBoxBecomesWhatIsAssignedAndAllElseStays) {
  std::mt19937 random(7);
  for (const Layout& layout : kLayouts) {
    const ScratchFolder folder;
    const std::string path = folder / "out.zarr";
    const Extents shape = {11, 7, 9};
    create_numbered(path, layout, shape);
    std::map<std::vector<std::int64_t>, double> assigned;
    for (int trial = 1; trial <= 6; ++trial) {
      Region box{Extents(3), Extents(3)};
      for (std::size_t i = 0; i < 3; ++i) {
        box.begin[i] = static_cast<std::int64_t>(random() % static_cast<unsigned>(shape[i]));
        box.end[i] =
            box.begin[i] + 1 +
            static_cast<std::int64_t>(random() % static_cast<unsigned>(shape[i] - box.begin[i]));
      }
      // One of them is all fill values, whose chunks are not stored.
      const double value = trial == 3 ? 7 : -trial;
      update(
          path, box, [&](const Extents&) { return value; }, "box" + std::to_string(trial));
      for_each_index(box, [&](const Extents& i) { assigned[{i[0], i[1], i[2]}] = value; });
      EXPECT_EQ(count_other_cells(path,
                                  [&](const Extents& i) {
                                    const auto it = assigned.find({i[0], i[1], i[2]});
                                    return it == assigned.end() ? numbered(i) : it->second;
                                  }),
                0)
          << to_string(box) << " of chunks " << to_string(layout.chunk);
      ASSERT_EQ(verify_zarr(path, "").problems, kNoProblems);
    }
  }
}

TEST(ZarrRegion, OnlyObjectsThatHoldAWrittenCellAreMadeAnew) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, {2, {4, 7, 9}, {}}, {11, 7, 9});
  const auto before = inodes_in(path);
  update(path, {{5, 0, 0}, {6, 7, 9}}, numbered);
  std::vector<std::string> made;
  for (const auto& [name, inode] : inodes_in(path)) {
    const auto old = before.find(name);
    ASSERT_NE(old, before.end()) << name;
    if (old->second != inode) made.push_back(name);
  }
  EXPECT_EQ(made, (std::vector<std::string>{".rastream/manifest.json", ".zmetadata", "v/1.0.0"}));
}

TEST(ZarrAppend, ChunksThatAreOfFillValuesNowAreNotStoredAnyMore) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, {2, {4, 7, 9}, {}}, {8, 7, 9});
  update(path, {{4, 0, 0}, {12, 7, 9}}, [](const Extents&) { return 7; });
  EXPECT_TRUE(fs::exists(path + "/v/0.0.0"));
  EXPECT_FALSE(fs::exists(path + "/v/1.0.0"));
  EXPECT_FALSE(fs::exists(path + "/v/2.0.0"));
  EXPECT_EQ(count_other_cells(path, [](const Extents& i) { return i[0] < 4 ? numbered(i) : 7; }),
            0);
}

TEST(ZarrUpdate, NothingChangesBeforeFinish) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, kLayouts[0], {8, 7, 9});
  const auto before = tree_of(path);
  {
    const auto file = open_file(path);
    const auto writer = update_file(path, options_of("a"));
    write_piece(*writer, *file, {{8, 0, 0}, {9, 7, 9}}, numbered);
    EXPECT_EQ(tree_of(path), before);
  }
  EXPECT_EQ(tree_of(path), before);
  EXPECT_EQ(error_of([&] {
              const auto writer = update_file(path, options_of("b"));
              const auto file = open_file(path);
              VariableSpec spec = make_spec("v", {1, 7, 9}, {1, 7, 9}, DType::int32);
              spec.begin = {8, 0, 0};
              writer->add(spec);
              writer->finish();
            }).code(),
            Errc::internal)
      << "a chunk is missing";
  EXPECT_EQ(tree_of(path), before);
}

TEST(ZarrUpdate, ARunThatDiedGoesOnWithTheChunksThatAreMissing) {
  for (const Layout& layout : kLayouts) {
    const ScratchFolder folder;
    const std::string path = folder / "out.zarr";
    const std::string whole = folder / "whole.zarr";
    for (const std::string& p : {path, whole}) create_numbered(p, layout, {5, 7, 9});
    const Region piece{{5, 0, 0}, {11, 7, 9}};
    update(whole, piece, numbered, "id");
    int n_before = 0;
    for (const int n_cells_allowed : {50, 200, 350, 100000}) {
      int n = 0;
      if (::fork() == 0) {
        const auto file = open_file(path);
        const auto writer = update_file(path, options_of("id"));
        write_piece(*writer, *file, piece, [&](const Extents& i) {
          if (++n > n_cells_allowed) ::_exit(0);
          return numbered(i);
        });
        ::_exit(0);
      }
      ::wait(nullptr);
      EXPECT_EQ(open_file(path)->variables()[0].schema.shape, (Extents{5, 7, 9}));
      EXPECT_GE(n_before, 0);
    }
    const auto file = open_file(path);
    const auto writer = update_file(path, options_of("id"));
    write_piece(*writer, *file, piece, [](const Extents&) -> double {
      ADD_FAILURE() << "all chunks were stored by the runs before";
      return 0;
    });
    writer->finish();
    auto made = tree_of(path);
    auto expected = tree_of(whole);
    made.erase(".rastream/manifest.json");  // it names the files that were there before
    expected.erase(".rastream/manifest.json");
    EXPECT_EQ(made, expected);
    EXPECT_EQ(verify_zarr(path, "").problems, kNoProblems);
  }
}

TEST(ZarrUpdate, ARunKilledAtAnyMomentLeavesOldOrNewAndCanBeResumed) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, {2, {2, 7, 3}, {}}, {4, 7, 9});
  const auto begun = std::chrono::steady_clock::now();
  update(path, {{4, 0, 0}, {8, 7, 9}}, numbered, "warm up");
  const auto duration = std::chrono::steady_clock::now() - begun;
  std::int64_t length = 8;
  for (int trial = 1; trial <= 30; ++trial) {
    const Region piece{{length, 0, 0}, {length + 4, 7, 9}};
    const std::string id = "run" + std::to_string(trial);
    const pid_t child = ::fork();
    if (child == 0) {
      update(path, piece, numbered, id);
      ::_exit(0);
    }
    std::this_thread::sleep_for(duration * trial / 25);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::int64_t seen = open_file(path)->variables()[0].schema.shape[0];
    ASSERT_TRUE(seen == length || seen == length + 4) << seen;
    ASSERT_EQ(count_other_cells(path, numbered), 0);
    // A run that was killed after its exchange is recognised, so that nothing is appended twice.
    const auto writer = update_file(path, options_of(id));
    if (!writer->is_finished() && seen == length)
      write_piece(*writer, *open_file(path), piece, numbered);
    if (writer->is_finished() || seen == length) writer->finish();
    length = open_file(path)->variables()[0].schema.shape[0];
    ASSERT_EQ(length, piece.end[0]);
    ASSERT_EQ(count_other_cells(path, numbered), 0);
    ASSERT_EQ(verify_zarr(path, "").problems.size(),
              fs::exists(zarr::partial_folder(path)) ? 1u : 0u);
  }
}

TEST(ZarrUpdate, ADeathBetweenTheExchangeAndTidyingUpIsFinishedByTheNextRun) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, kLayouts[0], {4, 7, 9});
  update(path, {{4, 0, 0}, {5, 7, 9}}, numbered, "one");
  const fs::path partial = zarr::partial_folder(path);
  const std::string manifest = file_text(path + "/.rastream/manifest.json");
  put_text(partial / "run", "one on the files of then");
  put_text(partial / "commit", std::to_string(zarr::checksum(std::string_view(manifest))));
  put_text(partial / "data/v/0.0.0", "the old group");
  EXPECT_FALSE(zarr::committed_run(path + "/v").has_value());
  const auto writer = update_file(path, options_of("one"));
  EXPECT_TRUE(writer->is_finished());
  writer->finish();
  EXPECT_FALSE(fs::exists(partial));
  EXPECT_EQ(open_file(path)->variables()[0].schema.shape[0], 5);
}

TEST(ZarrUpdate, StagedDataOfOtherFilesAreNotTakenOver) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, {2, {4, 7, 9}, {}}, {6, 7, 9});
  const Region piece{{6, 0, 0}, {7, 7, 9}};
  {
    const auto file = open_file(path);
    write_piece(*update_file(path, options_of("id")), *file, piece, numbered);
  }
  // The half chunk was merged with cells that are others now.
  const std::string partial = zarr::partial_folder(path);
  fs::rename(partial, folder / "kept");
  update(path, {{4, 0, 0}, {5, 7, 9}}, [](const Extents&) { return 1; });
  fs::rename(folder / "kept", partial);
  update(path, piece, numbered, "id");
  EXPECT_EQ(count_other_cells(path, [](const Extents& i) { return i[0] == 4 ? 1 : numbered(i); }),
            0);
}

TEST(ZarrUpdate, AChangeByAnotherProgramInTheMeantimeIsReportedAndKept) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, kLayouts[0], {8, 7, 9});
  const auto file = open_file(path);
  const auto writer = update_file(path, options_of("id"));
  write_piece(*writer, *file, {{8, 0, 0}, {9, 7, 9}}, numbered);
  put_text(path + "/v/.zattrs", "{\"_ARRAY_DIMENSIONS\": [\"a\", \"b\", \"c\"], \"new\": 1}");
  const auto before = tree_of(path);
  const Error e = error_of([&] { writer->finish(); });
  EXPECT_EQ(e.code(), Errc::unavailable) << e.what();
  EXPECT_EQ(tree_of(path), before);
}

TEST(ZarrUpdate, ADamagedChunkThatWouldBeMergedIsReported) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, {2, {4, 7, 9}, {}}, {6, 7, 9});
  std::string chunk = file_text(path + "/v/1.0.0");
  chunk[chunk.size() / 2] ^= 1;
  put_text(path + "/v/1.0.0", chunk);
  const auto before = tree_of(path);
  const Error e = error_of([&] { update(path, {{6, 0, 0}, {7, 7, 9}}, numbered); });
  EXPECT_EQ(e.code(), Errc::data_loss) << e.what();
  EXPECT_NE(std::string(e.what()).find("1.0.0"), std::string::npos) << e.what();
  EXPECT_EQ(tree_of(path), before);
  fs::remove(path + "/v/1.0.0");
  EXPECT_EQ(error_of([&] {
              update(path, {{6, 0, 0}, {7, 7, 9}}, numbered);
            }).code(),
            Errc::data_loss)
      << "a lost chunk is no fill";
}

TEST(ZarrUpdate, DamageElsewhereIsCarriedOverAndStillReported) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, {2, {4, 7, 9}, {}}, {8, 7, 9});
  fs::remove(path + "/v/0.0.0");
  update(path, {{8, 0, 0}, {9, 7, 9}}, numbered);
  const auto problems = verify_zarr(path, "").problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("v/0.0.0"), std::string::npos);
}

TEST(ZarrUpdate, WhatDoesNotFitIsRefusedBeforeAnyWork) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, kLayouts[0], {8, 7, 9});
  const auto before = tree_of(path);
  const auto code_of = [&](VariableSpec spec) {
    return error_of([&] { update_file(path, options_of("x"))->add(spec); }).code();
  };
  VariableSpec spec = make_spec("v", {1, 7, 9}, {1, 7, 9}, DType::float32);
  EXPECT_EQ(code_of(spec), Errc::invalid_argument) << "another dtype";
  spec = make_spec("v", {1, 7}, {1, 7}, DType::int32);
  EXPECT_EQ(code_of(spec), Errc::invalid_argument) << "another rank";
  spec = make_spec("w", {1, 7, 9}, {1, 7, 9}, DType::int32);
  EXPECT_EQ(code_of(spec), Errc::not_found);
  spec = make_spec("v", {1, 7, 9}, {1, 7, 9}, DType::int32);
  spec.begin = {9, 0, 0};
  EXPECT_EQ(code_of(spec), Errc::invalid_argument) << "a gap";
  EXPECT_EQ(error_of([&] { update_file(folder / "none.zarr", {}); }).code(), Errc::not_found);
  CreateOptions group;
  group.group = "sub";
  EXPECT_EQ(error_of([&] { update_file(path, group); }).code(), Errc::not_found);
  EXPECT_EQ(tree_of(path), before);
}

TEST(ZarrUpdate, AGroupIsChangedBesideOthersAndTheStoreIsConsolidatedAgain) {
  for (const int format : {2, 3}) {
    const ScratchFolder folder;
    const std::string path = folder / "out.zarr";
    for (const char* group : {"1980", "1981"}) {
      CreateOptions o = options_of("id", format);
      o.group = group;
      write_group(path, o, make_spec("v", {2, 3, 4}, {2, 3, 4}, DType::int32));
    }
    CreateOptions o;
    o.group = "1981";
    const auto file = open_file(path, "1981");
    const auto writer = update_file(path, o);
    write_piece(*writer, *file, {{2, 0, 0}, {5, 3, 4}}, numbered);
    writer->finish();
    const auto whole = open_file(path);
    EXPECT_EQ(whole->variables()[whole->find_variable("1980/v")].schema.shape[0], 2);
    EXPECT_EQ(whole->variables()[whole->find_variable("1981/v")].schema.shape[0], 5);
    EXPECT_EQ(verify_zarr(path, "").problems, kNoProblems);
    EXPECT_EQ(error_of([&] {
                VariableSpec spec = make_spec("1981/v", {1, 3, 4}, {1, 3, 4}, DType::int32);
                update_file(path, {})->add(spec);
              }).code(),
              Errc::unsupported)
        << "its manifest is that of the group";
  }
}

TEST(ZarrUpdate, TextGrowsAndMayBecomeLonger) {
  for (const int format : {2, 3}) {
    const ScratchFolder folder;
    const std::string path = folder / "out.zarr";
    {
      const auto writer = create_file(path, options_of("id", format));
      writer->write_strings(writer->add(make_spec("names", {2}, {2}, DType::string)), {"a", "bcd"});
      writer->finish();
    }
    const auto writer = update_file(path, {});
    VariableSpec spec = make_spec("names", {3}, {3}, DType::string);
    spec.begin = {2};
    writer->write_strings(writer->add(spec), {"é", "a longer one", ""});
    writer->finish();
    EXPECT_EQ(open_file(path)->read_strings(0),
              (std::vector<std::string>{"a", "bcd", "é", "a longer one", ""}));
    EXPECT_EQ(verify_zarr(path, "").problems, kNoProblems);
  }
}

TEST(ZarrUpdate, AStoreWithoutManifestStaysPlain) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr";
  create_numbered(path, kLayouts[0], {8, 7, 9});
  fs::remove_all(path + "/.rastream");
  fs::remove(path + "/.zmetadata");
  update(path, {{8, 0, 0}, {9, 7, 9}}, numbered, "id");
  EXPECT_EQ(count_other_cells(path, numbered), 0);
  EXPECT_EQ(open_file(path)->variables()[0].schema.shape[0], 9);
  EXPECT_FALSE(fs::exists(path + "/.rastream"));
  EXPECT_FALSE(fs::exists(path + "/.zmetadata"));
}

TEST(UpdateGrid, IsTheObjectsSeenThroughAWindow) {
  const ChunkGrid grid = update_grid({4, 10}, {{6, 3}, {13, 5}});
  EXPECT_EQ(grid.n_chunks_along(), (Extents{3, 1}));
  EXPECT_EQ(grid.chunk_region(Extents{0, 0}), (Region{{0, 0}, {2, 2}}));
  EXPECT_EQ(grid.chunk_region(Extents{1, 0}), (Region{{2, 0}, {6, 2}}));
  EXPECT_EQ(grid.chunk_region(Extents{2, 0}), (Region{{6, 0}, {7, 2}}));
}

}  // namespace
}  // namespace rastream
