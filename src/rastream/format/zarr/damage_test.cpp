// SPDX-License-Identifier: Apache-2.0
// Ten thousand random damages to stores that we wrote: each is reported, and no cell is ever wrong.
#include <random>

#include "rastream/format/zarr/verify.h"
#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

constexpr int kDamagesPerStore = 2500;

struct Layout {
  const char* name;
  int zarr_format;
  bool is_sharded;
  const char* compressor;
};

/// A store of two variables, one with chunks of fill values, and its files.
class DamagedStore {
 public:
  explicit DamagedStore(const Layout& layout) : layout_(layout) {
    CreateOptions options;
    options.zarr_format = layout.zarr_format;
    const auto writer = create_file(path(), options);
    for (const VariableSpec& spec : specs()) write_variable(*writer, spec);
    writer->finish();
    for (const auto& entry : fs::recursive_directory_iterator(path())) {
      if (entry.is_regular_file() && is_chunk(entry.path())) chunks_.push_back(entry.path());
    }
    std::sort(chunks_.begin(), chunks_.end());
  }

  std::string path() const { return folder_ / "a.zarr"; }
  const std::vector<fs::path>& chunks() const { return chunks_; }

  /// Cells that were read and are not those that were written; errors are counted beside.
  void read(std::int64_t& n_wrong, std::int64_t& n_errors) const {
    try {
      const auto file = open_file(path());
      for (const VariableSpec& spec : specs()) {
        const std::size_t v = file->find_variable(spec.name);
        for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c)
          read_chunk(*file, v, spec, spec.schema.chunks.chunk_region(c), n_wrong, n_errors);
      }
    } catch (const Error&) {
      ++n_errors;
    }
  }

 private:
  static bool is_chunk(const fs::path& file) {
    const std::string name = file.filename().native();
    return name[0] != '.' && name != "zarr.json" && name != "manifest.json";
  }

  std::vector<VariableSpec> specs() const {
    std::vector<VariableSpec> specs = {
        make_spec("numbers", {6, 8}, {4, 4}, DType::int32, layout_.compressor),
        make_spec("fill", {6, 8}, {4, 4}, DType::float32, layout_.compressor)};
    for (VariableSpec& spec : specs) {
      if (layout_.is_sharded) spec.inner_chunks = {2, 4};
      spec.fill_value = -1;
    }
    return specs;
  }

  /// Of variable "fill" the first and the last chunk hold only the fill value.
  static OwnedBlock cells_of(const VariableSpec& spec, const Region& region) {
    OwnedBlock cells(region, spec.schema.dtype);
    const bool is_fill = spec.name == "fill" && (region.begin[0] == 0) == (region.begin[1] == 0);
    if (is_fill) {
      fill_cells(cells.view(), -1);
    } else {
      number_cells(cells.view(), spec.schema.shape);
    }
    return cells;
  }

  static void write_variable(DatasetWriter& writer, const VariableSpec& spec) {
    const std::size_t v = writer.add(spec);
    for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c)
      writer.write(v, cells_of(spec, spec.schema.chunks.chunk_region(c)).view());
  }

  static void read_chunk(const DatasetFile& file, std::size_t v, const VariableSpec& spec,
                         const Region& region, std::int64_t& n_wrong, std::int64_t& n_errors) {
    OwnedBlock found(region, spec.schema.dtype);
    try {
      file.read(v, found.view());
    } catch (const Error&) {
      ++n_errors;
      return;
    }
    const OwnedBlock expected = cells_of(spec, region);
    for_each_index(region, [&](const Extents& i) {
      n_wrong += cell_as_double(found.view(), i) != cell_as_double(expected.view(), i);
    });
  }

  Layout layout_;
  ScratchFolder folder_;
  std::vector<fs::path> chunks_;
};

/// One random damage to the files of a store, undone when it goes.
class Damage {
 public:
  Damage(const std::vector<fs::path>& files, std::mt19937& random) {
    const auto pick = [&](std::size_t n) {
      return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
    };
    const fs::path& file = files[pick(files.size())];
    std::string text = keep(file);
    const std::size_t kind = pick(5);
    if (kind == 4) {
      swap_with(files[pick(files.size())], file, text);
    } else if (kind == 3) {
      fs::remove(file);
    } else {
      if (kind == 0) text[pick(text.size())] ^= static_cast<char>(1 << pick(8));
      if (kind == 1) text.resize(pick(text.size()));
      if (kind == 2) text.insert(pick(text.size() + 1), 1, static_cast<char>(pick(256)));
      put_text(file, text);
    }
  }
  ~Damage() {
    for (const auto& [file, text] : kept_) put_text(file, text);
  }
  Damage(const Damage&) = delete;
  Damage& operator=(const Damage&) = delete;

  /// False when two files of equal bytes were swapped.
  bool is_real() const {
    for (const auto& [file, text] : kept_) {
      if (!fs::exists(file) || file_text(file) != text) return true;
    }
    return false;
  }

 private:
  const std::string& keep(const fs::path& file) { return kept_[file] = file_text(file); }

  void swap_with(const fs::path& other, const fs::path& file, const std::string& text) {
    put_text(file, keep(other));
    put_text(other, text);
  }

  std::map<fs::path, std::string> kept_;
};

class ZarrDamage : public ::testing::TestWithParam<Layout> {};

INSTANTIATE_TEST_SUITE_P(Stores, ZarrDamage,
                         testing::Values(Layout{"V2", 2, false, "none"},
                                         Layout{"V3", 3, false, "zstd"},
                                         Layout{"Shards", 3, true, "none"},
                                         Layout{"CompressedShards", 3, true, "zstd"}),
                         [](const auto& info) { return info.param.name; });

TEST_P(ZarrDamage, ToAChunkIsReportedByReadingAndByVerifyAndNoCellIsWrong) {
  const DamagedStore store(GetParam());
  std::mt19937 random(11);
  std::int64_t n_wrong = 0;
  int n_damages = 0;
  while (n_damages < kDamagesPerStore) {
    const Damage damage(store.chunks(), random);
    if (!damage.is_real()) continue;
    ++n_damages;
    std::int64_t n_errors = 0;
    store.read(n_wrong, n_errors);
    ASSERT_GT(n_errors, 0) << "damage " << n_damages << " was read without an error";
    ASSERT_EQ(n_wrong, 0) << "damage " << n_damages;
    if (n_damages % 10 != 0) continue;
    ASSERT_FALSE(verify_zarr(store.path(), "").problems.empty());
  }
  std::int64_t n_errors = 0;
  store.read(n_wrong, n_errors);
  EXPECT_EQ(n_errors + n_wrong, 0) << "every damage was undone";
}

TEST_P(ZarrDamage, ToItsDocumentsNeverGivesAWrongCell) {
  const DamagedStore store(GetParam());
  std::vector<fs::path> documents;
  for (const auto& entry : fs::recursive_directory_iterator(store.path())) {
    const bool is_chunk = std::find(store.chunks().begin(), store.chunks().end(), entry.path()) !=
                          store.chunks().end();
    if (entry.is_regular_file() && !is_chunk) documents.push_back(entry.path());
  }
  std::mt19937 random(12);
  std::int64_t n_wrong = 0;
  std::int64_t n_errors = 0;
  for (int i = 0; i < 500; ++i) {
    const Damage damage(documents, random);
    store.read(n_wrong, n_errors);
    ASSERT_EQ(n_wrong, 0) << "damage " << i;
  }
  EXPECT_GT(n_errors, 100);
}

}  // namespace
}  // namespace rastream
