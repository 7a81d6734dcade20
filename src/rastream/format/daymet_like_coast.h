// SPDX-License-Identifier: Apache-2.0
// A coarse hand-drawn map: coasts, lakes and mountain chains as longitude and latitude. It is for
// the eye of a demonstration; no coordinate is better than half a degree.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace rastream {

using Outline = std::vector<std::pair<float, float>>;  ///< (longitude, latitude)

struct Ridge {
  Outline line;
  float height_m;
  float width_km;
};

/// Closed outlines; a point inside an odd number of them is land (lakes lie inside a coast).
const std::vector<Outline>& coast_of(std::string_view region);
const std::vector<Ridge>& ridges_of(std::string_view region);
/// How far, in km, noise moves a coast: islands are small.
float coast_roughness_km(std::string_view region);

}  // namespace rastream
