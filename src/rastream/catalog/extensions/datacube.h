// SPDX-License-Identifier: Apache-2.0
// The extension "datacube" (1.0 to 2.2): dimensions and variables of an array without opening it.
#pragma once

#include "rastream/catalog/extensions/field_reader.h"

namespace rastream {

struct CubeDimension {
  std::string name;
  std::string type;                 ///< "spatial", "temporal", "bands", ...
  std::optional<std::string> axis;  ///< "x", "y" or "z"
  std::optional<std::string> description;
  std::optional<std::string> unit;
  Json extent;            ///< two numbers or times, null where open; null when absent
  Json values;            ///< a list; null when absent
  Json step;              ///< a number, a period, or null where irregular; null when absent
  Json reference_system;  ///< an EPSG code, WKT2 or PROJJSON; null when absent
};

struct CubeVariable {
  std::string name;
  std::vector<std::string> dimensions;
  std::string type;  ///< "data" or "auxiliary"
  std::optional<std::string> description;
  std::optional<std::string> unit;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> chunks;
};

struct Datacube {
  std::vector<CubeDimension> dimensions;
  std::vector<CubeVariable> variables;
};

/// Of an item, or of its asset. Throws as FieldReader does, and data_loss for a dimension without a
/// type.
Datacube read_datacube(const Item& item, std::string_view asset = "");

}  // namespace rastream
