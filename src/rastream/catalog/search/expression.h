// SPDX-License-Identifier: Apache-2.0
// A CQL2 filter as a tree (OGC 21-065r2): one for its text and its JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/catalog/search/geometry.h"
#include "rastream/catalog/search/time_span.h"

namespace rastream {

struct Cql2Operator;

/// A node. Which members mean something depends on `kind`.
struct Expression {
  enum class Kind {
    boolean,
    number,
    text,
    date,       ///< `text` as written, `span` the day
    timestamp,  ///< `text` as written, `span` the instant
    interval,   ///< two `args`: text (a time or ".."), a property or a call
    geometry,
    box,  ///< `numbers`: four or six; `geometry` without the heights
    property,
    list,
    call,  ///< of an operator of the standard or another function; `text` is its name in JSON
  };
  Kind kind = Kind::boolean;
  bool boolean = false;
  double number = 0;
  std::string text = {};
  TimeSpan span = {};
  std::vector<double> numbers = {};
  std::optional<Geometry> geometry = {};
  std::vector<Expression> args = {};
  const Cql2Operator* op = nullptr;  ///< of a call, when the standard has it

  static Expression of(bool value);
  static Expression of(double value);
  static Expression of_text(std::string value);
  static Expression property(std::string name);
  /// An operator's name may be in any case of letters.
  static Expression call(std::string name, std::vector<Expression> args);
  static Expression list(std::vector<Expression> elements);
  /// Throw invalid_argument unless `text` is a day or an instant.
  static Expression date(std::string text);
  static Expression timestamp(std::string text);

  /// Throws invalid_argument unless there are four or six.
  static Expression box(std::vector<double> edges);

  bool is_call(std::string_view name) const { return kind == Kind::call && text == name; }
};

/// The same but for how numbers and geometries were written.
bool operator==(const Expression& a, const Expression& b);

/// An operator or predicate of the standard.
struct Cql2Operator {
  enum class Kind { logical, comparison, arithmetic, spatial, temporal, array, folding };
  std::string_view name;  ///< in JSON: "and", "s_intersects", "t_finishedBy", "casei", "+"
  Kind kind;
  std::size_t min_args;
  std::size_t max_args;
  bool is_infix;  ///< in text: "a + b", but also "a IS NULL"
};

/// Nothing for a function that the standard does not define. `name` in any case of letters.
const Cql2Operator* find_cql2_operator(std::string_view name);

inline constexpr std::size_t kMaxExpressionDepth = 64;
inline constexpr std::size_t kMaxFilterBytes = std::size_t{1} << 20;

/// Throws invalid_argument where the standard allows no such expression: a wrong number of
/// arguments, a text where a truth value must stand, an interval without two times, more than
/// kMaxExpressionDepth levels.
void check_filter(const Expression& filter);

/// "name": the properties that it looks at, each once, in order.
std::vector<std::string> properties_of(const Expression& filter);

}  // namespace rastream
