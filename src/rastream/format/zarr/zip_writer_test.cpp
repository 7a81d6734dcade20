// SPDX-License-Identifier: Apache-2.0
// Zip archives as stores: whole or not there, resumed, and of the same bytes whatever came first.
#include <sys/wait.h>
#include <unistd.h>

#include "rastream/format/zarr/staging.h"
#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

CreateOptions options_of(const std::string& run_id, int zarr_format, bool overwrite = false) {
  CreateOptions o;
  o.run_id = run_id;
  o.zarr_format = zarr_format;
  o.overwrite = overwrite;
  return o;
}

VariableSpec numbered(const std::string& name = "v") {
  return make_spec(name, {9, 8}, {2, 5}, DType::float32);
}

TEST(WrittenZip, HoldsTheStoreAndNothingElseIsLeft) {
  for (const int format : {2, 3}) {
    const ScratchFolder folder;
    const std::string path = folder / "out.zarr.zip";
    const auto writer = create_file(path, options_of("id", format));
    const VariableSpec spec = numbered();
    const std::size_t v = writer->add(spec);
    Attributes attributes;
    attributes.set("title", "a zip");
    writer->set_attributes(attributes);
    write_all_numbered(*writer, v, spec);
    EXPECT_FALSE(fs::exists(path)) << "before finish()";
    writer->finish();
    const auto file = open_file(path);
    EXPECT_EQ(file->attributes().text("title"), "a zip");
    EXPECT_EQ(count_wrong_cells(read_whole(*file, 0).view(), {9, 8}), 0);
    EXPECT_EQ(tree_of(folder / "").size(), 1u);
  }
}

TEST(WrittenZip, HasTheSameBytesInWhateverOrderChunksCame) {
  const ScratchFolder folder;
  const VariableSpec spec = numbered();
  for (const char* name : {"a.zarr.zip", "b.zarr.zip"}) {
    const auto writer = create_file(folder / name, options_of("id", 2));
    const std::size_t v = writer->add(spec);
    const std::int64_t n = spec.schema.chunks.n_chunks();
    for (std::int64_t i = 0; i < n; ++i)
      write_numbered(*writer, v, spec, name[0] == 'a' ? i : n - 1 - i);
    writer->finish();
  }
  EXPECT_EQ(file_text(folder / "a.zarr.zip"), file_text(folder / "b.zarr.zip"));
}

TEST(WrittenZip, ARunThatDiedGoesOn) {
  const ScratchFolder folder;
  const VariableSpec spec = numbered();
  write_group(folder / "whole.zarr.zip", options_of("id", 2), spec);
  const std::string path = folder / "out.zarr.zip";
  if (::fork() == 0) {
    const auto writer = create_file(path, options_of("id", 2));
    const std::size_t v = writer->add(spec);
    for (std::int64_t i = 0; i < 4; ++i) write_numbered(*writer, v, spec, i);
    ::_exit(0);
  }
  ::wait(nullptr);
  EXPECT_FALSE(fs::exists(path));
  const auto writer = create_file(path, options_of("id", 2));
  const std::size_t v = writer->add(spec);
  for (std::int64_t i = 0; i < spec.schema.chunks.n_chunks(); ++i) {
    EXPECT_EQ(writer->is_committed(v, i), i < 4);
    if (i >= 4) write_numbered(*writer, v, spec, i);
  }
  writer->finish();
  EXPECT_EQ(file_text(path), file_text(folder / "whole.zarr.zip"));
}

TEST(WrittenZip, ADeathWhilePackingOrTidyingUpIsFinishedByTheNextRun) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr.zip";
  write_group(folder / "whole.zarr.zip", options_of("id", 2), numbered());
  const std::string whole = file_text(folder / "whole.zarr.zip");
  for (const bool is_in_place : {false, true}) {
    write_group(zarr::partial_folder(path) / "store.zarr", options_of("id", 2), numbered());
    put_text(zarr::partial_folder(path) / "archive.zip", whole.substr(0, 100));
    if (is_in_place) put_text(path, whole);
    const auto writer = create_file(path, options_of("id", 2));
    EXPECT_TRUE(writer->is_committed(writer->add(numbered()), 0));
    writer->finish();
    EXPECT_EQ(file_text(path), whole);
    EXPECT_FALSE(fs::exists(zarr::partial_folder(path)));
    fs::remove(path);
  }
}

TEST(WrittenZip, AnExistingOneIsReplacedOnlyWhenAsked) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr.zip";
  write_group(path, options_of("a", 2), numbered("old"));
  const std::string before = file_text(path);
  EXPECT_EQ(error_of([&] { create_file(path, options_of("b", 2)); }).code(),
            Errc::invalid_argument);
  EXPECT_EQ(file_text(path), before);
  write_group(path, options_of("b", 2, true), numbered("new"));
  EXPECT_EQ(open_file(path)->variables().at(0).name, "new");
  EXPECT_EQ(error_of([&] { update_file(path, {}); }).code(), Errc::unsupported);
}

TEST(WrittenZip, ItsManifestFindsALostChunk) {
  const ScratchFolder folder;
  const std::string path = folder / "out.zarr.zip";
  write_group(path, options_of("a", 2), numbered());
  std::string bytes = file_text(path);
  // The entry's name, in its header and in the directory: the chunk is another one's now.
  for (std::size_t at = bytes.find("v/0.0"); at != std::string::npos; at = bytes.find("v/0.0"))
    bytes.replace(at, 5, "v/0.9");
  put_text(path, bytes);
  const auto file = open_file(path);
  EXPECT_EQ(error_of([&] { read_whole(*file, 0); }).code(), Errc::data_loss);
}

}  // namespace
}  // namespace rastream
