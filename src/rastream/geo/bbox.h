// SPDX-License-Identifier: Apache-2.0
// A box of coordinates. Pure value; which CRS it is in, its owner knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rastream {

/// Edges in the units of some CRS. west > east only after crossing the antimeridian.
struct BBox {
  double west = 0;
  double south = 0;
  double east = 0;
  double north = 0;
  friend bool operator==(const BBox&, const BBox&) = default;
};

/// The numbers of "W,S,E,N" or "W S E N", however many they are. Throws invalid_argument for what
/// is no finite number.
std::vector<double> parse_edges(std::string_view text);

/// A box of parse_edges. Throws invalid_argument for anything but four finite numbers with W < E
/// and S < N; with `is_geographic` latitudes must be within [-90, 90] and longitudes within [-360,
/// 360].
BBox parse_bbox(std::string_view text, bool is_geographic = true);

/// "-124.784,24.743,-66.951,49.346": what parse_bbox reads back unchanged.
std::string to_string(const BBox& box);

}  // namespace rastream
