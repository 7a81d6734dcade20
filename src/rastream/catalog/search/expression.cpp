// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/expression.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/catalog/search/cql2_tokens.h"

namespace rastream {
namespace {

using Kind = Expression::Kind;
using Op = Cql2Operator::Kind;

constexpr std::size_t kAny = kMaxFilterBytes;

constexpr std::array<Cql2Operator, 49> kOperators = {{
    {"and", Op::logical, 1, kAny, true},
    {"or", Op::logical, 1, kAny, true},
    {"not", Op::logical, 1, 1, true},
    {"=", Op::comparison, 2, 2, true},
    {"<>", Op::comparison, 2, 2, true},
    {"<", Op::comparison, 2, 2, true},
    {">", Op::comparison, 2, 2, true},
    {"<=", Op::comparison, 2, 2, true},
    {">=", Op::comparison, 2, 2, true},
    {"like", Op::comparison, 2, 2, true},
    {"between", Op::comparison, 3, 3, true},
    {"in", Op::comparison, 2, 2, true},
    {"isNull", Op::comparison, 1, 1, true},
    {"+", Op::arithmetic, 2, 2, true},
    {"-", Op::arithmetic, 2, 2, true},
    {"*", Op::arithmetic, 2, 2, true},
    {"/", Op::arithmetic, 2, 2, true},
    {"%", Op::arithmetic, 2, 2, true},
    {"div", Op::arithmetic, 2, 2, true},
    {"^", Op::arithmetic, 2, 2, true},
    {"casei", Op::folding, 1, 1, false},
    {"accenti", Op::folding, 1, 1, false},
    {"s_intersects", Op::spatial, 2, 2, false},
    {"s_equals", Op::spatial, 2, 2, false},
    {"s_disjoint", Op::spatial, 2, 2, false},
    {"s_touches", Op::spatial, 2, 2, false},
    {"s_within", Op::spatial, 2, 2, false},
    {"s_overlaps", Op::spatial, 2, 2, false},
    {"s_crosses", Op::spatial, 2, 2, false},
    {"s_contains", Op::spatial, 2, 2, false},
    {"t_after", Op::temporal, 2, 2, false},
    {"t_before", Op::temporal, 2, 2, false},
    {"t_contains", Op::temporal, 2, 2, false},
    {"t_disjoint", Op::temporal, 2, 2, false},
    {"t_during", Op::temporal, 2, 2, false},
    {"t_equals", Op::temporal, 2, 2, false},
    {"t_finishedBy", Op::temporal, 2, 2, false},
    {"t_finishes", Op::temporal, 2, 2, false},
    {"t_intersects", Op::temporal, 2, 2, false},
    {"t_meets", Op::temporal, 2, 2, false},
    {"t_metBy", Op::temporal, 2, 2, false},
    {"t_overlappedBy", Op::temporal, 2, 2, false},
    {"t_overlaps", Op::temporal, 2, 2, false},
    {"t_startedBy", Op::temporal, 2, 2, false},
    {"t_starts", Op::temporal, 2, 2, false},
    {"a_equals", Op::array, 2, 2, false},
    {"a_contains", Op::array, 2, 2, false},
    {"a_containedBy", Op::array, 2, 2, false},
    {"a_overlaps", Op::array, 2, 2, false},
}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; }

bool equals_any_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool same_geometry(const std::optional<Geometry>& a, const std::optional<Geometry>& b) {
  return a.has_value() == b.has_value() && (!a || a->geojson() == b->geojson());
}

Error refuse(const std::string& why) { return Error(Errc::invalid_argument, "filter: {}", why); }

/// Whether `e` may stand where a truth value must.
bool may_be_boolean(const Expression& e) {
  if (e.kind == Kind::boolean || e.kind == Kind::property) return true;
  if (e.kind != Kind::call) return false;
  const Cql2Operator* op = e.op;
  return op == nullptr || (op->kind != Op::arithmetic && op->kind != Op::folding);
}

void check_call(const Expression& e) {
  const Cql2Operator* op = e.op;
  if (op == nullptr) {
    if (!is_plain_cql2_name(e.text))
      throw refuse("'" + e.text.substr(0, 40) + "' is no name of a function");
    return;
  }
  if (e.args.size() < op->min_args || e.args.size() > op->max_args) {
    throw refuse(fmt::format("'{}' has {} arguments: expected {}", e.text, e.args.size(),
                             op->max_args == kAny ? "one or more" : std::to_string(op->max_args)));
  }
  if (op->kind == Op::logical && !std::all_of(e.args.begin(), e.args.end(), may_be_boolean))
    throw refuse(fmt::format("'{}' is given what is neither true nor false", e.text));
  if (e.text == "in" && e.args[1].kind != Kind::list) throw refuse("'in' needs a list");
}

void check_interval(const Expression& e) {
  if (e.args.size() != 2) throw refuse("an interval has two ends");
  for (const Expression& end : e.args) {
    const bool is_time = end.kind == Kind::text &&
                         (end.text == ".." || parse_instant(end.text) || parse_day(end.text));
    if (!is_time && end.kind != Kind::property && end.kind != Kind::call)
      throw refuse("an end of an interval is no time, such as '2020-01-01' or '..'");
  }
}

void check(const Expression& e, std::size_t depth) {
  if (depth > kMaxExpressionDepth)
    throw refuse(fmt::format("it has more than {} levels", kMaxExpressionDepth));
  if (e.kind == Kind::call) check_call(e);
  if (e.kind == Kind::interval) check_interval(e);
  for (const Expression& arg : e.args) check(arg, depth + 1);
}

void collect_properties(const Expression& e, std::vector<std::string>& names) {
  if (e.kind == Kind::property && std::find(names.begin(), names.end(), e.text) == names.end())
    names.push_back(e.text);
  for (const Expression& arg : e.args) collect_properties(arg, names);
}

}  // namespace

Expression Expression::of(bool value) { return {.kind = Kind::boolean, .boolean = value}; }

Expression Expression::of(double value) { return {.kind = Kind::number, .number = value}; }

Expression Expression::of_text(std::string value) {
  return {.kind = Kind::text, .text = std::move(value)};
}

Expression Expression::property(std::string name) {
  return {.kind = Kind::property, .text = std::move(name)};
}

Expression Expression::call(std::string name, std::vector<Expression> args) {
  const Cql2Operator* op = find_cql2_operator(name);
  if (op != nullptr) name = op->name;
  return {.kind = Kind::call, .text = std::move(name), .args = std::move(args), .op = op};
}

Expression Expression::list(std::vector<Expression> elements) {
  return {.kind = Kind::list, .args = std::move(elements)};
}

Expression Expression::date(std::string text) {
  const auto span = parse_day(text);
  if (!span) throw refuse("'" + text.substr(0, 40) + "' is no date, such as 2020-01-31");
  return {.kind = Kind::date, .text = std::move(text), .span = *span};
}

Expression Expression::timestamp(std::string text) {
  const auto at = parse_instant(text);
  if (!at)
    throw refuse("'" + text.substr(0, 40) + "' is no timestamp, such as 2020-01-31T12:00:00Z");
  return {.kind = Kind::timestamp, .text = std::move(text), .span = {*at, *at}};
}

Expression Expression::box(std::vector<double> edges) {
  const bool is_flat = edges.size() == 4;
  if (!is_flat && edges.size() != 6) throw refuse("a box does not have four or six numbers");
  const BBox box{edges[0], edges[1], edges[is_flat ? 2 : 3], edges[is_flat ? 3 : 4]};
  return {.kind = Kind::box, .numbers = std::move(edges), .geometry = Geometry::from_box(box)};
}

bool operator==(const Expression& a, const Expression& b) {
  return a.kind == b.kind && a.boolean == b.boolean && a.number == b.number && a.text == b.text &&
         a.numbers == b.numbers && same_geometry(a.geometry, b.geometry) && a.args == b.args;
}

const Cql2Operator* find_cql2_operator(std::string_view name) {
  for (const Cql2Operator& op : kOperators)
    if (equals_any_case(op.name, name)) return &op;
  return nullptr;
}

void check_filter(const Expression& filter) {
  check(filter, 1);
  if (!may_be_boolean(filter)) throw refuse("it is neither true nor false");
}

std::vector<std::string> properties_of(const Expression& filter) {
  std::vector<std::string> names;
  collect_properties(filter, names);
  return names;
}

}  // namespace rastream
