// SPDX-License-Identifier: Apache-2.0
// How fast an array in memory becomes a Zarr v3 store and comes back:
// bench_zarr_io CELLS.npy FOLDER CODEC [THREADS [REPEATS]], CODEC one of zstd, blosc, sharded.
// Prints a JSON line for each writing and each reading; what was read is compared with what was
// written. Stores are removed.
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/format/format.h"

namespace rastream {
namespace {

using Clock = std::chrono::steady_clock;

const Extents kShape = {64, 2048, 2048};  // of float32: 1.07 GB
const Extents kChunk = {1, 1024, 1024};

struct Layout {
  std::string_view name;
  std::string compressor;
  int level;
  Extents object;  ///< what one file holds
  Extents inner_chunks;
};

const std::vector<Layout> kLayouts = {{"zstd", "zstd", 1, kChunk, {}},
                                      {"blosc", "blosc", 5, kChunk, {}},
                                      {"sharded", "zstd", 1, {4, 2048, 2048}, {1, 256, 256}}};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return t.tv_sec + 1e-6 * t.tv_usec; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <typename F>
void timed(std::string_view what, const Layout& layout, int n_threads, F&& f) {
  const auto start = Clock::now();
  const double cpu_start = cpu_seconds();
  f();
  const double time_s = std::chrono::duration<double>(Clock::now() - start).count();
  fmt::print(
      "{{\"what\": \"{}\", \"codec\": \"{}\", \"threads\": {}, \"time_s\": {:.4f}, \"cpu_s\": "
      "{:.4f}, "
      "\"gb_per_s\": {:.3f}}}\n",
      what, layout.name, n_threads, time_s, cpu_seconds() - cpu_start,
      static_cast<double>(product(kShape) * 4) / time_s / 1e9);
}

/// f(i) for each object, by all threads.
template <typename F>
void for_each_object(const ChunkGrid& objects, int n_threads, F&& f) {
  std::atomic<std::int64_t> next = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < n_threads; ++t) {
    threads.emplace_back([&] {
      for (std::int64_t i = next++; i < objects.n_chunks(); i = next++)
        f(objects.chunk_region(objects.chunk_index(i)));
    });
  }
}

void write(const std::string& path, const Layout& layout, int n_threads, const Block& cells) {
  CreateOptions options;
  options.zarr_format = 3;
  const auto writer = create_file(path, options);
  VariableSpec spec;
  spec.name = "a";
  spec.schema = make_schema({"time", "y", "x"}, kShape, DType::float32,
                            ChunkGrid::regular(kShape, layout.object));
  spec.compressor = layout.compressor;
  spec.level = layout.level;
  spec.inner_chunks = layout.inner_chunks;
  const std::size_t variable = writer->add(spec);
  for_each_object(spec.schema.chunks, n_threads,
                  [&](const Region& region) { writer->write(variable, cells.sub(region)); });
  writer->finish();
}

void read(const std::string& path, const Layout& layout, int n_threads, const Block& cells) {
  const auto file = open_file(path);
  for_each_object(ChunkGrid::regular(kShape, layout.object), n_threads,
                  [&](const Region& region) { file->read(0, cells.sub(region)); });
}

/// Cells after the header of a NumPy file of that shape (NEP 1).
void load(const std::string& path, Buffer& cells) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto n = static_cast<std::streamoff>(cells.size());
  if (!file || file.tellg() < n) throw Error(Errc::data_loss, "'{}' has too few cells", path);
  file.seekg(-n, std::ios::end);
  file.read(reinterpret_cast<char*>(cells.data()), n);
}

void measure(const std::string& npy, const std::string& folder, const Layout& layout, int n_threads,
             int n_repeats) {
  const std::string path = folder + "/bench_zarr_io.zarr";
  Buffer original(static_cast<std::size_t>(product(kShape)) * 4);
  load(npy, original);
  const auto block = [](const Buffer& cells) {
    return dense_block(Region::whole(kShape), DType::float32, cells.data());
  };
  Buffer back(original.size());
  std::memset(back.data(), 1, back.size());  // what its first touch costs is the machine's business
  for (int i = 0; i < n_repeats; ++i) {
    std::filesystem::remove_all(path);
    timed("write", layout, n_threads, [&] { write(path, layout, n_threads, block(original)); });
  }
  for (int i = 0; i < n_repeats; ++i)
    timed("read", layout, n_threads, [&] { read(path, layout, n_threads, block(back)); });
  if (std::memcmp(original.data(), back.data(), original.size()) != 0)
    throw Error(Errc::data_loss, "'{}': other cells came back than were written", path);
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  using namespace rastream;
  for (const Layout& layout : kLayouts) {
    if (argc < 4 || layout.name != argv[3]) continue;
    try {
      measure(argv[1], argv[2], layout, argc > 4 ? std::stoi(argv[4]) : 1,
              argc > 5 ? std::stoi(argv[5]) : 3);
      return 0;
    } catch (const std::exception& e) {
      fmt::print(stderr, "bench_zarr_io: {}\n", e.what());
      return 1;
    }
  }
  fmt::print(stderr,
             "usage: bench_zarr_io CELLS.npy FOLDER zstd|blosc|sharded [THREADS [REPEATS]]\n");
  return 2;
}
