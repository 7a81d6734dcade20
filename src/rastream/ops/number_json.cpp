// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/number_json.h"

#include <cmath>
#include <limits>

#include "rastream/base/error.h"

namespace rastream {

Json number_to_json(double value) {
  if (std::isnan(value)) return Json("NaN");
  if (std::isinf(value)) return Json(value > 0 ? "Infinity" : "-Infinity");
  return Json(value);
}

double number_from_json(const Json& value, std::string_view who) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (value == "Infinity") return std::numeric_limits<double>::infinity();
  if (value == "-Infinity") return -std::numeric_limits<double>::infinity();
  throw Error(Errc::invalid_argument, "{}: {} is not a number", who, value.dump());
}

}  // namespace rastream
