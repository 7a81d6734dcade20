// SPDX-License-Identifier: Apache-2.0
// What writing a cloud-optimized GeoTIFF costs: copies the raster of a file into one.
//
//   bench_cog_write IN OUT THREADS [CODEC [LEVEL]]
//
// A 16-bit test scene is made instead with: bench_cog_write --make OUT SIDE. One JSON line.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <string>
#include <thread>

#include "rastream/base/process_usage.h"
#include "rastream/format/format.h"

using namespace rastream;

namespace {

/// Hills with a little noise, as reflectances have: compresses to about half.
std::uint16_t scene(std::int64_t y, std::int64_t x) {
  const auto hash = static_cast<std::uint64_t>(y * 100003 + x) * 0x9E3779B97F4A7C15U;
  const double hills =
      std::sin(static_cast<double>(y) / 97) * std::cos(static_cast<double>(x) / 61);
  return static_cast<std::uint16_t>(1800 + 900 * hills + static_cast<double>(hash >> 58));
}

void make(const std::string& path, std::int64_t side) {
  VariableSpec spec;
  spec.name = "scene";
  spec.schema = make_schema({"y", "x"}, {side, side}, DType::uint16,
                            ChunkGrid::regular({side, side}, {512, side}));
  spec.compressor = "none";
  CreateOptions options;
  options.overwrite = true;
  const auto writer = create_file(path, options);
  const std::size_t v = writer->add(spec);
  for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c) {
    OwnedBlock block(spec.schema.chunks.chunk_region(c), DType::uint16);
    auto* to = block.view().as<std::uint16_t>();
    for_each_index(block.view().region, [&](const Extents& i) { *to++ = scene(i[0], i[1]); });
    writer->write(v, block.view());
  }
  writer->finish();
}

void copy(const std::string& from, const std::string& to, int n_threads, const std::string& codec,
          int level) {
  const auto file = open_file(from);
  VariableSpec spec;
  const VariableInfo& source = file->variables()[0];
  spec.name = source.name;
  spec.schema = source.schema;
  spec.attributes = source.attributes;
  spec.compressor = codec;
  spec.level = level;
  CreateOptions options;
  options.overwrite = true;
  options.cloud_optimized = true;
  const auto writer = create_file(to, options);
  const std::size_t v = writer->add(spec);
  std::atomic<std::int64_t> next{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < n_threads; ++t) {
    threads.emplace_back([&] {
      for (std::int64_t c = next++; c < spec.schema.chunks.n_chunks(); c = next++) {
        OwnedBlock block(spec.schema.chunks.chunk_region(c), spec.schema.dtype);
        file->read(0, block.view());
        writer->write(v, block.view());
      }
    });
  }
  for (std::thread& t : threads) t.join();
  writer->finish();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "--make") {
    make(arguments[1], std::stoll(arguments[2]));
    return 0;
  }
  if (arguments.size() < 3) return 2;
  const auto begin = std::chrono::steady_clock::now();
  copy(arguments[0], arguments[1], std::stoi(arguments[2]),
       arguments.size() > 3 ? arguments[3] : "",
       arguments.size() > 4 ? std::stoi(arguments[4]) : -1);
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print(R"({{"bench": "cog_write", "threads": {}, "wall_s": {:.3f}, "cpu_s": {:.3f}}})"
             "\n",
             arguments[2], wall, cpu_seconds());
}
