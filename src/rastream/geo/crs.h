// SPDX-License-Identifier: Apache-2.0
// Coordinate reference systems as immutable values, and transforms between two of them. PROJ is
// hidden in crs.cpp; the CF attributes are in crs_cf.cpp.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rastream/array/attributes.h"
#include "rastream/base/json.h"
#include "rastream/geo/bbox.h"

namespace rastream {

/// A coordinate reference system. Immutable, cheap to copy, safe to use from many threads.
class Crs {
 public:
  /// From "EPSG:4326", "4326", "OGC:CRS84", a PROJ string, WKT 1 or 2, or PROJJSON.
  /// Throws invalid_argument for text that is none of these.
  static Crs from_user_input(std::string_view text);

  /// From the attributes of a CF grid mapping variable (CF 1.11, appendix F). `crs_wkt`, then
  /// `spatial_ref`, win over the projection's parameters. `metres_per_unit` is the unit of the x
  /// and y coordinates (1000 for Daymet's km files); it counts only where there is no WKT. Throws
  /// data_loss for a missing or absurd attribute, unsupported for an unknown projection.
  static Crs from_cf(const Attributes& grid_mapping, double metres_per_unit = 1);

  /// The attributes that RioXarray writes to a grid mapping variable: CF parameters, `spatial_ref`
  /// and `crs_wkt` (both WKT 1 where that can express the CRS, as GDAL reads it).
  Attributes to_cf() const;

  /// WKT2:2019 on one line.
  const std::string& wkt() const;
  /// WKT 1 in GDAL's dialect, or WKT2:2019 where WKT 1 cannot express the CRS.
  std::string wkt1() const;
  /// PROJJSON as a value.
  Json projjson() const;
  /// "WGS 84 / UTM zone 31N"; "unknown" when it has none.
  const std::string& name() const;
  /// The EPSG code that the definition carries; nothing for one built of parameters.
  std::optional<int> epsg() const;
  /// True when coordinates are longitude and latitude in degrees.
  bool is_geographic() const;
  /// Metres of one unit of x and y: 1 for metre, 1000 for km; for degrees along the equator.
  double metres_per_unit() const;

  /// PROJ equivalence: the same positions, whatever the names and the order of axes.
  friend bool operator==(const Crs& a, const Crs& b);

 private:
  struct Definition;
  explicit Crs(std::shared_ptr<const Definition> definition);
  std::shared_ptr<const Definition> definition_;
};

/// Points from one CRS to another. x is always easting or longitude, y northing or latitude, in the
/// units of the CRS. NOT safe to share between threads: make one a thread.
class CoordinateTransform {
 public:
  /// Throws invalid_argument when there is no operation between the two.
  CoordinateTransform(const Crs& from, const Crs& to);
  ~CoordinateTransform();
  CoordinateTransform(const CoordinateTransform&) = delete;
  CoordinateTransform& operator=(const CoordinateTransform&) = delete;

  /// In place; a point without an image becomes infinity. REQUIRES: x.size() == y.size().
  void forward(std::span<double> x, std::span<double> y) const;

 private:
  friend BBox transform_bounds(const Crs&, const Crs&, const BBox&, int);
  struct Operation;
  std::unique_ptr<Operation> operation_;
};

/// The box in `to` that holds `box` of `from`, each edge followed at `densify` extra points; equal
/// to pyproj's Transformer.transform_bounds with always_xy. A result that crosses the antimeridian
/// of a geographic `to` has west > east. Throws invalid_argument when an edge has no image in `to`.
BBox transform_bounds(const Crs& from, const Crs& to, const BBox& box, int densify = 21);

}  // namespace rastream
