// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/scalar.h"

#include <cmath>
#include <limits>
#include <utility>

#include "rastream/base/error.h"

namespace rastream {

DType Scalar::dtype() const {
  return std::visit([]<typename T>(T) { return dtype_of<T>; }, value_);
}

bool Scalar::fits(DType dtype) const {
  if (rastream::is_floating(dtype)) return true;
  return visit_dtype(dtype, [this]<typename T>(T) {
    if constexpr (std::integral<T>) {
      using Wide = std::conditional_t<std::same_as<T, bool>, unsigned, T>;
      constexpr double kHigh =
          std::same_as<T, bool> ? 1 : static_cast<double>(std::numeric_limits<T>::max());
      if (const auto* i = std::get_if<std::int64_t>(&value_)) {
        return std::in_range<Wide>(*i) && (!std::same_as<T, bool> || *i <= 1);
      }
      if (const auto* u = std::get_if<std::uint64_t>(&value_)) {
        return std::in_range<Wide>(*u) && (!std::same_as<T, bool> || *u <= 1);
      }
      if (const auto* d = std::get_if<double>(&value_)) {
        return *d == std::trunc(*d) &&
               *d >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
               (kHigh < 0x1p53 ? *d <= kHigh : *d < kHigh);
      }
    }
    return true;
  });
}

std::string Scalar::text() const { return Json(*this).dump(); }

void to_json(Json& json, const Scalar& scalar) {
  const auto* d = std::get_if<double>(&scalar.value_);
  if (d == nullptr || std::isfinite(*d)) {
    std::visit([&json](auto v) { json = v; }, scalar.value_);
  } else {
    json = std::isnan(*d) ? "NaN" : *d > 0 ? "Infinity" : "-Infinity";
  }
}

void from_json(const Json& json, Scalar& scalar) {
  if (json.is_boolean()) {
    scalar = json.get<bool>();
  } else if (json.is_number_unsigned() &&
             json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    scalar = json.get<std::uint64_t>();
  } else if (json.is_number_integer()) {
    scalar = json.get<std::int64_t>();
  } else if (json.is_number_float()) {
    scalar = json.get<double>();
  } else if (json == "NaN") {
    scalar = std::numeric_limits<double>::quiet_NaN();
  } else if (json == "Infinity" || json == "-Infinity") {
    const double infinity = std::numeric_limits<double>::infinity();
    scalar = json == "Infinity" ? infinity : -infinity;
  } else {
    throw Error(Errc::data_loss,
                "'{}' is not a number: expected a number, true, false, \"NaN\" or \"Infinity\"",
                json.dump());
  }
}

}  // namespace rastream
