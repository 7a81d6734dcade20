// SPDX-License-Identifier: Apache-2.0
// The words of CQL2 text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rastream {

struct Cql2Token {
  enum class Kind { name, quoted_name, text, number, mark, end };
  Kind kind = Kind::end;
  std::string text;  ///< without quotes; a mark as it is
  double number = 0;
  std::size_t begin = 0;  ///< where it stands
  std::size_t end = 0;
};

/// All of them, with an `end` behind the last. Throws invalid_argument with the column for a
/// text without its second quote, a number that is none and characters of no word.
std::vector<Cql2Token> cql2_tokens(std::string_view text);

/// A name that needs no quotes.
bool is_plain_cql2_name(std::string_view name);

}  // namespace rastream
