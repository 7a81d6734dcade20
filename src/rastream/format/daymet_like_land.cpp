// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/daymet_like_land.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rastream/base/parallel_work.h"
#include "rastream/format/daymet_like_coast.h"
#include "rastream/format/daymet_like_noise.h"

namespace rastream {
namespace {

constexpr float kPerKm = 1e-3F;
constexpr std::int64_t kRowsAtOnce = 64;

struct Point {
  float x, y;  // km, on the projection's plane
};

struct Segment {
  Point a, b;
};

float distance(const Point& p, const Segment& s) {
  const float dx = s.b.x - s.a.x;
  const float dy = s.b.y - s.a.y;
  const float length = dx * dx + dy * dy;
  const float t =
      length > 0 ? std::clamp(((p.x - s.a.x) * dx + (p.y - s.a.y) * dy) / length, 0.0F, 1.0F) : 0;
  return std::hypot(p.x - s.a.x - t * dx, p.y - s.a.y - t * dy);
}

/// True when a ray from p to the west crosses the segment.
bool crosses(const Point& p, const Segment& s) {
  if ((s.a.y > p.y) == (s.b.y > p.y)) return false;
  return p.x > s.a.x + (p.y - s.a.y) / (s.b.y - s.a.y) * (s.b.x - s.a.x);
}

std::vector<Segment> project(const Outline& line, bool is_closed,
                             const CoordinateTransform& transform) {
  std::vector<double> x;
  std::vector<double> y;
  for (const auto& [lon, lat] : line) {
    x.push_back(lon);
    y.push_back(lat);
  }
  transform.forward(x, y);
  std::vector<Segment> out;
  const auto point = [&](std::size_t i) {
    return Point{static_cast<float>(x[i]) * kPerKm, static_cast<float>(y[i]) * kPerKm};
  };
  for (std::size_t i = 1; i < line.size(); ++i) out.push_back({point(i - 1), point(i)});
  if (is_closed) out.push_back({point(line.size() - 1), point(0)});
  return out;
}

/// Distance from the coast (positive on land) and height of the chains, on a lattice over the
/// window that is coarse because both are smooth.
class CoarseMap {
 public:
  CoarseMap(const DaymetGrid& grid, int n_threads)
      : spacing_(grid.region == "na" ? 8.0F : 2.0F),
        first_x_(node_of(grid.x(0))),
        first_y_(node_of(grid.y(grid.ny - 1))),
        nx_(node_of(grid.x(grid.nx - 1)) + 2 - first_x_),
        ny_(node_of(grid.y(0)) + 2 - first_y_) {
    const Crs lonlat = Crs::from_user_input("EPSG:4326");
    const CoordinateTransform transform(lonlat, *grid.geobox().crs);
    for (const auto& outline : coast_of(grid.region)) {
      const auto part = project(outline, true, transform);
      coast_.insert(coast_.end(), part.begin(), part.end());
    }
    for (const auto& ridge : ridges_of(grid.region)) {
      ridges_.push_back({project(ridge.line, false, transform), ridge.height_m, ridge.width_km});
    }
    coast_km_.resize(static_cast<std::size_t>(nx_ * ny_));
    chain_m_.resize(coast_km_.size());
    run_parallel(n_threads, ny_, [&](std::int64_t j) { fill_row(j); });
  }

  float coast_km(float x, float y) const { return interpolate(coast_km_, x, y); }
  float chain_m(float x, float y) const { return interpolate(chain_m_, x, y); }

 private:
  struct Chain {
    std::vector<Segment> segments;
    float height_m, width_km;
  };

  void fill_row(std::int64_t j) {
    for (std::int64_t i = 0; i < nx_; ++i) {
      const Point p{spacing_ * static_cast<float>(first_x_ + i),
                    spacing_ * static_cast<float>(first_y_ + j)};
      float nearest = std::numeric_limits<float>::max();
      bool is_land = false;
      for (const Segment& s : coast_) {
        nearest = std::min(nearest, distance(p, s));
        is_land ^= crosses(p, s);
      }
      const auto at = static_cast<std::size_t>(j * nx_ + i);
      coast_km_[at] = is_land ? nearest : -nearest;
      chain_m_[at] = chain_height(p);
    }
  }

  float chain_height(const Point& p) const {
    float height = 0;
    for (const auto& chain : ridges_) {
      float nearest = std::numeric_limits<float>::max();
      for (const Segment& s : chain.segments) nearest = std::min(nearest, distance(p, s));
      const float d = nearest / chain.width_km;
      height += chain.height_m * std::exp(-d * d);
    }
    return height;
  }

  float interpolate(const std::vector<float>& field, float x, float y) const {
    const float u = x / spacing_;
    const float v = y / spacing_;
    const float fu = u - std::floor(u);
    const float fv = v - std::floor(v);
    const std::int64_t i = static_cast<std::int64_t>(std::floor(u)) - first_x_;
    const std::int64_t j = static_cast<std::int64_t>(std::floor(v)) - first_y_;
    const float* at = field.data() + j * nx_ + i;
    return (at[0] * (1 - fu) + at[1] * fu) * (1 - fv) +
           (at[nx_] * (1 - fu) + at[nx_ + 1] * fu) * fv;
  }

  std::int64_t node_of(double metres) const {
    return static_cast<std::int64_t>(std::floor(static_cast<float>(metres) * kPerKm / spacing_));
  }

  /// Nodes lie at multiples of the spacing, wherever the window begins. Rows go north.
  float spacing_;
  std::int64_t first_x_, first_y_, nx_, ny_;
  std::vector<Segment> coast_;
  std::vector<Chain> ridges_;
  std::vector<float> coast_km_, chain_m_;
};

class LandMaker {
 public:
  LandMaker(const DaymetGrid& grid, std::uint64_t seed, int n_threads)
      : grid_(grid),
        seed_(seed),
        roughness_km_(coast_roughness_km(grid.region)),
        map_(grid, n_threads) {}

  /// Distance from the coast in km after noise has frayed it; land is above 0.
  float inland_km(std::int64_t j, std::int64_t i) const {
    const auto [x, y] = place(j, i);
    const float fray = 0.55F * noise(1, x, y, 110) + 0.35F * noise(2, x, y, 38) +
                       0.22F * noise(3, x, y, 13) + 0.12F * noise(4, x, y, 4.5F);
    return map_.coast_km(x, y) + roughness_km_ * fray;
  }

  std::int16_t height_m(std::int64_t j, std::int64_t i) const {
    const auto [x, y] = place(j, i);
    const float chain = map_.chain_m(x, y);
    const float rough = 0.5F * noise(5, x, y, 70) + 0.4F * noise(6, x, y, 24) +
                        0.3F * noise(7, x, y, 8) + 0.15F * noise(8, x, y, 2.6F);
    const float height = 120 + chain + (90 + 0.45F * chain) * rough;
    return static_cast<std::int16_t>(std::clamp(height, 0.0F, 6000.0F));
  }

  /// The distance from the coast that `share` of the window's cells do not reach, from a sample.
  float sea_level(double share) const {
    std::vector<float> sample;
    const std::int64_t step =
        1 + static_cast<std::int64_t>(std::sqrt(static_cast<double>(grid_.nx * grid_.ny) / 2e5));
    for (std::int64_t j = 0; j < grid_.ny; j += step) {
      for (std::int64_t i = 0; i < grid_.nx; i += step) sample.push_back(inland_km(j, i));
    }
    if (share >= 1) return std::numeric_limits<float>::infinity();
    std::sort(sample.begin(), sample.end());
    const auto at = static_cast<std::size_t>(share * static_cast<double>(sample.size()));
    return at == 0 ? -std::numeric_limits<float>::infinity() : sample[at];
  }

 private:
  Point place(std::int64_t j, std::int64_t i) const {
    return {static_cast<float>(grid_.x(i)) * kPerKm, static_cast<float>(grid_.y(j)) * kPerKm};
  }
  float noise(std::uint64_t octave, float x, float y, float spacing_km) const {
    return value_noise(seed_ * 64 + octave, x, y,
                       grid_.region == "na" ? spacing_km : spacing_km / 4);
  }

  const DaymetGrid& grid_;
  std::uint64_t seed_;
  float roughness_km_;
  CoarseMap map_;
};

/// Latitudes of the rows [begin, end), in steps.
void fill_latitudes(const DaymetGrid& grid, std::int64_t begin, std::int64_t end, Land& land) {
  const CoordinateTransform transform(*grid.geobox().crs, Crs::from_user_input("EPSG:4326"));
  std::vector<double> x(static_cast<std::size_t>(grid.nx));
  std::vector<double> y(x.size());
  for (std::int64_t j = begin; j < end; ++j) {
    for (std::int64_t i = 0; i < grid.nx; ++i) x[static_cast<std::size_t>(i)] = grid.x(i);
    std::fill(y.begin(), y.end(), grid.y(j));
    transform.forward(x, y);
    std::uint16_t* row = land.latitude.data() + j * grid.nx;
    for (std::size_t i = 0; i < y.size(); ++i) {
      row[i] = static_cast<std::uint16_t>(std::lround(std::max(0.0, y[i]) / Land::kLatitudeStep));
    }
  }
}

}  // namespace

Land make_land(const DaymetGrid& grid, double fill_share, std::uint64_t seed, int n_threads) {
  Land land;
  land.latitude.resize(static_cast<std::size_t>(grid.nx * grid.ny));
  land.height.resize(land.latitude.size());
  const LandMaker maker(grid, seed, n_threads);
  const float sea_level = fill_share < 0 ? 0 : maker.sea_level(fill_share);
  run_parallel(n_threads, (grid.ny + kRowsAtOnce - 1) / kRowsAtOnce, [&](std::int64_t k) {
    const std::int64_t begin = k * kRowsAtOnce;
    const std::int64_t end = std::min(grid.ny, begin + kRowsAtOnce);
    fill_latitudes(grid, begin, end, land);
    for (std::int64_t j = begin; j < end; ++j) {
      std::int16_t* row = land.height.data() + j * grid.nx;
      for (std::int64_t i = 0; i < grid.nx; ++i) {
        row[i] = maker.inland_km(j, i) > sea_level ? maker.height_m(j, i) : Land::kSea;
      }
    }
  });
  return land;
}

}  // namespace rastream
