// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/index/column_bounds.h"

namespace rastream {
namespace {

using Kind = Expression::Kind;

std::string property_name(const std::string& name) {
  constexpr std::string_view kProperties = "properties.";
  return name.starts_with(kProperties) ? name.substr(kProperties.size()) : name;
}

std::string mirrored(const std::string& op) {
  if (op == "<") return ">";
  if (op == ">") return "<";
  if (op == "<=") return ">=";
  if (op == ">=") return "<=";
  return op;
}

std::optional<NumberBound> comparison_bound(const std::string& property, const std::string& op,
                                            double value) {
  NumberBound bound{.property = property};
  if (op == "=" || op == ">" || op == ">=") bound.lowest = value;
  if (op == "=" || op == "<" || op == "<=") bound.highest = value;
  if (op != "=" && op != ">" && op != ">=" && op != "<" && op != "<=") return std::nullopt;
  bound.is_lowest_open = op == ">";
  bound.is_highest_open = op == "<";
  return bound;
}

/// Names that may mean something else than the property of this name.
bool is_plain(const Expression& e) {
  if (e.kind != Kind::property) return false;
  const std::string name = property_name(e.text);
  return name != "id" && name != "collection" && name.find('.') == std::string::npos;
}

std::optional<NumberBound> bound_of(const Expression& e) {
  if (e.kind != Kind::call || e.args.empty()) return std::nullopt;
  const Expression& a = e.args[0];
  if (e.text == "between" && is_plain(a) && e.args[1].kind == Kind::number &&
      e.args[2].kind == Kind::number)
    return NumberBound{property_name(a.text), e.args[1].number, e.args[2].number, false, false};
  if (e.args.size() != 2) return std::nullopt;
  const Expression& b = e.args[1];
  if (is_plain(a) && b.kind == Kind::number)
    return comparison_bound(property_name(a.text), e.text, b.number);
  if (a.kind == Kind::number && is_plain(b))
    return comparison_bound(property_name(b.text), mirrored(e.text), a.number);
  return std::nullopt;
}

void collect(const Expression& e, FilterBounds& out) {
  if (e.is_call("and")) {
    for (const Expression& arg : e.args) collect(arg, out);
    return;
  }
  if (auto bound = bound_of(e))
    out.bounds.push_back(std::move(*bound));
  else
    out.is_all = false;
}

}  // namespace

FilterBounds bounds_of(const Expression& filter) {
  FilterBounds out;
  out.is_all = true;
  collect(filter, out);
  return out;
}

}  // namespace rastream
