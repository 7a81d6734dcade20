// SPDX-License-Identifier: Apache-2.0
// The extension "projection" (1.0 to 2.0): on which grid the cells of an asset lie.
#pragma once

#include <array>

#include "rastream/catalog/extensions/field_reader.h"

namespace rastream {

struct ProjectionFields {
  std::optional<std::string> code;   ///< "EPSG:32631"; made of proj:epsg where that is all there is
  std::optional<std::int64_t> epsg;  ///< of proj:epsg or a code "EPSG:n"
  std::optional<std::string> wkt2;
  std::optional<Json> projjson;
  std::optional<Json> geometry;
  std::vector<double> bbox;         ///< four or six numbers in the CRS; empty when absent
  std::vector<std::int64_t> shape;  ///< rows, columns; empty when absent
  std::vector<double> transform;    ///< six or nine numbers, rows of the matrix; or empty
  std::optional<std::array<double, 2>> centroid;  ///< latitude, longitude
};

/// Of an item, or of its asset. Throws as FieldReader does.
ProjectionFields read_projection(const Item& item, std::string_view asset = "");

}  // namespace rastream
