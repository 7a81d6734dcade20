// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/bbox.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "rastream/base/error.h"

namespace rastream {
namespace {

Error refuse(std::string_view text, std::string_view why) {
  return Error(Errc::invalid_argument,
               "'{}' is not a bounding box: {}; expected west,south,east,north, such as "
               "-124.784,24.743,-66.951,49.346",
               text, why);
}

double parse_number(std::string_view part, std::string_view text) {
  const std::string_view shown = part;
  if (part.size() > 1 && part[0] == '+' && part[1] != '-') part.remove_prefix(1);
  double value = 0;
  const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (ec != std::errc() || end != part.data() + part.size() || !std::isfinite(value))
    throw refuse(text, fmt::format("'{}' is not a finite number", shown));
  return value;
}

void remove_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

}  // namespace

std::vector<double> parse_edges(std::string_view text) {
  std::vector<double> edges;
  std::string_view rest = text;
  remove_blanks(rest);
  for (bool is_more = !rest.empty(); is_more;) {
    const std::size_t end = std::min(rest.find_first_of(", \t"), rest.size());
    edges.push_back(parse_number(rest.substr(0, end), text));
    rest.remove_prefix(end);
    remove_blanks(rest);
    is_more = !rest.empty();
    if (!rest.starts_with(',')) continue;
    rest.remove_prefix(1);
    remove_blanks(rest);
  }
  return edges;
}

BBox parse_bbox(std::string_view text, bool is_geographic) {
  const std::vector<double> v = parse_edges(text);
  if (v.size() != 4) throw refuse(text, "it has not four numbers");
  const BBox box{v[0], v[1], v[2], v[3]};
  if (!(box.west < box.east)) throw refuse(text, "west is not less than east");
  if (!(box.south < box.north)) throw refuse(text, "south is not less than north");
  if (is_geographic) {
    if (box.south < -90 || box.north > 90) throw refuse(text, "a latitude is outside [-90, 90]");
    if (box.west < -360 || box.east > 360) throw refuse(text, "a longitude is outside [-360, 360]");
  }
  return box;
}

std::string to_string(const BBox& box) {
  return fmt::format("{},{},{},{}", box.west, box.south, box.east, box.north);
}

}  // namespace rastream
