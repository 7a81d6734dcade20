// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/bbox.h"

#include <array>
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

std::string_view trim(std::string_view s) {
  const auto first = s.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

double parse_number(std::string_view part, std::string_view text) {
  part = trim(part);
  if (part.size() > 1 && part[0] == '+' && part[1] != '-') part.remove_prefix(1);
  double value = 0;
  const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (ec != std::errc() || end != part.data() + part.size() || !std::isfinite(value)) {
    throw refuse(text, fmt::format("'{}' is not a finite number", part));
  }
  return value;
}

}  // namespace

BBox parse_bbox(std::string_view text, bool is_geographic) {
  std::array<double, 4> v{};
  std::string_view rest = text;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto comma = rest.find(',');
    if ((comma == std::string_view::npos) != (i == 3))
      throw refuse(text, "it has not four numbers");
    v[i] = parse_number(rest.substr(0, comma), text);
    if (i < 3) rest.remove_prefix(comma + 1);
  }
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
