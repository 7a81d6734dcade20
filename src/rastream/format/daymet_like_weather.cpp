// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/daymet_like_weather.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "rastream/format/daymet_like_noise.h"

namespace rastream {
namespace {

constexpr std::int64_t kNodeKm = 16;
constexpr int kStepsPerBand = 30;  // of Land::kLatitudeStep: day length changes each 0.06 degrees

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// The three weights of a quadratic B-spline around node `node`, which is the nearest one.
struct Taps {
  std::int64_t node;
  std::array<float, 3> weights;
};

Taps taps(std::int64_t km, std::int64_t spacing_km) {
  const std::int64_t node = floor_div(km + spacing_km / 2, spacing_km);
  const float t = static_cast<float>(km - node * spacing_km) / static_cast<float>(spacing_km);
  return {node, {0.5F * (0.5F - t) * (0.5F - t), 0.75F - t * t, 0.5F * (0.5F + t) * (0.5F + t)}};
}

/// Day length in seconds by latitude band (Forsythe et al. 1995 without refraction), rounded to
/// 0.01 s.
std::vector<float> day_lengths(int day) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double doy = day + 1;
  const double anomaly = std::sin((356.6 + 0.9856 * doy) * kRadians);
  const double declination =
      std::asin(0.39785 * std::sin((278.97 + 0.9856 * doy + 1.9165 * anomaly) * kRadians));
  std::vector<float> out(65536 / kStepsPerBand + 2);
  for (std::size_t band = 0; band < out.size(); ++band) {
    const double latitude = std::min(0.06 * static_cast<double>(band), 89.9) * kRadians;
    const double h = std::clamp(-std::tan(latitude) * std::tan(declination), -1.0, 1.0);
    out[band] = static_cast<float>(std::round(86400 * std::acos(h) / std::numbers::pi * 100) / 100);
  }
  return out;
}

/// Rounds to 0.01, as the nearest float of the decimal number. REQUIRES: |v| < 40000.
inline float rounded(float v) {
  constexpr float kMagic = 12582912;  // 1.5 * 2^23: adding it leaves no fraction
  const float hundredths = (v * 100 + kMagic) - kMagic;
  return static_cast<float>(static_cast<double>(hundredths) * 0.01);
}

/// Numbers on a lattice; node (first_x, first_y) is the first one.
struct Lattice {
  const float* values;
  std::int64_t first_x, first_y, nx;
};

/// A lattice along a row of places: the three rows around it first, then three numbers a place. The
/// margins of Weather's lattices keep every tap inside.
class Interpolation {
 public:
  void add(std::int64_t km, std::int64_t spacing_km) { columns_.push_back(taps(km, spacing_km)); }

  void compute(const Lattice& lattice, const Taps& y, float* out) {
    const std::int64_t first = columns_.front().node - 1;
    const auto n = static_cast<std::size_t>(columns_.back().node + 2 - first);
    row_.resize(n);
    const float* above =
        lattice.values + (y.node - 1 - lattice.first_y) * lattice.nx + first - lattice.first_x;
    const float* middle = above + lattice.nx;
    const float* below = middle + lattice.nx;
    for (std::size_t k = 0; k < n; ++k) {
      row_[k] = y.weights[0] * above[k] + y.weights[1] * middle[k] + y.weights[2] * below[k];
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& [node, w] = columns_[i];
      const float* c = row_.data() + (node - first) - 1;
      out[i] = w[0] * c[0] + w[1] * c[1] + w[2] * c[2];
    }
  }

 private:
  std::vector<Taps> columns_;
  std::vector<float> row_;
};

/// The climate of a day: warmest in late July, a larger swing in the north, 6 K colder each km up.
struct Season {
  explicit Season(int day)
      : swing(static_cast<float>(-std::cos(2 * std::numbers::pi * (day + 1 - 20) / 365.0))) {}
  float mean(float latitude, float height_m) const {
    const float north = latitude - 25;
    return 26 - 0.62F * north - 0.006F * height_m + (6 + 0.25F * north) * swing;
  }
  float half_range(float height_m) const { return 5.5F + 0.7F * swing + 0.0012F * height_m; }
  float swing;
};

void make_row(const Season& season, const std::vector<float>& lengths,
              std::span<const std::uint16_t> latitude, const std::int16_t* height,
              const float* weather, float* tmin, float* tmax, float* dayl) {
  for (std::size_t i = 0; i < latitude.size(); ++i) {
    const float h = height[i];
    const float mean =
        season.mean(static_cast<float>(latitude[i]) * Land::kLatitudeStep, h) + weather[i];
    const float half = season.half_range(h);
    const bool is_sea = height[i] == Land::kSea;
    tmin[i] = is_sea ? kDaymetFill : rounded(mean - half);
    tmax[i] = is_sea ? kDaymetFill : rounded(mean + half);
  }
  for (std::size_t i = 0; i < latitude.size(); ++i) {
    const auto band = static_cast<std::size_t>((latitude[i] + kStepsPerBand / 2) / kStepsPerBand);
    dayl[i] = height[i] == Land::kSea ? kDaymetFill : lengths[band];
  }
}

bool has_land(const DaymetGrid& grid, const Land& land, const Region& cells) {
  for (std::int64_t j = cells.begin[0]; j < cells.end[0]; ++j) {
    const std::int16_t* row = land.height.data() + j * grid.nx;
    for (std::int64_t i = cells.begin[1]; i < cells.end[1]; ++i) {
      if (row[i] != Land::kSea) return true;
    }
  }
  return false;
}

}  // namespace

Weather::Weather(const DaymetGrid& grid, int year, std::uint64_t seed, int n_kept)
    : n_kept_(static_cast<std::size_t>(n_kept)) {
  const auto year_seed = hash_of(seed, year, 0);
  const auto add = [&](std::int64_t spacing, float memory, float celsius) {
    const std::int64_t first_x = floor_div(grid.column_km(0), spacing) - 2;
    const std::int64_t first_y = floor_div(grid.row_km(0), spacing) - 2;
    const std::int64_t nx = floor_div(grid.column_km(grid.nx - 1), spacing) + 4 - first_x;
    const std::int64_t ny = floor_div(grid.row_km(grid.ny - 1), spacing) + 4 - first_y;
    scales_.push_back({spacing, first_x, first_y, nx, ny, memory, celsius,
                       year_seed + static_cast<std::uint64_t>(spacing),
                       std::vector<float>(static_cast<std::size_t>(nx * ny))});
  };
  add(256, 0.8F, 4.5F);
  add(64, 0.6F, 1.6F);
  add(kNodeKm, 0.3F, 0.5F);
  advance();
}

void Weather::advance() {
  for (Scale& s : scales_) {
    const std::uint64_t seed = s.seed + 1000003U * static_cast<std::uint64_t>(n_days_ + 1);
    const float memory = n_days_ == 0 ? 0 : s.memory;
    const float fresh = std::sqrt(1 - memory * memory);
    for (std::int64_t j = 0; j < s.ny; ++j) {
      float* row = s.state.data() + j * s.nx;
      for (std::int64_t i = 0; i < s.nx; ++i) {
        row[i] = memory * row[i] + fresh * normal_of(seed, s.first_x + i, s.first_y + j);
      }
    }
  }
  days_.push_back(sum());
  if (days_.size() > n_kept_ + 1) days_.pop_front();
  ++n_days_;
}

std::shared_ptr<const Weather::Day> Weather::sum() const {
  const Scale& fine = scales_.back();
  auto day = std::make_shared<Day>(
      Day{fine.first_x, fine.first_y, fine.nx, fine.ny, fine.state, day_lengths(n_days_)});
  for (float& v : day->celsius) v *= fine.celsius;
  for (std::size_t k = 0; k + 1 < scales_.size(); ++k) {
    const Scale& s = scales_[k];
    Interpolation row;
    for (std::int64_t i = 0; i < fine.nx; ++i) row.add((fine.first_x + i) * kNodeKm, s.spacing_km);
    std::vector<float> values(static_cast<std::size_t>(fine.nx));
    for (std::int64_t j = 0; j < fine.ny; ++j) {
      const Taps y = taps((fine.first_y + j) * kNodeKm, s.spacing_km);
      row.compute({s.state.data(), s.first_x, s.first_y, s.nx}, y, values.data());
      float* to = day->celsius.data() + j * fine.nx;
      for (std::size_t i = 0; i < values.size(); ++i) to[i] += s.celsius * values[i];
    }
  }
  return day;
}

std::shared_ptr<const Weather::Day> Weather::day(int day) {
  const std::lock_guard lock(mutex_);
  while (n_days_ <= day) advance();
  const auto behind = static_cast<std::size_t>(n_days_ - 1 - day);
  return days_.at(days_.size() - 1 - behind);
}

bool make_daily_chunk(const DaymetGrid& grid, const Land& land, const Weather::Day& weather,
                      int day, const Region& cells, std::int64_t row_length,
                      const DailyChunk& out) {
  if (!has_land(grid, land, cells)) return false;
  const bool is_partial = static_cast<std::size_t>(cells.n_cells()) < out.tmin.size();
  if (is_partial) {
    for (const auto field : {out.tmin, out.tmax, out.dayl})
      std::fill(field.begin(), field.end(), kDaymetFill);
  }
  const Season season(day);
  const auto n = static_cast<std::size_t>(cells.size(1));
  std::vector<float> row(n);
  Interpolation columns;
  for (std::int64_t i = cells.begin[1]; i < cells.end[1]; ++i)
    columns.add(grid.column_km(i), kNodeKm);
  const Lattice lattice{weather.celsius.data(), weather.first_x, weather.first_y, weather.nx};
  for (std::int64_t j = cells.begin[0]; j < cells.end[0]; ++j) {
    columns.compute(lattice, taps(grid.row_km(j), kNodeKm), row.data());
    const std::int64_t from = j * grid.nx + cells.begin[1];
    const std::int64_t to = (j - cells.begin[0]) * row_length;
    make_row(season, weather.day_lengths_s, {land.latitude.data() + from, n},
             land.height.data() + from, row.data(), out.tmin.data() + to, out.tmax.data() + to,
             out.dayl.data() + to);
  }
  return true;
}

}  // namespace rastream
