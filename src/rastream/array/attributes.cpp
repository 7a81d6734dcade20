// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/attributes.h"

#include <algorithm>
#include <cmath>

namespace rastream {
namespace {

Json number_json(const Numbers& n, std::size_t i) {
  if (!is_floating(n.dtype)) {
    if (n.dtype == DType::uint64) return Json(static_cast<std::uint64_t>(n.integers[i]));
    return Json(n.integers[i]);
  }
  const double v = n.floats[i];
  if (std::isnan(v)) return Json("NaN");
  if (std::isinf(v)) return Json(v > 0 ? "Infinity" : "-Infinity");
  return Json(v);
}

/// Whole numbers as int64, or as uint64 where one is too large for that and none is negative.
Numbers whole_numbers(const std::vector<Json>& values) {
  Numbers out{DType::int64, {}, {}};
  bool is_negative = false;
  for (const Json& v : values) {
    is_negative = is_negative || (!v.is_number_unsigned() && v.get<std::int64_t>() < 0);
    const bool is_large = v.is_number_unsigned() && v.get<std::uint64_t>() > INT64_MAX;
    if (is_large) out.dtype = DType::uint64;
    out.integers.push_back(is_large ? static_cast<std::int64_t>(v.get<std::uint64_t>())
                                    : v.get<std::int64_t>());
  }
  if (out.dtype == DType::int64 || !is_negative) return out;
  out = {DType::float64, {}, {}};
  for (const Json& v : values) out.floats.push_back(v.get<double>());
  return out;
}

Attribute attribute_from_json(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return number_attribute(DType::int8, value.get<bool>() ? 1 : 0);
  if (value.is_number_integer()) return whole_numbers({value});
  if (value.is_number()) return Numbers{DType::float64, {}, {value.get<double>()}};
  if (value.is_array() && !value.empty()) {
    const auto all = [&](auto test) { return std::all_of(value.begin(), value.end(), test); };
    if (all([](const Json& v) { return v.is_string(); }))
      return value.get<std::vector<std::string>>();
    if (all([](const Json& v) { return v.is_number_integer(); }))
      return whole_numbers(value.get<std::vector<Json>>());
    if (all([](const Json& v) { return v.is_number(); })) {
      return Numbers{DType::float64, {}, value.get<std::vector<double>>()};
    }
  }
  return value.dump();
}

}  // namespace

double Numbers::as_double(std::size_t i) const {
  if (is_floating(dtype)) return floats[i];
  if (dtype == DType::uint64) return static_cast<double>(static_cast<std::uint64_t>(integers[i]));
  return static_cast<double>(integers[i]);
}

Attribute number_attribute(DType dtype, double value) {
  if (is_floating(dtype)) return Numbers{dtype, {}, {value}};
  return Numbers{dtype, {static_cast<std::int64_t>(value)}, {}};
}

const Attribute* Attributes::find(std::string_view name) const {
  for (const auto& e : entries_) {
    if (e.first == name) return &e.second;
  }
  return nullptr;
}

std::optional<std::string> Attributes::text(std::string_view name) const {
  const Attribute* a = find(name);
  if (!a) return std::nullopt;
  if (const auto* s = std::get_if<std::string>(a)) return *s;
  if (const auto* list = std::get_if<std::vector<std::string>>(a); list && list->size() == 1)
    return list->front();
  return std::nullopt;
}

std::optional<double> Attributes::number(std::string_view name) const {
  const Attribute* a = find(name);
  const auto* n = a ? std::get_if<Numbers>(a) : nullptr;
  if (!n || n->size() == 0) return std::nullopt;
  return n->as_double(0);
}

std::vector<double> Attributes::numbers(std::string_view name) const {
  const Attribute* a = find(name);
  const auto* n = a ? std::get_if<Numbers>(a) : nullptr;
  std::vector<double> out;
  for (std::size_t i = 0; n && i < n->size(); ++i) out.push_back(n->as_double(i));
  return out;
}

void Attributes::set(std::string name, Attribute value) {
  for (auto& e : entries_) {
    if (e.first == name) {
      e.second = std::move(value);
      return;
    }
  }
  entries_.emplace_back(std::move(name), std::move(value));
}

void Attributes::erase(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& e) { return e.first == name; });
}

Json to_json(const Attributes& attributes) {
  Json out = Json::object();
  for (const auto& [name, value] : attributes) {
    if (const auto* n = std::get_if<Numbers>(&value)) {
      if (n->size() == 1) {
        out[name] = number_json(*n, 0);
      } else {
        Json list = Json::array();
        for (std::size_t i = 0; i < n->size(); ++i) list.push_back(number_json(*n, i));
        out[name] = std::move(list);
      }
    } else if (const auto* s = std::get_if<std::string>(&value)) {
      out[name] = *s;
    } else {
      out[name] = std::get<std::vector<std::string>>(value);
    }
  }
  return out;
}

Attributes attributes_from_json(const Json& object) {
  Attributes out;
  if (!object.is_object()) return out;
  for (const auto& [name, value] : object.items()) out.set(name, attribute_from_json(value));
  return out;
}

}  // namespace rastream
