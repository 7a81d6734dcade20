// SPDX-License-Identifier: Apache-2.0
// Shapes on the globe in longitude and latitude: GeoJSON (RFC 7946) and WKT in and out, and how two
// of them lie to each other (OGC 06-103r4, section 6.1.15).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rastream/base/json.h"
#include "rastream/geo/bbox.h"

namespace rastream {

/// The relations that CQL2 names.
enum class SpatialRelation {
  intersects,
  equals,
  disjoint,
  touches,
  within,
  overlaps,
  crosses,
  contains,
};

/// A GeoJSON geometry object is kept as it was read. Heights are kept and not looked at. Immutable
/// and cheap to copy; different copies may be used from different threads at a time, one copy may
/// not.
class Geometry {
 public:
  /// A GeoJSON geometry, or the geometry of a Feature or of the first of a FeatureCollection.
  /// Throws invalid_argument, naming what is wrong: an unknown type, coordinates that are no finite
  /// numbers, rings that are not closed or have less than four points; more than kMaxPoints
  /// points or collections nested deeper than 8.
  static Geometry from_geojson(const Json& json);
  /// "POLYGON ((...))", "POINT Z (1 2 3)", ... Throws invalid_argument likewise.
  static Geometry from_wkt(std::string_view text);
  /// Two polygons when west > east.
  static Geometry from_box(const BBox& box);

  static constexpr std::size_t kMaxPoints = 1'000'000;

  const Json& geojson() const { return *json_; }
  std::string wkt() const;
  /// Of all points; nothing for an empty geometry.
  std::optional<BBox> bounds() const;
  /// True for a single polygon that is the rectangle bounds().
  bool is_box() const;
  /// Nothing when the question has no answer, as for a polygon that crosses itself and cannot be
  /// mended.
  std::optional<bool> relates(SpatialRelation relation, const Geometry& other) const;

 private:
  class Shape;  ///< made at its first use
  explicit Geometry(std::shared_ptr<const Json> json) : json_(std::move(json)) {}
  const Shape& shape() const;

  std::shared_ptr<const Json> json_;
  mutable std::shared_ptr<const Shape> shape_;
};

}  // namespace rastream
