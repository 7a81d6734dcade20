// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/geobox.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rastream/base/error.h"

namespace rastream {
namespace {

double checked_step(std::span<const double> v, std::string_view name) {
  if (v.size() < 2) {
    throw Error(Errc::invalid_argument,
                "coordinate '{}' has {} value(s): expected at least two to know the size of a cell",
                name, v.size());
  }
  const double step = (v.back() - v.front()) / static_cast<double>(v.size() - 1);
  if (!std::isfinite(step) || step == 0) {
    throw Error(Errc::unsupported, "coordinate '{}' runs from {} to {}: expected a regular grid",
                name, v.front(), v.back());
  }
  const double largest = std::max(std::abs(v.front()), std::abs(v.back()));
  const double tolerance = 1e-3 * std::abs(step) + largest * std::numeric_limits<float>::epsilon();
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double expected = v.front() + static_cast<double>(i) * step;
    if (!(std::abs(v[i] - expected) <= tolerance)) {
      throw Error(Errc::unsupported,
                  "coordinate '{}' is not regular: cell {} is at {}, a step of {} expects {}", name,
                  i, v[i], step, expected);
    }
  }
  return step;
}

std::vector<double> centres(double edge, double step, std::int64_t n) {
  std::vector<double> out(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = edge + step / 2 + static_cast<double>(i) * step;
  return out;
}

}  // namespace

GeoBox GeoBox::from_coordinates(std::span<const double> x, std::span<const double> y,
                                std::optional<Crs> crs) {
  const double dx = checked_step(x, "x");
  const double dy = checked_step(y, "y");
  GeoBox box;
  box.crs = std::move(crs);
  box.transform = {dx, 0, x.front() - dx / 2, 0, dy, y.front() - dy / 2};
  box.nx = static_cast<std::int64_t>(x.size());
  box.ny = static_cast<std::int64_t>(y.size());
  return box;
}

BBox GeoBox::extent() const {
  const double columns[] = {0, static_cast<double>(nx)};
  const double rows[] = {0, static_cast<double>(ny)};
  const double inf = std::numeric_limits<double>::infinity();
  BBox out{inf, inf, -inf, -inf};
  for (const double column : columns) {
    for (const double row : rows) {
      const double x = transform.a * column + transform.b * row + transform.c;
      const double y = transform.d * column + transform.e * row + transform.f;
      out = {std::min(out.west, x), std::min(out.south, y), std::max(out.east, x),
             std::max(out.north, y)};
    }
  }
  return out;
}

std::optional<BBox> GeoBox::lonlat_extent() const {
  if (!crs) return std::nullopt;
  try {
    return transform_bounds(*crs, Crs::from_user_input("EPSG:4326"), extent());
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<double> GeoBox::x_coordinates() const { return centres(transform.c, transform.a, nx); }
std::vector<double> GeoBox::y_coordinates() const { return centres(transform.f, transform.e, ny); }

GeoBox GeoBox::sub(std::int64_t x_begin, std::int64_t x_end, std::int64_t y_begin,
                   std::int64_t y_end) const {
  GeoBox out = *this;
  const auto column = static_cast<double>(x_begin);
  const auto row = static_cast<double>(y_begin);
  out.transform.c = transform.a * column + transform.b * row + transform.c;
  out.transform.f = transform.d * column + transform.e * row + transform.f;
  out.nx = x_end - x_begin;
  out.ny = y_end - y_begin;
  return out;
}

}  // namespace rastream
