// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/extensions/projection.h"

#include <charconv>

namespace rastream {
namespace {

std::optional<std::int64_t> epsg_of(const std::string& code) {
  constexpr std::string_view kAuthority = "EPSG:";
  if (!code.starts_with(kAuthority)) return std::nullopt;
  std::int64_t number = 0;
  const char* end = code.data() + code.size();
  const auto result = std::from_chars(code.data() + kAuthority.size(), end, number);
  return result.ec == std::errc() && result.ptr == end ? std::optional(number) : std::nullopt;
}

void expect_size(const FieldReader& fields, std::string_view name, std::size_t n, std::size_t a,
                 std::size_t b, std::string_view expected) {
  if (n != 0 && n != a && n != b) throw fields.wrong(name, expected);
}

}  // namespace

ProjectionFields read_projection(const Item& item, std::string_view asset) {
  const FieldReader fields(item, asset);
  ProjectionFields p;
  p.code = fields.text("proj:code");
  p.epsg = p.code ? epsg_of(*p.code) : fields.integer("proj:epsg");
  if (!p.code && p.epsg) p.code = fmt::format("EPSG:{}", *p.epsg);
  p.wkt2 = fields.text("proj:wkt2");
  p.projjson = fields.object("proj:projjson");
  p.geometry = fields.object("proj:geometry");
  p.bbox = fields.numbers("proj:bbox");
  p.shape = fields.integers("proj:shape");
  p.transform = fields.numbers("proj:transform");
  expect_size(fields, "proj:bbox", p.bbox.size(), 4, 6, "four or six numbers");
  expect_size(fields, "proj:shape", p.shape.size(), 2, 2, "two integers");
  expect_size(fields, "proj:transform", p.transform.size(), 6, 9, "six or nine numbers");
  if (const auto centroid = fields.object("proj:centroid")) {
    const FieldReader at(*centroid, "proj:centroid");
    const auto lat = at.number("lat"), lon = at.number("lon");
    if (!lat || !lon) throw fields.wrong("proj:centroid", "an object with lat and lon");
    p.centroid = std::array<double, 2>{*lat, *lon};
  }
  return p;
}

}  // namespace rastream
