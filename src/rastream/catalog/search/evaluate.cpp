// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/catalog/search/item_value.h"
#include "rastream/catalog/search/text_match.h"

namespace rastream {
namespace {

using Kind = Expression::Kind;
using Truth = std::optional<bool>;
using Values = std::vector<Value>;

Value evaluate(const Expression& e, const Item& item);

Value to_value(Truth truth) { return truth ? Value{*truth} : Value{}; }

Truth negated(Truth truth) { return truth ? Truth(!*truth) : truth; }

/// AND for false, OR for true: one argument that is `deciding` decides.
Truth logical(const Expression& e, const Item& item, bool deciding) {
  bool is_known = true;
  for (const Expression& arg : e.args) {
    const Truth truth = holds(arg, item);
    if (truth == deciding) return deciding;
    is_known = is_known && truth.has_value();
  }
  return is_known ? Truth(!deciding) : std::nullopt;
}

Truth compared(std::string_view op, const Value& a, const Value& b) {
  const std::partial_ordering order = compare(a, b);
  if (order == std::partial_ordering::unordered) return std::nullopt;
  if (op == "=") return order == 0;
  if (op == "<>") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

Truth is_in(const Expression& e, const Item& item) {
  const Value value = evaluate(e.args[0], item);
  bool is_known = true;
  for (const Expression& element : e.args[1].args) {
    const Truth truth = compared("=", value, evaluate(element, item));
    if (truth == true) return true;
    is_known = is_known && truth.has_value();
  }
  return is_known ? Truth(false) : std::nullopt;
}

Truth is_between(const Expression& e, const Item& item) {
  const Value value = evaluate(e.args[0], item);
  const Truth low = compared(">=", value, evaluate(e.args[1], item));
  const Truth high = compared("<=", value, evaluate(e.args[2], item));
  if (low == false || high == false) return false;
  return low && high ? Truth(true) : std::nullopt;
}

Truth is_like(const Expression& e, const Item& item) {
  const Value text = evaluate(e.args[0], item);
  const Value pattern = evaluate(e.args[1], item);
  if (!text.get_if<std::string>() || !pattern.get_if<std::string>()) return std::nullopt;
  return matches_pattern(*text.get_if<std::string>(), *pattern.get_if<std::string>());
}

Truth is_null(const Expression& arg, const Item& item) {
  if (arg.kind != Kind::property) return evaluate(arg, item).is_unknown();
  if (arg.text == "geometry") return item.geometry.empty() || item.geometry.view() == "null";
  if (arg.text == "datetime") return item.datetime.empty();
  return item_member(item, arg.text).is_null();
}

Value arithmetic(std::string_view op, const Value& a, const Value& b) {
  if (!a.get_if<double>() || !b.get_if<double>()) return {};
  const double x = *a.get_if<double>();
  const double y = *b.get_if<double>();
  const auto result = [&] {
    if (op == "+") return x + y;
    if (op == "-") return x - y;
    if (op == "*") return x * y;
    if (op == "/") return x / y;
    if (op == "%") return std::fmod(x, y);
    if (op == "div") return std::trunc(x / y);
    return std::pow(x, y);
  }();
  return std::isfinite(result) ? Value{result} : Value{};
}

Value folded(std::string_view op, const Value& value) {
  const auto* text = value.get_if<std::string>();
  if (text == nullptr) return {};
  return {op == "casei" ? without_case(*text) : without_accents(*text)};
}

/// The geometry that `e` is for the item; `made` keeps one that is made for it.
const Geometry* geometry_of(const Expression& e, const Item& item, std::optional<Geometry>& made) {
  if (e.geometry) return &*e.geometry;
  if (e.kind != Kind::property) return nullptr;
  if (e.text == "geometry") {
    made = rastream::geometry_of(item);
  } else {
    try {
      made = Geometry::from_geojson(item_member(item, e.text));
    } catch (const Error&) {
      made.reset();
    }
  }
  return made ? &*made : nullptr;
}

SpatialRelation relation_of(std::string_view op) {
  static constexpr std::array<std::pair<std::string_view, SpatialRelation>, 8> kRelations = {{
      {"s_intersects", SpatialRelation::intersects},
      {"s_equals", SpatialRelation::equals},
      {"s_disjoint", SpatialRelation::disjoint},
      {"s_touches", SpatialRelation::touches},
      {"s_within", SpatialRelation::within},
      {"s_overlaps", SpatialRelation::overlaps},
      {"s_crosses", SpatialRelation::crosses},
      {"s_contains", SpatialRelation::contains},
  }};
  for (const auto& [name, relation] : kRelations)
    if (name == op) return relation;
  throw Error(Errc::internal, "unknown spatial operator '{}'", op);
}

Truth spatial(const Expression& e, const Item& item) {
  std::optional<Geometry> made_a;
  std::optional<Geometry> made_b;
  const Geometry* a = geometry_of(e.args[0], item, made_a);
  const Geometry* b = geometry_of(e.args[1], item, made_b);
  if (a == nullptr || b == nullptr) return std::nullopt;
  // The one of the filter is prepared once for all items.
  if (e.text == "s_intersects" && e.args[1].geometry)
    return b->relates(SpatialRelation::intersects, *a);
  return a->relates(relation_of(e.text), *b);
}

std::optional<TimeSpan> interval_of(const Expression& e, const Item& item) {
  TimeSpan span;
  for (const bool is_end : {false, true}) {
    const Expression& part = e.args[is_end ? 1 : 0];
    if (part.kind == Kind::text && part.text == "..") continue;
    const auto time = time_of(evaluate(part, item));
    if (!time) return std::nullopt;
    (is_end ? span.end : span.begin) = is_end ? time->end : time->begin;
  }
  return span;
}

/// Allen's relations (OGC 21-065r2, table 7).
bool temporal(std::string_view op, const TimeSpan& a, const TimeSpan& b) {
  if (op == "t_after") return a.begin > b.end;
  if (op == "t_before") return a.end < b.begin;
  if (op == "t_contains") return a.begin < b.begin && a.end > b.end;
  if (op == "t_disjoint") return !intersects(a, b);
  if (op == "t_during") return a.begin > b.begin && a.end < b.end;
  if (op == "t_equals") return a == b;
  if (op == "t_finishedBy") return a.begin < b.begin && a.end == b.end;
  if (op == "t_finishes") return a.begin > b.begin && a.end == b.end;
  if (op == "t_intersects") return intersects(a, b);
  if (op == "t_meets") return a.end == b.begin;
  if (op == "t_metBy") return a.begin == b.end;
  if (op == "t_overlappedBy") return a.begin > b.begin && a.begin < b.end && a.end > b.end;
  if (op == "t_overlaps") return a.begin < b.begin && a.end > b.begin && a.end < b.end;
  if (op == "t_startedBy") return a.begin == b.begin && a.end > b.end;
  return a.begin == b.begin && a.end < b.end;
}

Truth temporal(const Expression& e, const Item& item) {
  std::array<std::optional<TimeSpan>, 2> spans;
  for (std::size_t i = 0; i < 2; ++i) {
    const Expression& arg = e.args[i];
    spans[i] = arg.kind == Kind::interval ? interval_of(arg, item) : time_of(evaluate(arg, item));
  }
  if (!spans[0] || !spans[1]) return std::nullopt;
  return temporal(e.text, *spans[0], *spans[1]);
}

bool contains(const Values& list, const Value& value) {
  return std::any_of(list.begin(), list.end(), [&](const Value& one) {
    return compare(one, value) == std::partial_ordering::equivalent;
  });
}

bool contains_all(const Values& list, const Values& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const Value& value) { return contains(list, value); });
}

Truth array(const Expression& e, const Item& item) {
  const Value left = evaluate(e.args[0], item);
  const Value right = evaluate(e.args[1], item);
  const auto* a = left.get_if<Values>();
  const auto* b = right.get_if<Values>();
  if (a == nullptr || b == nullptr) return std::nullopt;
  if (e.text == "a_equals") return contains_all(*a, *b) && contains_all(*b, *a);
  if (e.text == "a_contains") return contains_all(*a, *b);
  if (e.text == "a_containedBy") return contains_all(*b, *a);
  return std::any_of(a->begin(), a->end(), [&](const Value& value) { return contains(*b, value); });
}

Truth predicate(const Expression& e, const Item& item) {
  if (e.text == "and") return logical(e, item, false);
  if (e.text == "or") return logical(e, item, true);
  if (e.text == "not") return negated(holds(e.args[0], item));
  if (e.text == "in") return is_in(e, item);
  if (e.text == "between") return is_between(e, item);
  if (e.text == "like") return is_like(e, item);
  if (e.text == "isNull") return is_null(e.args[0], item);
  return compared(e.text, evaluate(e.args[0], item), evaluate(e.args[1], item));
}

Value call(const Expression& e, const Item& item) {
  if (e.op == nullptr) throw Error(Errc::internal, "function '{}' was not checked", e.text);
  switch (e.op->kind) {
    case Cql2Operator::Kind::arithmetic:
      return arithmetic(e.text, evaluate(e.args[0], item), evaluate(e.args[1], item));
    case Cql2Operator::Kind::folding: return folded(e.text, evaluate(e.args[0], item));
    case Cql2Operator::Kind::spatial: return to_value(spatial(e, item));
    case Cql2Operator::Kind::temporal: return to_value(temporal(e, item));
    case Cql2Operator::Kind::array: return to_value(array(e, item));
    default: return to_value(predicate(e, item));
  }
}

Value evaluate(const Expression& e, const Item& item) {
  switch (e.kind) {
    case Kind::boolean: return {e.boolean};
    case Kind::number: return {e.number};
    case Kind::text: return {e.text};
    case Kind::date:
    case Kind::timestamp: return {e.span};
    case Kind::property: return item_value(item, e.text);
    case Kind::call: return call(e, item);
    case Kind::interval: {
      const auto span = interval_of(e, item);
      return span ? Value{*span} : Value{};
    }
    case Kind::list: {
      Values list;
      for (const Expression& element : e.args) list.push_back(evaluate(element, item));
      return {std::move(list)};
    }
    default: return {};  // geometries have relations, and are no values
  }
}

}  // namespace

void check_evaluable(const Expression& filter) {
  if (filter.kind == Kind::call && filter.op == nullptr) {
    throw Error(Errc::unsupported,
                "filter: the function '{}' is not known: expected those of CQL2, casei and accenti",
                filter.text);
  }
  for (const Expression& arg : filter.args) check_evaluable(arg);
}

std::optional<bool> holds(const Expression& filter, const Item& item) {
  const Value value = evaluate(filter, item);
  const auto* truth = value.get_if<bool>();
  return truth ? Truth(*truth) : std::nullopt;
}

}  // namespace rastream
