// SPDX-License-Identifier: Apache-2.0
// A tree as CQL2 text: with more brackets than a person would write, and no doubt left.
#include <fmt/format.h>

#include "rastream/base/error.h"
#include "rastream/catalog/search/cql2.h"
#include "rastream/catalog/search/cql2_tokens.h"

namespace rastream {
namespace {

using Kind = Expression::Kind;

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~32);
  return text;
}

std::string quoted(const std::string& text) {
  if (text.ends_with('\\'))
    throw Error(Errc::unsupported, "filter: CQL2 text cannot hold a text that ends in '\\'");
  std::string out = "'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Behind a backslash '' would read as an escaped quote and the end.
    if (text[i] == '\'') out += i > 0 && text[i - 1] == '\\' ? '\\' : '\'';
    out += text[i];
  }
  return out + "'";
}

std::string name_text(const std::string& name) {
  if (is_plain_cql2_name(name)) return name;
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string text_of(const Expression& e);

bool is_infix(const Expression& e) { return e.op != nullptr && e.op->is_infix; }

std::string operand(const Expression& e) {
  return is_infix(e) ? fmt::format("({})", text_of(e)) : text_of(e);
}

/// Below AND and OR, all but these two are clear without brackets.
std::string logical_operand(const Expression& e) {
  return e.is_call("and") || e.is_call("or") ? fmt::format("({})", text_of(e)) : text_of(e);
}

std::string listed(const std::vector<Expression>& list) {
  std::string out = "(";
  for (std::size_t i = 0; i < list.size(); ++i) out += (i ? ", " : "") + text_of(list[i]);
  return out + ")";
}

std::string infix_text(const Expression& e) {
  const std::string& op = e.text;
  const auto& args = e.args;
  if (op == "and" || op == "or") {
    // One alone is itself: there is no other way to write it.
    std::string out;
    for (const Expression& arg : args)
      out += fmt::format("{}{}", out.empty() ? "" : fmt::format(" {} ", upper(op)),
                         logical_operand(arg));
    return out;
  }
  if (op == "not") {
    const bool is_clear = is_infix(args[0]) && args[0].op->kind != Cql2Operator::Kind::logical;
    return fmt::format("NOT {}", is_clear ? text_of(args[0]) : operand(args[0]));
  }
  if (op == "isNull") return operand(args[0]) + " IS NULL";
  if (op == "between") {
    return fmt::format("{} BETWEEN {} AND {}", operand(args[0]), operand(args[1]),
                       operand(args[2]));
  }
  if (op == "in") return operand(args[0]) + " IN " + listed(args[1].args);
  const std::string name = op == "like" ? "LIKE" : op;
  return operand(args[0]) + " " + name + " " + operand(args[1]);
}

std::string text_of(const Expression& e) {
  switch (e.kind) {
    case Kind::boolean: return e.boolean ? "TRUE" : "FALSE";
    case Kind::number: return fmt::format("{}", e.number);
    case Kind::text: return quoted(e.text);
    case Kind::date: return fmt::format("DATE({})", quoted(e.text));
    case Kind::timestamp: return fmt::format("TIMESTAMP({})", quoted(e.text));
    case Kind::interval: return "INTERVAL" + listed(e.args);
    case Kind::geometry: return e.geometry->wkt();
    case Kind::box: return fmt::format("BBOX({})", fmt::join(e.numbers, ", "));
    case Kind::property: return name_text(e.text);
    case Kind::list: return listed(e.args);
    case Kind::call: break;
  }
  if (is_infix(e)) return infix_text(e);
  return (e.op ? upper(e.text) : e.text) + listed(e.args);
}

}  // namespace

std::string to_cql2_text(const Expression& filter) { return text_of(filter); }

}  // namespace rastream
