// SPDX-License-Identifier: Apache-2.0
// How fast thousands of small NetCDF-4 files open: bench_open_files FILE N FOLDER. Copies FILE into
// FOLDER N times and opens all copies, keeping them open, and reads the chunk index of every
// variable: without the metadata cache, filling it, and with it. Prints one JSON line for each.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <memory>
#include <vector>

#include "rastream/format/format.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> copies_of(const std::string& path, int n, const std::string& folder) {
  fs::create_directories(folder);
  std::vector<std::string> copies;
  for (int i = 0; i < n; ++i) {
    copies.push_back(fmt::format("{}/{}.nc", folder, i));
    fs::copy_file(path, copies.back(), fs::copy_options::overwrite_existing);
    // The cache leaves out files that just changed.
    fs::last_write_time(copies.back(), fs::file_time_type::clock::now() - std::chrono::hours(1));
  }
  return copies;
}

void measure(const char* how, const std::vector<std::string>& paths) {
  const auto start = Clock::now();
  const std::clock_t cpu_start = std::clock();
  std::vector<std::shared_ptr<DatasetFile>> files;
  for (const std::string& path : paths) files.push_back(open_file(path));
  const double open_s = seconds_since(start);
  std::int64_t stored_bytes = 0;
  for (const auto& file : files) {
    for (std::size_t v = 0; v < file->variables().size(); ++v)
      stored_bytes += file->stored_bytes(v, file->variables()[v].schema.whole()).value_or(0);
  }
  const double index_s = seconds_since(start) - open_s;
  files.clear();
  fmt::print(
      "{{\"bench\": \"open_files\", \"cache\": \"{}\", \"n_files\": {}, \"open_s\": {:.3f}, "
      "\"index_s\": {:.3f}, \"close_s\": {:.3f}, \"cpu_s\": {:.3f}, \"stored_bytes\": {}}}\n",
      how, paths.size(), open_s, index_s, seconds_since(start) - open_s - index_s,
      static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC, stored_bytes);
}

void run(const std::string& path, int n, const std::string& folder) {
  const auto paths = copies_of(path, n, folder + "/files");
  const std::string cache = folder + "/cache";
  fs::remove_all(cache);
  ::unsetenv("RASTREAM_CACHE");
  measure("off", paths);
  ::setenv("RASTREAM_CACHE", cache.c_str(), 1);
  measure("filled", paths);
  measure("used", paths);
}

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: bench_open_files FILE N FOLDER\n");
    return 2;
  }
  try {
    rastream::run(argv[1], std::atoi(argv[2]), argv[3]);
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_open_files: {}\n", e.what());
    return 1;
  }
}
