// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/value.h"

namespace rastream {
namespace {

std::partial_ordering compare_lists(const std::vector<Value>& a, const std::vector<Value>& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto order = compare(a[i], b[i]);
    if (order != std::partial_ordering::equivalent) return order;
  }
  return std::partial_ordering::equivalent;
}

std::partial_ordering compare_texts(const std::string& a, const std::string& b) {
  const auto at_a = parse_instant(a);
  const auto at_b = at_a ? parse_instant(b) : std::nullopt;
  return at_b ? std::partial_ordering(*at_a <=> *at_b) : std::partial_ordering(a <=> b);
}

}  // namespace

Value value_of(const Json& json) {
  if (json.is_boolean()) return {json.get<bool>()};
  if (json.is_number()) return {json.get<double>()};
  if (json.is_string()) return {json.get<std::string>()};
  if (!json.is_array()) return {};
  std::vector<Value> list;
  list.reserve(json.size());
  for (const Json& one : json) list.push_back(value_of(one));
  return {std::move(list)};
}

std::optional<TimeSpan> time_of(const Value& value) {
  if (const auto* span = value.get_if<TimeSpan>()) return *span;
  const auto* text = value.get_if<std::string>();
  if (text == nullptr) return std::nullopt;
  if (const auto at = parse_instant(*text)) return TimeSpan{*at, *at};
  return parse_day(*text);
}

std::partial_ordering compare(const Value& a, const Value& b) {
  if (a.get_if<TimeSpan>() || b.get_if<TimeSpan>()) {
    const auto span_a = time_of(a);
    const auto span_b = time_of(b);
    if (!span_a || !span_b) return std::partial_ordering::unordered;
    return span_a->begin <=> span_b->begin;
  }
  if (a.is.index() != b.is.index()) return std::partial_ordering::unordered;
  if (const auto* text = a.get_if<std::string>())
    return compare_texts(*text, *b.get_if<std::string>());
  if (const auto* number = a.get_if<double>()) return *number <=> *b.get_if<double>();
  if (const auto* truth = a.get_if<bool>()) return *truth <=> *b.get_if<bool>();
  if (const auto* list = a.get_if<std::vector<Value>>())
    return compare_lists(*list, *b.get_if<std::vector<Value>>());
  return std::partial_ordering::unordered;
}

}  // namespace rastream
