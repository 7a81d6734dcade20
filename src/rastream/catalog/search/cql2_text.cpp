// SPDX-License-Identifier: Apache-2.0
// CQL2 text to a tree: a function for each level of precedence.
#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/catalog/search/cql2.h"
#include "rastream/catalog/search/cql2_tokens.h"

namespace rastream {
namespace {

using Kind = Expression::Kind;
using Token = Cql2Token;

/// Brackets may lie deeper than the tree: each level of it is written with at most two.
constexpr std::size_t kMaxBrackets = 2 * kMaxExpressionDepth + 2;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
  return text;
}

bool is_geometry_name(const std::string& name) {
  static constexpr std::string_view kNames[] = {
      "point",   "multipoint",   "linestring",         "multilinestring",
      "polygon", "multipolygon", "geometrycollection",
  };
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), tokens_(cql2_tokens(text)) {}

  Expression whole() {
    Expression e = disjunction();
    if (now().kind != Token::Kind::end) throw refuse("nothing may follow here");
    return e;
  }

 private:
  Expression disjunction() { return logical("or", &Parser::conjunction); }
  Expression conjunction() { return logical("and", &Parser::negation); }

  Expression logical(const std::string& name, Expression (Parser::*part)()) {
    Expression first = (this->*part)();
    if (!is_word(name)) return first;
    std::vector<Expression> args{std::move(first)};
    while (take_word(name)) args.push_back((this->*part)());
    return Expression::call(name, std::move(args));
  }

  Expression negation() {
    const Level level(*this);
    if (!take_word("not")) return comparison();
    return Expression::call("not", {negation()});
  }

  Expression comparison() {
    Expression left = sum();
    for (const char* op : {"=", "<>", "<=", ">=", "<", ">"}) {
      if (take_mark(op)) return Expression::call(op, {std::move(left), sum()});
    }
    if (take_word("is")) return null_test(std::move(left));
    const bool is_negated = is_word("not");
    if (is_negated) ++at_;
    if (take_word("like"))
      left = Expression::call("like", {std::move(left), sum()});
    else if (take_word("between"))
      left = between(std::move(left));
    else if (take_word("in"))
      left = Expression::call("in", {std::move(left), list()});
    else if (is_negated)
      throw refuse("expected LIKE, BETWEEN or IN");
    return is_negated ? Expression::call("not", {std::move(left)}) : left;
  }

  Expression null_test(Expression operand) {
    const bool is_negated = take_word("not");
    if (!take_word("null")) throw refuse("expected NULL");
    Expression test = Expression::call("isNull", {std::move(operand)});
    return is_negated ? Expression::call("not", {std::move(test)}) : test;
  }

  Expression between(Expression value) {
    Expression low = sum();
    if (!take_word("and")) throw refuse("expected AND");
    return Expression::call("between", {std::move(value), std::move(low), sum()});
  }

  Expression sum() {
    Expression left = product();
    for (std::size_t n = 0;; ++n) {
      const std::string op = is_mark("+") ? "+" : is_mark("-") ? "-" : "";
      if (op.empty()) return left;
      left = operation(op, std::move(left), &Parser::product, n);
    }
  }

  Expression product() {
    Expression left = power();
    for (std::size_t n = 0;; ++n) {
      std::string op = is_word("div") ? "div" : "";
      for (const char* mark : {"*", "/", "%"})
        if (is_mark(mark)) op = mark;
      if (op.empty()) return left;
      left = operation(op, std::move(left), &Parser::power, n);
    }
  }

  /// `n` operations before this one are all within its left side.
  Expression operation(const std::string& op, Expression left, Expression (Parser::*part)(),
                       std::size_t n) {
    if (n >= kMaxExpressionDepth) throw refuse("there are too many operations in a row");
    ++at_;
    return Expression::call(op, {std::move(left), (this->*part)()});
  }

  Expression power() {
    Expression base = factor();
    if (!take_mark("^")) return base;
    return Expression::call("^", {std::move(base), factor()});
  }

  Expression factor() {
    if (take_mark("+")) return primary();
    if (!take_mark("-")) return primary();
    Expression e = primary();
    if (e.kind != Kind::number) return Expression::call("*", {Expression::of(-1.0), std::move(e)});
    e.number = -e.number;
    return e;
  }

  Expression primary() {
    const Token& token = now();
    switch (token.kind) {
      case Token::Kind::number: ++at_; return Expression::of(token.number);
      case Token::Kind::text: ++at_; return Expression::of_text(token.text);
      case Token::Kind::quoted_name: ++at_; return Expression::property(token.text);
      case Token::Kind::name: return named();
      default: break;
    }
    if (is_mark("(")) return bracketed();
    throw refuse("expected a value");
  }

  /// A list, or one expression. What cannot be bracketed for its own sake is a list of one.
  Expression bracketed() {
    Expression elements = list();
    if (elements.args.size() != 1) return elements;
    const Kind kind = elements.args[0].kind;
    const bool is_one = kind == Kind::number || kind == Kind::boolean || kind == Kind::property ||
                        kind == Kind::call;
    if (!is_one) return elements;
    Expression one = std::move(elements.args[0]);
    return one;
  }

  Expression list() {
    const Level level(*this);
    std::vector<Expression> elements;
    expect_mark("(");
    if (take_mark(")")) return Expression::list({});
    do {
      elements.push_back(disjunction());
    } while (take_mark(","));
    expect_mark(")");
    return Expression::list(std::move(elements));
  }

  Expression named() {
    const Token& token = now();
    const std::string name = lower(token.text);
    if (name == "true" || name == "false") {
      ++at_;
      return Expression::of(name == "true");
    }
    if (is_geometry_name(name) && is_geometry_next()) return geometry();
    if (!is_plain_cql2_name(token.text)) throw refuse("expected a value");
    ++at_;
    if (!is_mark("(")) return Expression::property(token.text);
    if (name == "date") return Expression::date(only_text());
    if (name == "timestamp") return Expression::timestamp(only_text());
    if (name == "interval") return {.kind = Kind::interval, .args = list().args};
    if (name == "bbox") return box();
    return function(token.text);
  }

  Expression function(const std::string& name) {
    const Cql2Operator* op = find_cql2_operator(name);
    if (op == nullptr || op->kind != Cql2Operator::Kind::array)
      return Expression::call(name, list().args);
    std::vector<Expression> args;
    expect_mark("(");
    do {
      args.push_back(is_mark("(") ? list() : disjunction());
    } while (take_mark(","));
    expect_mark(")");
    return Expression::call(name, std::move(args));
  }

  std::string only_text() {
    expect_mark("(");
    if (now().kind != Token::Kind::text) throw refuse("expected a text in quotes");
    std::string text = now().text;
    ++at_;
    expect_mark(")");
    return text;
  }

  Expression box() {
    std::vector<double> edges;
    for (const Expression& part : list().args) {
      if (part.kind != Kind::number) throw refuse("expected the numbers of a box");
      edges.push_back(part.number);
    }
    return Expression::box(std::move(edges));
  }

  bool is_geometry_next() const {
    const Token& next = tokens_[at_ + 1];
    if (next.kind == Token::Kind::mark) return next.text == "(";
    if (next.kind != Token::Kind::name) return false;
    const std::string word = lower(next.text);
    return word == "z" || word == "m" || word == "zm" || word == "empty";
  }

  /// The text from here to the end of its brackets is WKT.
  Expression geometry() {
    const std::size_t begin = now().begin;
    ++at_;
    while (now().kind == Token::Kind::name) ++at_;
    int depth = 0;
    while (is_mark("(") || depth > 0) {
      if (now().kind == Token::Kind::end) throw refuse("a bracket is not closed");
      depth += is_mark("(") ? 1 : is_mark(")") ? -1 : 0;
      ++at_;
      if (depth == 0) break;
    }
    const std::size_t end = tokens_[at_ - 1].end;
    return {.kind = Kind::geometry,
            .geometry = Geometry::from_wkt(text_.substr(begin, end - begin))};
  }

  const Token& now() const { return tokens_[at_]; }
  bool is_mark(std::string_view mark) const {
    return now().kind == Token::Kind::mark && now().text == mark;
  }
  bool is_word(std::string_view word) const {
    return now().kind == Token::Kind::name && lower(now().text) == word;
  }
  bool take_mark(std::string_view mark) {
    const bool is_there = is_mark(mark);
    at_ += is_there ? 1 : 0;
    return is_there;
  }
  bool take_word(std::string_view word) {
    const bool is_there = is_word(word);
    at_ += is_there ? 1 : 0;
    return is_there;
  }
  void expect_mark(std::string_view mark) {
    if (!take_mark(mark)) throw refuse(fmt::format("expected '{}'", mark));
  }

  Error refuse(std::string_view why) const {
    const std::size_t column = now().begin;
    return Error(Errc::invalid_argument, "filter, column {}: {}, at '{}'", column + 1, why,
                 now().kind == Token::Kind::end ? "the end" : text_.substr(column, 20));
  }

  /// Counts the levels that the parser is within.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > 2 * kMaxBrackets) throw parser_.refuse("it lies too deep in brackets");
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

Expression parse_cql2_text(std::string_view text) {
  if (text.size() > kMaxFilterBytes)
    throw Error(Errc::invalid_argument, "filter: it has {} characters: expected at most {}",
                text.size(), kMaxFilterBytes);
  Expression filter = Parser(text).whole();
  check_filter(filter);
  return filter;
}

}  // namespace rastream
