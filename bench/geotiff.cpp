// SPDX-License-Identifier: Apache-2.0
// How fast a whole GeoTIFF becomes an array: bench_geotiff FILE [THREADS [REPEATS [gdal]]]. Every
// thread takes the next chunk and reads it into its place in one new array. With "gdal", GDAL's own
// threads do it instead. Prints one JSON line a repeat; files should be in the page cache.
#include "rastream/format/geotiff/geotiff.h"

#include <fmt/format.h>
#include <gdal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rastream/format/geotiff/gdal.h"

namespace rastream {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::int64_t read_ours(const std::string& path, int n_threads, std::byte*& cells,
                       std::unique_ptr<Buffer>& memory) {
  const auto file = geotiff::open(path, "");
  const Schema& schema = file->variables()[0].schema;
  const auto n_bytes = static_cast<std::int64_t>(schema.size_bytes());
  memory = std::make_unique<Buffer>(static_cast<std::size_t>(n_bytes));
  const Block whole = dense_block(schema.whole(), schema.dtype, memory->data());
  std::atomic<std::int64_t> next = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < n_threads; ++t) {
    threads.emplace_back([&] {
      for (std::int64_t i = next++; i < schema.chunks.n_chunks(); i = next++)
        file->read(0, whole.sub(schema.chunks.chunk_region(i)));
    });
  }
  threads.clear();
  cells = memory->data();
  return n_bytes;
}

std::int64_t read_by_gdal(const std::string& path, int n_threads, std::byte*& cells,
                          std::unique_ptr<Buffer>& memory) {
  geotiff::register_drivers();
  const std::string option = fmt::format("NUM_THREADS={}", n_threads);
  const std::array<const char*, 2> options = {option.c_str(), nullptr};
  const geotiff::Dataset dataset(
      GDALOpenEx(path.c_str(), GDAL_OF_RASTER, nullptr, options.data(), nullptr));
  const int width = GDALGetRasterXSize(dataset.get());
  const int height = GDALGetRasterYSize(dataset.get());
  const int bands = GDALGetRasterCount(dataset.get());
  const GDALDataType type = GDALGetRasterDataType(GDALGetRasterBand(dataset.get(), 1));
  const std::int64_t n_bytes =
      std::int64_t{width} * height * bands * GDALGetDataTypeSizeBytes(type);
  memory = std::make_unique<Buffer>(static_cast<std::size_t>(n_bytes));
  cells = memory->data();
  if (GDALDatasetRasterIO(dataset.get(), GF_Read, 0, 0, width, height, cells, width, height, type,
                          bands, nullptr, 0, 0, 0) != CE_None)
    throw Error(Errc::data_loss, "GDAL cannot read '{}'", path);
  return n_bytes;
}

void measure(const std::string& path, int n_threads, bool is_gdal) {
  const auto start = Clock::now();
  const std::clock_t cpu_start = std::clock();
  std::byte* cells = nullptr;
  std::unique_ptr<Buffer> memory;
  const std::int64_t n_bytes = is_gdal ? read_by_gdal(path, n_threads, cells, memory)
                                       : read_ours(path, n_threads, cells, memory);
  const double time_s = seconds_since(start);
  const double cpu_s = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < n_bytes; i += 4093) sum += std::to_integer<std::uint64_t>(cells[i]);
  fmt::print(
      "{{\"reader\": \"{}\", \"threads\": {}, \"time_s\": {:.4f}, \"cpu_s\": {:.4f}, \"gb_per_s\": "
      "{:.3f}, "
      "\"byte_sum\": {}}}\n",
      is_gdal ? "gdal" : "rastream", n_threads, time_s, cpu_s,
      static_cast<double>(n_bytes) / time_s / 1e9, sum);
}

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_geotiff FILE [THREADS [REPEATS [gdal]]]\n");
    return 2;
  }
  try {
    for (int i = 0; i < (argc > 3 ? std::stoi(argv[3]) : 3); ++i)
      rastream::measure(argv[1], argc > 2 ? std::stoi(argv[2]) : 1,
                        argc > 4 && std::string(argv[4]) == "gdal");
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_geotiff: {}\n", e.what());
    return 1;
  }
}
