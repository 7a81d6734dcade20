// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/box_words.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/geo/bbox.h"

namespace rastream {
namespace {

constexpr std::string_view kOption = "--bbox";

/// How many numbers a word holds, which may end in a comma; 0: it is something else.
std::size_t count_edges(std::string_view word) {
  if (word.size() > 1 && word.ends_with(',')) word.remove_suffix(1);
  try {
    return parse_edges(word).size();
  } catch (const Error&) {
    return 0;
  }
}

/// How many of the words from `first` on make a box together with `n_edges` that are there.
std::size_t count_box_words(const std::vector<std::string>& words, std::size_t first,
                            std::size_t n_edges) {
  std::size_t n_words = 0;
  bool is_whole = n_edges >= 4;
  for (std::size_t n = 0; !is_whole && n_edges < 6 && first + n < words.size(); ++n) {
    const std::size_t n_more = count_edges(words[first + n]);
    if (n_more == 0) break;
    n_edges += n_more;
    if (n_edges != 5) n_words = n + 1;
    is_whole = n_more >= 4;
  }
  return n_words;
}

bool is_box_option(std::string_view word) {
  return word == kOption || word.starts_with(fmt::format("{}=", kOption));
}

/// How many of the words from `first` on belong to the box that `option` begins.
std::size_t count_words_of_box(std::string_view option, const std::vector<std::string>& words,
                               std::size_t first) {
  if (option == kOption) return count_box_words(words, first, 0);
  const std::size_t n_there = count_edges(option.substr(kOption.size() + 1));
  return n_there == 0 ? 0 : count_box_words(words, first, n_there);
}

}  // namespace

std::vector<std::string> with_joined_boxes(std::vector<std::string> words) {
  std::vector<std::string> joined;
  const auto n_options =
      static_cast<std::size_t>(std::find(words.begin(), words.end(), "--") - words.begin());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string& word = joined.emplace_back(std::move(words[i]));
    if (i >= n_options || !is_box_option(word)) continue;
    for (std::size_t n = count_words_of_box(word, words, i + 1); n > 0; --n) {
      word += word == kOption ? "=" : word.ends_with('=') || word.ends_with(',') ? "" : ",";
      word += words[++i];
    }
  }
  return joined;
}

}  // namespace rastream
