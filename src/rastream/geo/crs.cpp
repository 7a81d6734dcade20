// SPDX-License-Identifier: Apache-2.0
// The only file that sees PROJ. A PJ_CONTEXT belongs to one thread and PJ objects are made anew
// from the WKT for each call, so that a Crs shared between threads shares nothing but text.
#include "rastream/geo/crs.h"

#include <proj.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::size_t kMaxTextBytes = 1 << 20;

struct FreePj {
  void operator()(PJ* p) const { proj_destroy(p); }
};
using PjPtr = std::unique_ptr<PJ, FreePj>;

class Context {
 public:
  Context() : context_(proj_context_create()) {
    proj_log_func(context_, nullptr, [](void*, int, const char*) {});
    proj_context_set_enable_network(context_, 0);
  }
  ~Context() { proj_context_destroy(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  PJ_CONTEXT* get() const { return context_; }

 private:
  PJ_CONTEXT* context_;
};

PJ_CONTEXT* context() {
  thread_local const Context c;
  return c.get();
}

PjPtr create(const std::string& text) { return PjPtr(proj_create(context(), text.c_str())); }

PjPtr create_known(const std::string& wkt) {
  PjPtr p = create(wkt);
  if (!p) throw Error(Errc::internal, "PROJ does not read its own WKT: {}", wkt.substr(0, 200));
  return p;
}

/// A PROJ string is an operation unless it says that it is a CRS; a bare number is an EPSG code.
std::string as_crs_text(std::string_view text) {
  std::string out(text);
  const bool is_number =
      !out.empty() && out.size() <= 7 &&
      std::all_of(out.begin(), out.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) return "EPSG:" + out;
  const bool is_proj_string = out.find("proj=") != std::string::npos &&
                              out.find('[') == std::string::npos &&
                              out.find("proj=pipeline") == std::string::npos;
  if (is_proj_string && out.find("type=crs") == std::string::npos) out += " +type=crs";
  return out;
}

/// The horizontal CRS without a vertical part and without a transformation to WGS 84.
PjPtr horizontal(PjPtr crs) {
  for (int i = 0; i < 4; ++i) {
    const PJ_TYPE type = proj_get_type(crs.get());
    PjPtr inner;
    if (type == PJ_TYPE_COMPOUND_CRS)
      inner.reset(proj_crs_get_sub_crs(context(), crs.get(), 0));
    else if (type == PJ_TYPE_BOUND_CRS)
      inner.reset(proj_get_source_crs(context(), crs.get()));
    if (!inner) break;
    crs = std::move(inner);
  }
  return crs;
}

bool is_geographic_type(PJ_TYPE type) {
  return type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
}

double axis_unit(const PJ* crs) {
  const PjPtr system(proj_crs_get_coordinate_system(context(), crs));
  double factor = 1;
  if (system) {
    proj_cs_get_axis_info(context(), system.get(), 0, nullptr, nullptr, nullptr, &factor, nullptr,
                          nullptr, nullptr);
  }
  return factor;
}

double semi_major_axis(const PJ* crs) {
  const PjPtr ellipsoid(proj_get_ellipsoid(context(), crs));
  double a = 6378137;
  if (ellipsoid)
    proj_ellipsoid_get_parameters(context(), ellipsoid.get(), &a, nullptr, nullptr, nullptr);
  return a;
}

std::string single_line(std::string text) {
  std::string out;
  bool at_line_start = false;
  for (const char c : text) {
    if (c == '\n')
      at_line_start = true;
    else if (!(at_line_start && c == ' ')) {
      at_line_start = false;
      out += c;
    }
  }
  return out;
}

std::string as_wkt(const PJ* crs, PJ_WKT_TYPE type) {
  const std::array<const char*, 2> options = {"MULTILINE=NO", nullptr};
  const char* text = proj_as_wkt(context(), crs, type, options.data());
  return text ? single_line(text) : std::string();
}

}  // namespace

struct Crs::Definition {
  std::string wkt;
  std::string name;
  std::optional<int> epsg;
  bool is_geographic = false;
  double metres_per_unit = 1;
};

Crs::Crs(std::shared_ptr<const Definition> definition) : definition_(std::move(definition)) {}

Crs Crs::from_user_input(std::string_view text) {
  const auto shown = text.substr(0, 120);
  if (text.size() > kMaxTextBytes || text.find('\0') != std::string_view::npos) {
    throw Error(Errc::invalid_argument, "a CRS of {} bytes is refused: '{}...'", text.size(),
                shown);
  }
  const PjPtr crs = create(as_crs_text(text));
  if (!crs || !proj_is_crs(crs.get())) {
    throw Error(Errc::invalid_argument,
                "'{}' is not a coordinate reference system: expected EPSG:code, a PROJ string, WKT "
                "or PROJJSON",
                shown);
  }
  auto d = std::make_shared<Definition>();
  d->wkt = as_wkt(crs.get(), PJ_WKT2_2019);
  if (d->wkt.empty())
    throw Error(Errc::unsupported, "the CRS '{}' cannot be written as WKT", shown);
  const PJ_TYPE type = proj_get_type(crs.get());
  const PjPtr flat = horizontal(create_known(d->wkt));
  const char* name = proj_get_name(crs.get());
  d->name = name && *name ? name : "unknown";
  const char* authority = proj_get_id_auth_name(crs.get(), 0);
  const char* code = proj_get_id_code(crs.get(), 0);
  if (type != PJ_TYPE_BOUND_CRS && authority && code && std::string_view(authority) == "EPSG") {
    d->epsg = std::atoi(code);
  }
  d->is_geographic = is_geographic_type(proj_get_type(flat.get()));
  const double unit = axis_unit(flat.get());
  d->metres_per_unit = d->is_geographic ? unit * semi_major_axis(flat.get()) : unit;
  return Crs(std::move(d));
}

const std::string& Crs::wkt() const { return definition_->wkt; }
const std::string& Crs::name() const { return definition_->name; }
std::optional<int> Crs::epsg() const { return definition_->epsg; }
bool Crs::is_geographic() const { return definition_->is_geographic; }
double Crs::metres_per_unit() const { return definition_->metres_per_unit; }

std::string Crs::wkt1() const {
  const std::string text = as_wkt(create_known(wkt()).get(), PJ_WKT1_GDAL);
  return text.empty() ? wkt() : text;
}

Json Crs::projjson() const {
  const PjPtr crs = create_known(wkt());
  const char* text = proj_as_projjson(context(), crs.get(), nullptr);
  if (!text) throw Error(Errc::unsupported, "the CRS '{}' cannot be written as PROJJSON", name());
  return parse_json(text, "PROJJSON of " + name());
}

bool operator==(const Crs& a, const Crs& b) {
  if (a.definition_ == b.definition_ || a.wkt() == b.wkt()) return true;
  const PjPtr pa = create_known(a.wkt());
  const PjPtr pb = create_known(b.wkt());
  return proj_is_equivalent_to_with_ctx(context(), pa.get(), pb.get(),
                                        PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS) != 0;
}

/// Has its own context, so that it may be destroyed on another thread than the one that made it.
struct CoordinateTransform::Operation {
  Context context;
  PjPtr pj;
};

CoordinateTransform::CoordinateTransform(const Crs& from, const Crs& to)
    : operation_(std::make_unique<Operation>()) {
  PJ_CONTEXT* c = operation_->context.get();
  const PjPtr any(proj_create_crs_to_crs(c, from.wkt().c_str(), to.wkt().c_str(), nullptr));
  if (any) operation_->pj.reset(proj_normalize_for_visualization(c, any.get()));
  if (!operation_->pj) {
    throw Error(Errc::invalid_argument, "there is no transform from CRS '{}' to CRS '{}'",
                from.name(), to.name());
  }
}

CoordinateTransform::~CoordinateTransform() = default;

void CoordinateTransform::forward(std::span<double> x, std::span<double> y) const {
  proj_trans_generic(operation_->pj.get(), PJ_FWD, x.data(), sizeof(double), x.size(), y.data(),
                     sizeof(double), y.size(), nullptr, 0, 0, nullptr, 0, 0);
}

BBox transform_bounds(const Crs& from, const Crs& to, const BBox& box, int densify) {
  const CoordinateTransform transform(from, to);
  BBox out;
  const int ok = proj_trans_bounds(
      transform.operation_->context.get(), transform.operation_->pj.get(), PJ_FWD, box.west,
      box.south, box.east, box.north, &out.west, &out.south, &out.east, &out.north, densify);
  const bool is_finite = std::isfinite(out.west) && std::isfinite(out.south) &&
                         std::isfinite(out.east) && std::isfinite(out.north);
  if (!ok || !is_finite) {
    throw Error(Errc::invalid_argument, "the box {} of CRS '{}' has no image in CRS '{}'",
                to_string(box), from.name(), to.name());
  }
  return out;
}

}  // namespace rastream
