// SPDX-License-Identifier: Apache-2.0
// Fields of extensions by type. A field is looked for in the asset and then in the item, as
// commons/assets.md says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/catalog/item.h"

namespace rastream {

/// Reads fields of one object. All calls throw data_loss, naming the item and the field, for a
/// value of another type; a field that is absent or null is nothing.
class FieldReader {
 public:
  /// Of an item, or with `asset` of that asset. Throws not_found for an asset that is not there.
  explicit FieldReader(const Item& item, std::string_view asset = "");
  /// Of an object within: a band, a dimension.
  FieldReader(const Json& object, std::string what) : own_(object), what_(std::move(what)) {}

  std::optional<double> number(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::optional<bool> boolean(std::string_view name) const;
  std::optional<std::string> text(std::string_view name) const;
  /// A number, or "nan", "inf", "-inf" for what JSON has no number for.
  std::optional<double> number_or_name(std::string_view name) const;
  std::optional<Json> object(std::string_view name) const;
  std::vector<double> numbers(std::string_view name) const;
  std::vector<std::int64_t> integers(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  /// A list of objects; a reader for each.
  std::vector<FieldReader> list(std::string_view name) const;
  /// An object of objects, with their names.
  std::vector<std::pair<std::string, FieldReader>> members(std::string_view name) const;
  /// As it is; null when absent.
  const Json& raw(std::string_view name) const;
  /// data_loss for the field `name`.
  Error wrong(std::string_view name, std::string_view expected) const;

 private:
  Json own_;
  Json shared_;  ///< the item's properties
  std::string what_;
};

}  // namespace rastream
