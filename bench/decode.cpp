// SPDX-License-Identifier: Apache-2.0
// How fast stored chunks become cells: bench_decode FILE VARIABLE [THREADS [REPEATS]]. Every thread
// takes the next chunk and decodes it into memory that it uses again. Prints one JSON line a
// repeat; files should be in the page cache.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <exception>
#include <thread>
#include <vector>

#include "rastream/format/hdf5/hdf5_file.h"

namespace rastream {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Decodes chunks until there are none left; returns a sum of bytes, so that no work is for
/// nothing.
std::uint64_t decode_chunks(const DatasetFile& file, std::size_t variable,
                            std::atomic<std::int64_t>& next) {
  const Schema& schema = file.variables()[variable].schema;
  const OwnedBlock buffer(Region::whole(schema.chunks.max_chunk_shape()), schema.dtype);
  const std::int64_t n_chunks = schema.chunks.n_chunks();
  std::uint64_t sum = 0;
  for (std::int64_t i = next++; i < n_chunks; i = next++) {
    const Block block =
        dense_block(schema.chunks.chunk_region(i), schema.dtype, buffer.view().data);
    file.read(variable, block);
    sum += static_cast<std::uint64_t>(block.data[0]);
  }
  return sum;
}

void measure(const DatasetFile& file, std::size_t variable, int n_threads) {
  const ReadStatistics before = file.statistics();
  const auto start = Clock::now();
  const std::clock_t cpu_start = std::clock();
  std::atomic<std::int64_t> next = 0;
  std::atomic<std::uint64_t> sum = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < n_threads; ++i) {
    threads.emplace_back([&] { sum += decode_chunks(file, variable, next); });
  }
  threads.clear();
  const double time_s = seconds_since(start);
  const double cpu_s = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
  const ReadStatistics after = file.statistics();
  const auto decoded = static_cast<double>(after.decoded_bytes - before.decoded_bytes);
  fmt::print(
      "{{\"bench\": \"decode\", \"threads\": {}, \"n_chunks\": {}, \"time_s\": {:.4f}, "
      "\"decoded_gb_s\": {:.3f}, "
      "\"cpu_s\": {:.4f}, \"decoded_gb_per_cpu_s\": {:.3f}, \"stored_bytes\": {}, \"byte_sum\": "
      "{}}}\n",
      n_threads, after.n_chunks - before.n_chunks, time_s, decoded / time_s / 1e9, cpu_s,
      decoded / cpu_s / 1e9, after.stored_bytes - before.stored_bytes, sum.load());
}

void run(const std::string& path, const std::string& name, int n_threads, int n_repeats) {
  auto start = Clock::now();
  const auto file = netcdf4_format().open(path, "");
  const double open_s = seconds_since(start);
  const std::size_t variable = file->find_variable(name);
  const Schema& schema = file->variables()[variable].schema;
  start = Clock::now();
  const auto stored = file->stored_bytes(variable, schema.whole());
  fmt::print(
      "{{\"bench\": \"index\", \"n_chunks\": {}, \"open_ms\": {:.2f}, \"index_ms\": {:.2f}, "
      "\"stored_bytes\": {}}}\n",
      schema.chunks.n_chunks(), open_s * 1e3, seconds_since(start) * 1e3, stored.value_or(-1));
  for (int i = 0; i < n_repeats; ++i) measure(*file, variable, n_threads);
}

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_decode FILE VARIABLE [THREADS [REPEATS]]\n");
    return 2;
  }
  try {
    rastream::run(argv[1], argv[2], argc > 3 ? std::stoi(argv[3]) : 1,
                  argc > 4 ? std::stoi(argv[4]) : 3);
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_decode: {}\n", e.what());
    return 1;
  }
}
