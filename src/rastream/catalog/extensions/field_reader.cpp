// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/extensions/field_reader.h"

#include <cmath>
#include <limits>

namespace rastream {
namespace {

const Json kNothing;

std::int64_t expect_integer(const Json& v, const FieldReader& from, std::string_view name) {
  if (v.is_number_integer() && holds_integer<std::int64_t>(v)) return v.get<std::int64_t>();
  // Some writers put a fraction of zero to all numbers.
  constexpr double kExact = 9007199254740992.0;
  if (v.is_number_float() && std::abs(v.get<double>()) <= kExact &&
      std::trunc(v.get<double>()) == v.get<double>())
    return static_cast<std::int64_t>(v.get<double>());
  throw from.wrong(name, "an integer");
}

}  // namespace

FieldReader::FieldReader(const Item& item, std::string_view asset)
    : what_(fmt::format("{}: item '{}'", item.href, item.id)) {
  const Json properties = item.properties.empty() ? Json() : item.properties.parse(what_);
  if (asset.empty()) {
    own_ = properties;
    return;
  }
  const JsonText& text = item.asset(asset).text;
  what_ += fmt::format(", asset '{}'", asset);
  own_ = text.empty() ? Json() : text.parse(what_);
  shared_ = properties;
}

Error FieldReader::wrong(std::string_view name, std::string_view expected) const {
  return Error(Errc::data_loss, "{}: field '{}' is not {}", what_, name, expected);
}

const Json& FieldReader::raw(std::string_view name) const {
  for (const Json* object : {&own_, &shared_}) {
    if (!object->is_object()) continue;
    const auto at = object->find(name);
    if (at != object->end() && !at->is_null()) return *at;
  }
  return kNothing;
}

std::optional<double> FieldReader::number(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return std::nullopt;
  if (!v.is_number()) throw wrong(name, "a number");
  return v.get<double>();
}

std::optional<double> FieldReader::number_or_name(std::string_view name) const {
  const Json& v = raw(name);
  if (!v.is_string()) return number(name);
  const auto& text = v.get_ref<const std::string&>();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return kInf;
  if (text == "-inf") return -kInf;
  throw wrong(name, "a number, 'nan', 'inf' or '-inf'");
}

std::optional<std::int64_t> FieldReader::integer(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return std::nullopt;
  return expect_integer(v, *this, name);
}

std::optional<bool> FieldReader::boolean(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return std::nullopt;
  if (!v.is_boolean()) throw wrong(name, "true or false");
  return v.get<bool>();
}

std::optional<std::string> FieldReader::text(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return std::nullopt;
  if (!v.is_string()) throw wrong(name, "a text");
  return v.get<std::string>();
}

std::optional<Json> FieldReader::object(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return std::nullopt;
  if (!v.is_object()) throw wrong(name, "an object");
  return v;
}

std::vector<double> FieldReader::numbers(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return {};
  if (!v.is_array()) throw wrong(name, "a list of numbers");
  std::vector<double> out;
  for (const Json& element : v) {
    if (!element.is_number()) throw wrong(name, "a list of numbers");
    out.push_back(element.get<double>());
  }
  return out;
}

std::vector<std::int64_t> FieldReader::integers(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return {};
  if (!v.is_array()) throw wrong(name, "a list of integers");
  std::vector<std::int64_t> out;
  for (const Json& element : v) out.push_back(expect_integer(element, *this, name));
  return out;
}

std::vector<std::string> FieldReader::texts(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return {};
  if (!v.is_array()) throw wrong(name, "a list of texts");
  std::vector<std::string> out;
  for (const Json& element : v) {
    if (!element.is_string()) throw wrong(name, "a list of texts");
    out.push_back(element.get<std::string>());
  }
  return out;
}

std::vector<FieldReader> FieldReader::list(std::string_view name) const {
  const Json& v = raw(name);
  if (v.is_null()) return {};
  if (!v.is_array()) throw wrong(name, "a list of objects");
  std::vector<FieldReader> out;
  for (const Json& element : v) {
    if (!element.is_object()) throw wrong(name, "a list of objects");
    out.emplace_back(element, fmt::format("{}, {}[{}]", what_, name, out.size()));
  }
  return out;
}

std::vector<std::pair<std::string, FieldReader>> FieldReader::members(std::string_view name) const {
  const auto all = object(name);
  std::vector<std::pair<std::string, FieldReader>> out;
  if (!all) return out;
  for (const auto& [key, value] : all->items()) {
    if (!value.is_object()) throw wrong(name, "an object of objects");
    out.emplace_back(key, FieldReader(value, fmt::format("{}, {} '{}'", what_, name, key)));
  }
  return out;
}

}  // namespace rastream
