// SPDX-License-Identifier: Apache-2.0
// Damage to a NetCDF-4 file that we wrote is an error or changes nothing: never another cell.
#include "rastream/format/hdf5/block_checksums.h"

#include <netcdf.h>

#include <random>

#include "rastream/format/file_bytes.h"
#include "rastream/format/format_test_support.h"
#include "rastream/format/hdf5/provenance.h"
#include "rastream/format/netcdf_oracle.h"

namespace rastream {
namespace {

const Extents kShape = {40, 30};
const std::vector<std::string> kPlants = {"lilac", "arnold red", "zabelli"};

/// Variables of each layout: shuffled chunks, plain chunks, one run, text.
std::string write_file(const std::string& path, const std::string& group = "") {
  CreateOptions options;
  options.group = group;
  const auto writer = create_file(path, options);
  for (const char* compressor : {"deflate", "none"}) {
    const VariableSpec spec = make_spec(compressor, kShape, {7, 6}, DType::int16, compressor);
    write_all_numbered(*writer, writer->add(spec), spec);
  }
  const VariableSpec run = make_spec("run", {40}, {40}, DType::float32, "none");
  write_all_numbered(*writer, writer->add(run), run);
  VariableSpec plant = make_spec("plant", {3}, {3}, DType::string);
  plant.schema.dims = {"plant"};
  plant.attributes.set("long_name", "name of the clone");
  writer->write_strings(writer->add(plant), kPlants);
  writer->finish();
  return path;
}

/// Whether all is as it was written; throws what reading throws.
bool is_as_written(const std::string& path, const std::string& group = "") {
  const auto file = open_file(path, group);
  if (file->variables().size() != 4) return false;
  for (const std::size_t v : {0, 1, 2}) {
    const Schema& schema = file->variables()[v].schema;
    if (schema.shape != (v == 2 ? Extents{40} : kShape)) return false;
    if (count_wrong_cells(read_whole(*file, v).view(), schema.shape) != 0) return false;
  }
  return file->read_strings(3) == kPlants &&
         file->variables()[3].attributes.text("long_name") == "name of the clone";
}

/// True when the damage was reported.
bool is_reported(const std::string& path, const std::string& what) {
  try {
    EXPECT_TRUE(is_as_written(path)) << what;
    return false;
  } catch (const Error& e) {
    EXPECT_TRUE(e.code() == Errc::data_loss || e.code() == Errc::unsupported) << e.what();
    return true;
  }
}

TEST(BlockChecksums, EveryFlippedBitIsReported) {
  const ScratchFolder folder;
  const std::string path = write_file(folder / "f.nc");
  const std::string whole = file_text(path);
  const std::uint64_t end = BlockChecksums::read(FileBytes(path))->end();
  std::mt19937_64 random(1);
  for (int i = 0; i < 1500; ++i) {
    // Half of them where the checksums themselves lie.
    const std::size_t at =
        i % 2 == 0 ? random() % whole.size() : end + random() % (whole.size() - end);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << random() % 8);
    put_text(path, damaged);
    EXPECT_TRUE(is_reported(path, fmt::format("byte {}", at))) << at;
  }
}

TEST(BlockChecksums, TruncationsChangeNoCell) {
  const ScratchFolder folder;
  const std::string path = write_file(folder / "f.nc");
  const std::string whole = file_text(path);
  const std::uint64_t end = BlockChecksums::read(FileBytes(path))->end();
  for (std::size_t n = 0; n < end; n += 61) {
    put_text(path, whole.substr(0, n));
    EXPECT_TRUE(is_reported(path, fmt::format("{} bytes", n))) << n;
  }
  for (std::size_t n = end + 1; n < whole.size(); ++n) {
    put_text(path, whole.substr(0, n));
    EXPECT_TRUE(is_reported(path, fmt::format("{} bytes", n))) << n;
  }
  put_text(path, whole);
  EXPECT_FALSE(has_lost_checksums(path));
  put_text(path, whole.substr(0, end));
  EXPECT_TRUE(has_lost_checksums(path));
  EXPECT_TRUE(is_as_written(path)) << "every cell is there";
}

TEST(BlockChecksums, ADamagedEndIsNotTakenForAFileOfAnotherProgram) {
  const ScratchFolder folder;
  const std::string path = write_file(folder / "f.nc", "1980");
  std::string damaged = file_text(path);
  damaged[damaged.size() - 1] ^= 1;
  put_text(path, damaged);
  expect_refused(Errc::data_loss, "damaged or cut off", [&] { open_file(path, "1980"); });
  expect_refused(Errc::data_loss, "damaged or cut off", [&] { write_file(path, "1981"); });
  EXPECT_EQ(file_text(path), damaged);
}

TEST(BlockChecksums, BytesBehindAFileOfAnotherProgramAreItsOwn) {
  const ScratchFolder folder;
  const std::string path = folder / "f.nc";
  int id = 0;
  ASSERT_EQ(nc_create(path.c_str(), NC_NETCDF4, &id), NC_NOERR);
  EXPECT_EQ(nc_put_att_text(id, NC_GLOBAL, "title", 1, "t"), NC_NOERR);
  EXPECT_EQ(nc_close(id), NC_NOERR);
  put_text(path, file_text(path) + std::string(512, '\0'));
  EXPECT_EQ(open_file(path)->attributes().text("title"), "t");
  EXPECT_FALSE(has_lost_checksums(path));
}

TEST(BlockChecksums, PiecesThatChangedPlacesAreReported) {
  const ScratchFolder folder;
  const std::string path = write_file(folder / "f.nc");
  const std::string whole = file_text(path);
  const std::uint64_t end = BlockChecksums::read(FileBytes(path))->end();
  std::mt19937_64 random(2);
  int n_tried = 0;
  while (n_tried < 300) {
    const std::size_t length = 1 + random() % 200;
    const std::size_t a = random() % (end - length);
    const std::size_t b = random() % (end - length);
    std::string damaged = whole;
    damaged.replace(a, length, whole, b, length);
    if (damaged == whole) continue;
    ++n_tried;
    put_text(path, damaged);
    EXPECT_TRUE(is_reported(path, fmt::format("{} to {}", b, a)));
  }
}

TEST(BlockChecksums, EverySpanOfAFileIsCheckedAndRead) {
  const ScratchFolder folder;
  const std::string path = folder / "bytes";
  std::string text;
  for (int i = 0; i < 50000; ++i) text += static_cast<char>(i * 7 + i / 256);
  put_text(path, text);
  append_block_checksums(path, {{0, 10}, {20, 1 << 30}});
  FileBytes file(path);
  ASSERT_TRUE(check_blocks_of(file));
  EXPECT_EQ(BlockChecksums::read(file)->heads().at(1).end, text.size());
  for (const std::size_t at : {0, 1, 16383, 16384, 16385, 32768, 49152, 49999}) {
    for (const std::size_t n : {1, 2, 16383, 16384, 16385, 32768, 40000, 50000}) {
      if (at + n > text.size()) continue;
      const Bytes bytes = file.read_at(at, n);
      EXPECT_EQ(std::memcmp(bytes.data(), text.data() + at, n), 0) << at << " " << n;
    }
  }
  EXPECT_EQ(cut_block_checksums(path).size(), 2u);
  EXPECT_EQ(file_text(path), text);
  EXPECT_TRUE(cut_block_checksums(path).empty());
}

TEST(BlockChecksums, AreCutOffByALibraryThatWrites) {
  const ScratchFolder folder;
  const std::string path = write_file(folder / "f.nc");
  EXPECT_TRUE(BlockChecksums::read(FileBytes(path)).has_value());
  int id = 0;
  ASSERT_EQ(nc_open(path.c_str(), NC_WRITE, &id), NC_NOERR);
  EXPECT_EQ(nc_redef(id), NC_NOERR);
  EXPECT_EQ(nc_put_att_text(id, NC_GLOBAL, "history", 6, "edited"), NC_NOERR);
  EXPECT_EQ(nc_close(id), NC_NOERR);
  EXPECT_FALSE(BlockChecksums::read(FileBytes(path)).has_value());
  EXPECT_TRUE(is_as_written(path));
  EXPECT_EQ(open_file(path)->attributes().text("history"), "edited");
}

TEST(BlockChecksums, GroupsThatAreAddedKeepThem) {
  const ScratchFolder folder;
  const std::string path = write_file(folder / "f.nc", "1980");
  write_file(path, "1981");
  const auto checksums = BlockChecksums::read(FileBytes(path));
  ASSERT_TRUE(checksums.has_value());
  EXPECT_EQ(checksums->heads().size(), 2u);
  for (const char* group : {"1980", "1981"}) EXPECT_TRUE(is_as_written(path, group));
  std::string damaged = file_text(path);
  damaged[checksums->end() - 100] ^= 1;
  put_text(path, damaged);
  expect_refused(Errc::data_loss, "checksum", [&] { write_file(path, "1982"); });
  EXPECT_EQ(file_text(path), damaged);
}

}  // namespace
}  // namespace rastream
