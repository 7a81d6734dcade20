// SPDX-License-Identifier: Apache-2.0
// Writes what we read of every GeoTIFF, for tests/oracle/geotiff_check.py to compare with rasterio:
// of the files of ../shared/data and of RASTREAM_GEOTIFF_READ_ORACLE/in, to
// RASTREAM_GEOTIFF_READ_ORACLE/out.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "rastream/base/json.h"
#include "rastream/format/geotiff/geotiff.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

void write_cells(const DatasetFile& file, std::size_t variable, const fs::path& to) {
  const Schema& schema = file.variables()[variable].schema;
  const OwnedBlock cells(schema.whole(), schema.dtype);
  file.read(variable, cells.view());
  std::ofstream(to, std::ios::binary)
      .write(reinterpret_cast<const char*>(cells.view().data),
             schema.n_cells() * static_cast<std::int64_t>(item_size(schema.dtype)));
}

class Record {
 public:
  explicit Record(const fs::path& folder) : folder_(folder) {}

  /// Every variable of the file and of its overviews; or why it was refused.
  void add(const fs::path& path, const std::string& group) {
    Json entry = {{"path", fs::absolute(path).string()}, {"group", group}};
    try {
      const auto file = geotiff::open(path.string(), group);
      for (std::size_t v = 0; v < file->variables().size(); ++v) {
        const VariableInfo& info = file->variables()[v];
        const std::string name = fmt::format("{}.bin", n_cells_++);
        write_cells(*file, v, folder_ / name);
        const Extents& shape = info.schema.shape;
        entry["variables"][info.name] = {
            {"cells", name},
            {"dtype", to_string(info.schema.dtype)},
            {"shape", std::vector<std::int64_t>(shape.begin(), shape.end())},
            {"codecs", info.codecs},
            {"attributes", to_json(info.attributes)}};
      }
      for (const std::string& overview : file->groups()) add(path, overview);
    } catch (const Error& e) {
      entry["error"] = e.what();
    }
    entries_.push_back(entry);
  }

  void finish() const {
    std::ofstream(folder_ / "record.json")
        << entries_.dump(1, ' ', false, Json::error_handler_t::replace);
  }

 private:
  fs::path folder_;
  int n_cells_ = 0;
  Json entries_ = Json::array();
};

TEST(GeoTiffReadOracle, IsWritten) {
  const char* folder = std::getenv("RASTREAM_GEOTIFF_READ_ORACLE");
  if (!folder) GTEST_SKIP() << "RASTREAM_GEOTIFF_READ_ORACLE is not set";
  fs::create_directories(fs::path(folder) / "out");
  Record record(fs::path(folder) / "out");
  int n_files = 0;
  for (const fs::path& root : {fs::path("../shared/data/geotiff"), fs::path(folder) / "in"}) {
    if (!fs::exists(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file() || !geotiff::probe(entry.path().string())) continue;
      record.add(entry.path(), "");
      ++n_files;
    }
  }
  record.finish();
  EXPECT_GT(n_files, 0);
}

}  // namespace
}  // namespace rastream
