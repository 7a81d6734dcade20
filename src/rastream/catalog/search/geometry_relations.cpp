// SPDX-License-Identifier: Apache-2.0
// Relations of geometries, by GEOS. The only file that includes it.
#include <geos_c.h>

#include "rastream/base/error.h"
#include "rastream/catalog/search/geometry.h"

namespace rastream {
namespace {

void ignore_message(const char*, void*) {}

/// GEOS wants a context a thread. Errors come back as results; their texts are not needed.
GEOSContextHandle_t context() {
  struct Context {
    GEOSContextHandle_t handle = GEOS_init_r();
    Context() {
      GEOSContext_setErrorMessageHandler_r(handle, ignore_message, nullptr);
      GEOSContext_setNoticeMessageHandler_r(handle, ignore_message, nullptr);
    }
    ~Context() { GEOS_finish_r(handle); }
  };
  thread_local const Context context;
  return context.handle;
}

struct Destroy {
  void operator()(GEOSGeometry* g) const { GEOSGeom_destroy_r(context(), g); }
  void operator()(const GEOSPreparedGeometry* g) const { GEOSPreparedGeom_destroy_r(context(), g); }
};
using Handle = std::unique_ptr<GEOSGeometry, Destroy>;
using Prepared = std::unique_ptr<const GEOSPreparedGeometry, Destroy>;

GEOSCoordSequence* sequence_of(const Json& positions) {
  auto* sequence = GEOSCoordSeq_create_r(context(), static_cast<unsigned>(positions.size()), 2);
  for (unsigned i = 0; sequence && i < positions.size(); ++i) {
    GEOSCoordSeq_setXY_r(context(), sequence, i, positions[i][0].get<double>(),
                         positions[i][1].get<double>());
  }
  return sequence;
}

Handle make(const Json& json);

Handle make_point(const Json& position) {
  if (position.empty()) return Handle(GEOSGeom_createEmptyPoint_r(context()));
  return Handle(GEOSGeom_createPointFromXY_r(context(), position[0].get<double>(),
                                             position[1].get<double>()));
}

Handle make_line(const Json& positions) {
  return Handle(GEOSGeom_createLineString_r(context(), sequence_of(positions)));
}

Handle make_polygon(const Json& rings) {
  std::vector<GEOSGeometry*> holes;
  GEOSGeometry* shell = nullptr;
  for (const Json& ring : rings) {
    GEOSGeometry* made = GEOSGeom_createLinearRing_r(context(), sequence_of(ring));
    if (shell == nullptr)
      shell = made;
    else
      holes.push_back(made);
  }
  if (shell == nullptr) return Handle(GEOSGeom_createEmptyPolygon_r(context()));
  return Handle(GEOSGeom_createPolygon_r(context(), shell, holes.data(),
                                         static_cast<unsigned>(holes.size())));
}

template <typename Make>
Handle make_many(int type, const Json& parts, Make make_one) {
  std::vector<GEOSGeometry*> made;
  for (const Json& part : parts) made.push_back(make_one(part).release());
  return Handle(GEOSGeom_createCollection_r(context(), type, made.data(),
                                            static_cast<unsigned>(made.size())));
}

/// REQUIRES: a geometry that was checked.
Handle make(const Json& json) {
  const auto& type = json.at("type").get_ref<const std::string&>();
  if (type == "GeometryCollection")
    return make_many(GEOS_GEOMETRYCOLLECTION, json.at("geometries"), make);
  const Json& coordinates = json.at("coordinates");
  if (type == "Point") return make_point(coordinates);
  if (type == "LineString") return make_line(coordinates);
  if (type == "Polygon") return make_polygon(coordinates);
  if (type == "MultiPoint") return make_many(GEOS_MULTIPOINT, coordinates, make_point);
  if (type == "MultiLineString") return make_many(GEOS_MULTILINESTRING, coordinates, make_line);
  return make_many(GEOS_MULTIPOLYGON, coordinates, make_polygon);
}

using Relation = char (*)(GEOSContextHandle_t, const GEOSGeometry*, const GEOSGeometry*);

Relation function_of(SpatialRelation relation) {
  switch (relation) {
    case SpatialRelation::intersects: return GEOSIntersects_r;
    case SpatialRelation::equals: return GEOSEquals_r;
    case SpatialRelation::disjoint: return GEOSDisjoint_r;
    case SpatialRelation::touches: return GEOSTouches_r;
    case SpatialRelation::within: return GEOSWithin_r;
    case SpatialRelation::overlaps: return GEOSOverlaps_r;
    case SpatialRelation::crosses: return GEOSCrosses_r;
    case SpatialRelation::contains: return GEOSContains_r;
  }
  throw Error(Errc::internal, "unknown spatial relation");
}

constexpr char kFailed = 2;

}  // namespace

class Geometry::Shape {
 public:
  explicit Shape(const Json& json) : geometry_(make(json)) {
    if (!geometry_) throw Error(Errc::invalid_argument, "geometry: GEOS cannot build it");
    if (GEOSisValid_r(context(), geometry_.get()) != 1) {
      Handle mended(GEOSMakeValid_r(context(), geometry_.get()));
      if (mended) geometry_ = std::move(mended);
    }
    prepared_.reset(GEOSPrepare_r(context(), geometry_.get()));
  }

  std::optional<bool> relates(SpatialRelation relation, const Shape& other) const {
    const bool is_prepared = relation == SpatialRelation::intersects && prepared_;
    const char answer =
        is_prepared ? GEOSPreparedIntersects_r(context(), prepared_.get(), other.geometry_.get())
                    : function_of(relation)(context(), geometry_.get(), other.geometry_.get());
    if (answer == kFailed) return std::nullopt;
    return answer == 1;
  }

 private:
  Handle geometry_;
  Prepared prepared_;  ///< looks at geometry_
};

const Geometry::Shape& Geometry::shape() const {
  if (!shape_) shape_ = std::make_shared<const Shape>(*json_);
  return *shape_;
}

std::optional<bool> Geometry::relates(SpatialRelation relation, const Geometry& other) const {
  return shape().relates(relation, other.shape());
}

}  // namespace rastream
