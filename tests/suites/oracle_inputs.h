// SPDX-License-Identifier: Apache-2.0
// Stored arrays of random ranks, shapes, chunks and dtypes, with the cells at which languages
// disagree: NaN, infinities, signs of zero, the ends of each dtype. The same seed gives the same
// store.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "random_graphs.h"
#include "rastream/format/format.h"
#include "small_stores.h"

namespace rastream::oracle {

using graphs::between;
using graphs::Random;

inline const std::vector<DType> kDTypes = {
    DType::bool_,  DType::int8,   DType::int16,  DType::int32,   DType::int64,  DType::uint8,
    DType::uint16, DType::uint32, DType::uint64, DType::float32, DType::float64};

template <typename T>
const T& one_of(Random& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

/// What cells are like: `plain` ones are small, with some NaN; `ties` are few different ones;
/// `extreme` ones are often at the ends of the dtype.
enum class Flavour { plain, ties, extreme };

template <std::floating_point T>
T random_cell(Random& random, Flavour flavour) {
  using Limits = std::numeric_limits<T>;
  static const std::vector<T> specials = {Limits::infinity(),
                                          -Limits::infinity(),
                                          T(-0.0),
                                          T(0.0),
                                          Limits::max(),
                                          Limits::lowest(),
                                          Limits::min(),
                                          Limits::denorm_min(),
                                          Limits::epsilon(),
                                          T(1) + Limits::epsilon(),
                                          T(1),
                                          T(-1),
                                          T(0.5),
                                          T(2.5),
                                          T(-1.5),
                                          T(1e10),
                                          T(4294967296.0),
                                          T(9.3e18),
                                          T(127.5),
                                          T(-129)};
  if (random() % 7 == 0) return Limits::quiet_NaN();
  if (flavour == Flavour::ties) return static_cast<T>(between(random, -2, 2)) / T(2);
  if (flavour == Flavour::extreme && random() % 2) return one_of(random, specials);
  const double uniform = static_cast<double>(random() >> 11) * 0x1p-53 - 0.5;
  const double scale =
      flavour == Flavour::plain ? 20 : std::pow(10.0, static_cast<double>(between(random, -6, 6)));
  return static_cast<T>(uniform * scale);
}

template <std::integral T>
T random_cell(Random& random, Flavour flavour) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::same_as<T, bool>) return random() % 3 == 0;
  if (flavour == Flavour::ties) return static_cast<T>(between(random, 0, 3));
  if (flavour == Flavour::extreme) {
    const auto any = static_cast<T>(random());
    switch (random() % 6) {
      case 0: return Limits::max();
      case 1: return Limits::min();
      case 2:
      case 3: return any;
      default: break;
    }
  }
  return static_cast<T>(between(random, Limits::is_signed ? -20 : 0, 20));
}

inline OwnedBlock random_cells(Random& random, const Extents& shape, DType dtype, Flavour flavour) {
  OwnedBlock block(Region::whole(shape), dtype);
  visit_dtype(dtype, [&]<typename T>(T) {
    T* cell = block.view().as<T>();
    for (std::int64_t i = 0; i < block.view().n_cells(); ++i)
      cell[i] = random_cell<T>(random, flavour);
  });
  return block;
}

/// The seed of all cases; RASTREAM_ORACLE_SEED makes others.
inline std::uint64_t seed() {
  const char* text = std::getenv("RASTREAM_ORACLE_SEED");
  return text ? std::strtoull(text, nullptr, 10) : 1;
}

/// Copies what a test wrote to where RASTREAM_OPERATOR_ORACLE says, if anywhere. It is written in
/// memory first, for writers sync every file.
inline void keep(const std::filesystem::path& folder) {
  const char* kept = std::getenv("RASTREAM_OPERATOR_ORACLE");
  if (!kept) return;
  std::filesystem::create_directories(kept);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path target = kept / entry.path().filename();
    std::filesystem::remove_all(target);
    std::filesystem::copy(entry.path(), target, std::filesystem::copy_options::recursive);
  }
}

/// Arrays that share the sizes of their dimensions, so that any two of them can be combined.
struct World {
  std::map<std::string, std::int64_t> sizes;
  std::map<DType, std::vector<Array>> arrays;

  const Array& any_of(Random& random, DType dtype) const {
    return one_of(random, arrays.at(dtype));
  }
};

/// Writes worlds into one store and reads them back, lazily.
class Inputs {
 public:
  Inputs(std::string path, std::uint64_t seed, int n_worlds)
      : path_(std::move(path)), random_(seed), worlds_(static_cast<std::size_t>(n_worlds)) {
    CreateOptions options;
    options.overwrite = true;
    const auto writer = create_file(path_, options);
    for (World& world : worlds_) {
      // A dimension of one cell, and rows longer than a vector, are in some of the worlds.
      world.sizes = {{"time", between(random_, 2, 12)},
                     {"y", between(random_, 1, 5)},
                     {"x", between(random_, 0, 3) ? between(random_, 2, 21) : 1},
                     {"band", between(random_, 1, 3)}};
      for (const DType dtype : kDTypes) {
        for (const Flavour flavour : {Flavour::plain, Flavour::ties, Flavour::extreme})
          add(*writer, world, dtype, flavour);
      }
    }
    writer->finish();
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      worlds_[i / (3 * kDTypes.size())].arrays[specs_[i].schema.dtype].push_back(
          stores::read_of(path_, specs_[i].name));
    }
  }

  const std::string& path() const { return path_; }
  const std::vector<World>& worlds() const { return worlds_; }
  std::vector<Array> all() const {
    std::vector<Array> out;
    for (const World& world : worlds_) {
      for (const auto& [dtype, arrays] : world.arrays)
        out.insert(out.end(), arrays.begin(), arrays.end());
    }
    return out;
  }

 private:
  void add(DatasetWriter& writer, const World& world, DType dtype, Flavour flavour) {
    std::vector<std::string> dims = {"time", "y", "x", "band"};
    std::shuffle(dims.begin(), dims.end(), random_);
    dims.resize(static_cast<std::size_t>(between(random_, 1, 4)));
    Extents shape;
    Extents chunks;
    for (const std::string& dim : dims) {
      shape.push_back(world.sizes.at(dim));
      // At most two cuts a dimension: each chunk is a file.
      chunks.push_back(between(random_, (shape.back() + 2) / 3, shape.back()));
    }
    VariableSpec spec;
    spec.name = fmt::format("i{}", specs_.size());
    spec.schema = make_schema(dims, shape, dtype, ChunkGrid::regular(shape, chunks));
    spec.compressor = "none";
    if (is_floating(dtype) && random_() % 2) spec.fill_value = std::nan("");
    if (is_integer(dtype) && random_() % 2) spec.fill_value = 1;
    const std::size_t variable = writer.add(spec);
    const OwnedBlock cells = random_cells(random_, shape, dtype, flavour);
    for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c) {
      const Region region = spec.schema.chunks.chunk_region(c);
      OwnedBlock chunk(region, dtype);
      copy_cells(cells.view(), chunk.view());
      writer.write(variable, chunk.view());
    }
    specs_.push_back(spec);
  }

  std::string path_;
  Random random_;
  std::vector<World> worlds_;
  std::vector<VariableSpec> specs_;
};

}  // namespace rastream::oracle
