// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/layout_template.h"

#include <cctype>
#include <optional>

#include "rastream/base/error.h"

namespace rastream {
namespace {

bool is_digits(std::string_view text) {
  for (const unsigned char c : text) {
    if (!std::isdigit(c)) return false;
  }
  return !text.empty();
}

/// "2020", "1", "31" or "2020-01-31" of "2020-01-31T..."; nothing when it is no date.
std::optional<std::string> date_part(std::string_view time, std::string_view name) {
  if (time.size() < 10 || time[4] != '-' || time[7] != '-') return std::nullopt;
  const std::string_view year = time.substr(0, 4), month = time.substr(5, 2),
                         day = time.substr(8, 2);
  if (!is_digits(year) || !is_digits(month) || !is_digits(day)) return std::nullopt;
  if (name == "date") return std::string(time.substr(0, 10));
  const std::string_view part = name == "year" ? year : name == "month" ? month : day;
  return fmt::format("{}", std::stoi(std::string(part)));
}

bool is_date_variable(std::string_view name) {
  return name == "year" || name == "month" || name == "day" || name == "date";
}

/// As Python prints a value, for that is what names users have.
std::optional<std::string> text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_null()) return "None";
  if (value.is_number()) return value.dump();
  return std::nullopt;
}

const Json* below(const Json* value, std::string_view path) {
  while (value && !path.empty()) {
    const auto dot = path.find('.');
    const std::string name(path.substr(0, dot));
    if (!value->is_object() || !value->contains(name)) return nullptr;
    value = &(*value)[name];
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return value;
}

std::string_view without_prefix(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// The value of any other variable; null when the item has none.
Json member_of(const Item& item, std::string_view variable) {
  if (variable == "id") return item.id;
  if (variable == "collection_id") return item.collection.empty() ? Json() : Json(item.collection);
  const Json properties =
      item.properties.empty() ? Json::object() : item.properties.parse(item.href);
  std::string_view path =
      without_prefix(without_prefix(variable, "properties."), "common_metadata.");
  if (const Json* found = below(&properties, path)) return *found;
  if (path != variable || item.text.empty()) return Json(Json::value_t::discarded);
  const Json whole = item.text.parse(item.href);
  const Json* found = below(&whole, without_prefix(variable, "extra_fields."));
  return found ? *found : Json(Json::value_t::discarded);
}

}  // namespace

LayoutTemplate::LayoutTemplate(const std::string& layout,
                               std::map<std::string, std::string> defaults)
    : layout_(layout), defaults_(std::move(defaults)) {
  std::size_t at = 0;
  while (at < layout.size()) {
    const auto open = layout.find("${", at);
    if (open == std::string::npos) {
      pieces_.push_back({layout.substr(at), ""});
      return;
    }
    const auto close = layout.find('}', open);
    if (close == std::string::npos || close == open + 2) {
      throw Error(Errc::invalid_argument, "template '{}': expected a name and '}}' after '${{'",
                  layout);
    }
    pieces_.push_back({layout.substr(at, open - at), layout.substr(open + 2, close - open - 2)});
    at = close + 1;
  }
}

std::string LayoutTemplate::substitute(const Item& item) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.text;
    if (!piece.variable.empty()) out += value_of(piece.variable, item);
  }
  return out;
}

std::string LayoutTemplate::value_of(const std::string& variable, const Item& item) const {
  const auto fail = [&](std::string_view what) -> Error {
    return Error(Errc::invalid_argument, "item '{}' {}, which '{}' of template '{}' needs", item.id,
                 what, variable, layout_);
  };
  if (is_date_variable(variable)) {
    const std::string& time = item.datetime.empty() ? item.start_datetime : item.datetime;
    if (const auto part = date_part(time, variable)) return *part;
    throw fail("has neither a datetime nor a start_datetime");
  }
  if (variable == "collection") {
    if (item.collection.empty()) throw fail("is of no collection");
    return item.collection;
  }
  const Json value = member_of(item, variable);
  if (value.is_discarded()) {
    if (const auto at = defaults_.find(variable); at != defaults_.end()) return at->second;
    throw fail("has no such property");
  }
  if (const auto text = text_of(value)) return *text;
  throw fail("has a list or an object");
}

}  // namespace rastream
