// SPDX-License-Identifier: Apache-2.0
// Typed attributes of variables and files, in the order in which the file has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "rastream/array/dtype.h"
#include "rastream/base/json.h"

namespace rastream {

/// Numbers of one dtype. Integers are kept exactly (uint64 as its bit pattern); exactly one vector
/// is in use.
struct Numbers {
  DType dtype = DType::float64;
  std::vector<std::int64_t> integers;
  std::vector<double> floats;
  std::size_t size() const { return is_floating(dtype) ? floats.size() : integers.size(); }
  double as_double(std::size_t i) const;
  friend bool operator==(const Numbers&, const Numbers&) = default;
};

using Attribute = std::variant<std::string, std::vector<std::string>, Numbers>;

Attribute number_attribute(DType dtype, double value);

/// An ordered map from name to Attribute. Names are unique.
class Attributes {
 public:
  using Entry = std::pair<std::string, Attribute>;
  const Attribute* find(std::string_view name) const;  ///< nullptr when absent
  std::optional<std::string> text(
      std::string_view name) const;  ///< nothing when absent or not text
  std::optional<double> number(
      std::string_view name) const;  ///< first number; nothing when absent or text
  std::vector<double> numbers(std::string_view name) const;  ///< empty when absent or text
  void set(std::string name, Attribute value);               ///< replaces or appends
  void set(std::string name, const char* text) {
    set(std::move(name), Attribute(std::string(text)));
  }
  void erase(std::string_view name);
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  friend bool operator==(const Attributes&, const Attributes&) = default;

 private:
  std::vector<Entry> entries_;
};

/// As Xarray writes attributes to Zarr: text as string, one number as number, several as list; NaN
/// as "NaN".
Json to_json(const Attributes& attributes);
/// The inverse as far as JSON allows: integers become int64, or uint64 when too large for that,
/// other numbers float64.
Attributes attributes_from_json(const Json& object);

}  // namespace rastream
