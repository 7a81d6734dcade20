// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/cql2_tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "rastream/base/error.h"

namespace rastream {
namespace {

using Kind = Cql2Token::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Letters beyond ASCII are all taken: the standard names nearly all of them.
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) { return begins_name(c) || is_digit(c) || c == '.'; }

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Cql2Token next() {
    while (at_ < text_.size() && std::string_view(" \t\r\n\v\f").find(text_[at_]) != kNone) ++at_;
    Cql2Token token;
    token.begin = at_;
    if (at_ < text_.size()) read(token);
    token.end = at_;
    return token;
  }

 private:
  static constexpr std::size_t kNone = std::string_view::npos;

  void read(Cql2Token& token) {
    const char c = text_[at_];
    if (begins_name(c))
      name(token);
    else if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))
      number(token);
    else if (c == '\'' || c == '"')
      quoted(token, c);
    else
      mark(token);
  }

  void name(Cql2Token& token) {
    token.kind = Kind::name;
    while (at_ < text_.size() && continues_name(text_[at_])) token.text += text_[at_++];
  }

  void number(Cql2Token& token) {
    token.kind = Kind::number;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), token.number);
    if (error != std::errc() || !std::isfinite(token.number)) throw refuse("a number is too large");
    at_ += static_cast<std::size_t>(end - begin);
  }

  /// A quote within is written twice; in a text also behind a backslash.
  void quoted(Cql2Token& token, char quote) {
    token.kind = quote == '"' ? Kind::quoted_name : Kind::text;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      const char following = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (c == '\\' && following == '\'' && quote == '\'') {
        ++at_;
      } else if (c == quote) {
        ++at_;
        if (following != quote) return;
      }
      token.text += text_[at_];
    }
    throw refuse("a quote is not closed");
  }

  void mark(Cql2Token& token) {
    static constexpr std::array<std::string_view, 15> kMarks = {
        "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/", "%", "^"};
    const auto* found = std::find_if(kMarks.begin(), kMarks.end(), [&](std::string_view m) {
      return text_.substr(at_).starts_with(m);
    });
    if (found == kMarks.end()) throw refuse("this character has no meaning");
    token.kind = Kind::mark;
    token.text = *found;
    at_ += found->size();
  }

  Error refuse(std::string_view why) const {
    return Error(Errc::invalid_argument, "filter, column {}: {}", at_ + 1, why);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Cql2Token> cql2_tokens(std::string_view text) {
  Tokenizer tokenizer(text);
  std::vector<Cql2Token> tokens;
  do {
    tokens.push_back(tokenizer.next());
  } while (tokens.back().kind != Kind::end);
  return tokens;
}

bool is_plain_cql2_name(std::string_view name) {
  static constexpr std::array<std::string_view, 11> kReserved = {
      "and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div"};
  if (name.empty() || !begins_name(name.front())) return false;
  if (!std::all_of(name.begin(), name.end(), continues_name)) return false;
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
  return std::find(kReserved.begin(), kReserved.end(), lower) == kReserved.end();
}

}  // namespace rastream
