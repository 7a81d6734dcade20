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

}  // namespace

std::vector<std::string> with_joined_boxes(std::vector<std::string> words) {
  std::vector<std::string> joined;
  const auto n_options =
      static_cast<std::size_t>(std::find(words.begin(), words.end(), "--") - words.begin());
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i >= n_options) {
      joined.push_back(std::move(words[i]));
      continue;
    }
    std::string& word = joined.emplace_back(std::move(words[i]));
    const bool has_value = word.starts_with(fmt::format("{}=", kOption));
    if (!has_value && word != kOption) continue;
    const std::size_t n_there =
        has_value ? count_edges(std::string_view(word).substr(kOption.size() + 1)) : 0;
    if (has_value && n_there == 0) continue;
    const std::size_t n_words = count_box_words(words, i + 1, n_there);
    if (n_words > 0 && !has_value) word += "=";
    for (std::size_t k = 0; k < n_words; ++k) {
      if (!word.ends_with('=') && !word.ends_with(',')) word += ",";
      word += words[++i];
    }
  }
  return joined;
}

}  // namespace rastream
