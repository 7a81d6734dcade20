// SPDX-License-Identifier: Apache-2.0
// The query extension of STAC API (query/README.md, v1.0.0): {property: {operator: value}}.
#include <algorithm>
#include <array>
#include <charconv>

#include "rastream/base/error.h"
#include "rastream/catalog/search/cql2.h"
#include "rastream/catalog/search/search.h"
#include "rastream/catalog/search/text_match.h"

namespace rastream {
namespace {

struct Comparison {
  std::string_view mark;  ///< on a command line and in CQL2
  std::string_view name;  ///< in the extension
};

/// Marks that begin with another come first.
constexpr std::array<Comparison, 6> kComparisons = {{
    {">=", "gte"},
    {"<=", "lte"},
    {"<>", "neq"},
    {"=", "eq"},
    {">", "gt"},
    {"<", "lt"},
}};

Error refuse(std::string_view text) {
  return Error(Errc::invalid_argument,
               "query '{}': expected NAME and VALUE with one of >=, <=, <>, =, >, < between, or a "
               "JSON object such as {{\"eo:cloud_cover\": {{\"lt\": 10}}}}",
               text.substr(0, 100));
}

Json value_of_text(std::string_view text) {
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (std::from_chars(text.data(), end, whole).ptr == end && !text.empty()) return whole;
  double number = 0;
  const bool may_be_number = text.find_first_not_of("0123456789.-+eE") == std::string_view::npos;
  const auto read = std::from_chars(text.data(), end, number);
  if (may_be_number && read.ec == std::errc() && read.ptr == end) return number;
  return std::string(text);
}

void merge(Json& into, const Json& more) {
  for (const auto& [name, value] : more.items()) {
    Json& old = into[name];
    if (old.is_object() && value.is_object())
      merge(old, value);
    else
      old = value;
  }
}

Expression text_pattern(const Expression& property, const Json& value, bool before, bool after) {
  if (!value.is_string()) throw Error(Errc::invalid_argument, "query: expected a text to look for");
  const std::string pattern = escape_pattern(value.get_ref<const std::string&>());
  return Expression::call(
      "like", {property, Expression::of_text((before ? "%" : "") + pattern + (after ? "%" : ""))});
}

Expression condition(const Expression& property, const std::string& op, const Json& value) {
  for (const auto& [mark, name] : kComparisons)
    if (name == op)
      return parse_cql2_json({{"op", mark}, {"args", {to_cql2_json(property), value}}});
  if (op == "in") return parse_cql2_json({{"op", "in"}, {"args", {to_cql2_json(property), value}}});
  if (op == "startsWith") return text_pattern(property, value, false, true);
  if (op == "endsWith") return text_pattern(property, value, true, false);
  if (op == "contains") return text_pattern(property, value, true, true);
  throw Error(Errc::unsupported,
              "query: no operator is called '{}': there are eq, neq, lt, lte, gt, gte, startsWith, "
              "endsWith, contains, in",
              op.substr(0, 40));
}

}  // namespace

void add_query(Json& query, std::string_view text) {
  Json more = Json::object();
  if (text.starts_with('{')) {
    try {
      more = parse_json(text, "query");
    } catch (const Error&) {
      throw refuse(text);
    }
  } else {
    const std::size_t at = text.find_first_of("<>=");
    const std::string_view rest = text.substr(std::min(at, text.size()));
    const auto* found = std::find_if(kComparisons.begin(), kComparisons.end(),
                                     [&](const Comparison& c) { return rest.starts_with(c.mark); });
    if (at == 0 || found == kComparisons.end() || rest.size() == found->mark.size())
      throw refuse(text);
    more[std::string(text.substr(0, at))][std::string(found->name)] =
        value_of_text(rest.substr(found->mark.size()));
  }
  if (!query.is_object()) query = Json::object();
  merge(query, more);
}

Expression expression_of_query(const Json& query) {
  std::vector<Expression> all;
  for (const auto& [name, conditions] : query.items()) {
    if (!conditions.is_object())
      throw Error(Errc::invalid_argument, "query: '{}' has no object of operators", name);
    for (const auto& [op, value] : conditions.items())
      all.push_back(condition(Expression::property(name), op, value));
  }
  if (all.empty()) return Expression::of(true);
  if (all.size() == 1) return std::move(all.front());
  return Expression::call("and", std::move(all));
}

}  // namespace rastream
