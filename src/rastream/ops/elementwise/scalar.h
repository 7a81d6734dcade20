// SPDX-License-Identifier: Apache-2.0
// One number with its kind, as users write it in an expression or a plan holds it.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <variant>

#include "rastream/array/dtype.h"
#include "rastream/base/json.h"

namespace rastream {

/// A bool, an integer of 64 bits, or a float64. In JSON a bool or a number; NaN and infinities,
/// which JSON lacks, are the texts "NaN", "Infinity" and "-Infinity".
class Scalar {
 public:
  Scalar() = default;
  template <typename T>
  requires std::integral<T> || std::floating_point<T> Scalar(
      T value) {  // NOLINT(google-explicit-constructor): a literal is meant to convert
    if constexpr (std::same_as<T, bool> || std::floating_point<T>) {
      value_ = static_cast<std::conditional_t<std::same_as<T, bool>, bool, double>>(value);
    } else if constexpr (std::unsigned_integral<T> && sizeof(T) == 8) {
      value_ = static_cast<std::uint64_t>(value);
    } else {
      value_ = static_cast<std::int64_t>(value);
    }
  }

  /// bool_, int64, uint64 or float64.
  DType dtype() const;
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_floating() const { return std::holds_alternative<double>(value_); }
  /// True when an integer or bool is in the range of `dtype`, an integer or bool type; always true
  /// for floating dtypes.
  bool fits(DType dtype) const;
  /// Converted as C++ does. REQUIRES: fits, when T is an integer type.
  template <typename T>
  T as() const {
    return std::visit([](auto v) { return static_cast<T>(v); }, value_);
  }
  std::string text() const;

  friend void to_json(Json& json, const Scalar& scalar);
  /// Throws data_loss when `json` is none of the forms above.
  friend void from_json(const Json& json, Scalar& scalar);
  friend bool operator==(const Scalar&, const Scalar&) = default;

 private:
  std::variant<std::int64_t, bool, std::uint64_t, double> value_;
};

}  // namespace rastream
