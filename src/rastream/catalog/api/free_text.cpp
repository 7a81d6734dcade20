// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/api/free_text.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/catalog/search/text_match.h"

namespace rastream {
namespace {

using Words = std::vector<std::string>;

constexpr int kMaxDepth = 20;
constexpr std::size_t kMaxBytes = 10'000;

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

Words words_of(const std::string& text) {
  Words words;
  const std::string folded = without_accents(without_case(text));
  std::string word;
  for (const char c : folded + " ") {
    if (is_word_character(c)) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

/// Evaluates while it parses.
class Query {
 public:
  Query(std::string_view text, const std::vector<Words>& texts) : rest_(text), texts_(texts) {}

  bool whole() {
    const bool found = any_of(0);
    if (!token_is_end()) throw refuse("a bracket was not opened");
    return found;
  }

 private:
  bool any_of(int depth) {
    if (depth > kMaxDepth) throw refuse("brackets lie too deep in each other");
    bool found = all_of(depth);
    while (take(",") || take_word("OR")) found = all_of(depth) || found;
    return found;
  }

  bool all_of(int depth) {
    bool found = one(depth);
    for (skip_blanks(); !rest_.empty() && rest_[0] != ',' && rest_[0] != ')' && !is_word("OR");
         skip_blanks()) {
      take_word("AND");
      found = one(depth) && found;
    }
    return found;
  }

  bool one(int depth) {
    if (take_word("NOT") || take("-")) return !one_of_words(depth);
    take("+");
    return one_of_words(depth);
  }

  bool one_of_words(int depth) {
    if (take("(")) {
      const bool found = any_of(depth + 1);
      if (!take(")")) throw refuse("a bracket is not closed");
      return found;
    }
    return contains(words_of(term()));
  }

  std::string term() {
    skip_blanks();
    if (take("\"")) {
      const std::size_t end = rest_.find('"');
      if (end == std::string_view::npos) throw refuse("a quote is not closed");
      const std::string text(rest_.substr(0, end));
      rest_.remove_prefix(end + 1);
      return text;
    }
    const std::size_t end = std::min(rest_.find_first_of(" \t,()"), rest_.size());
    if (end == 0) throw refuse("a word is missing");
    const std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return text;
  }

  bool contains(const Words& phrase) const {
    return std::any_of(texts_.begin(), texts_.end(), [&](const Words& words) {
      return std::search(words.begin(), words.end(), phrase.begin(), phrase.end()) != words.end() ||
             phrase.empty();
    });
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  }
  bool token_is_end() {
    skip_blanks();
    return rest_.empty();
  }
  bool take(std::string_view mark) {
    skip_blanks();
    if (!rest_.starts_with(mark)) return false;
    rest_.remove_prefix(mark.size());
    return true;
  }
  bool is_word(std::string_view word) const {
    return rest_.starts_with(word) && (rest_.size() == word.size() || rest_[word.size()] == ' ' ||
                                       rest_[word.size()] == '(');
  }
  bool take_word(std::string_view word) {
    skip_blanks();
    return is_word(word) && take(word);
  }
  static Error refuse(std::string_view why) {
    return Error(Errc::invalid_argument, "q: {}; expected words such as 'sentinel -radar'", why);
  }

  std::string_view rest_;
  const std::vector<Words>& texts_;
};

}  // namespace

bool has_words(std::string_view q, const std::vector<std::string>& texts) {
  if (q.size() > kMaxBytes) throw Error(Errc::invalid_argument, "q: it is too long");
  std::vector<Words> words;
  for (const std::string& text : texts) words.push_back(words_of(text));
  return Query(q, words).whole();
}

}  // namespace rastream
