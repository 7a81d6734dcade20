// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/json.h"

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr int kMaxDepth = 200;

/// Replaces bare NaN, Infinity and -Infinity outside strings by null and measures the nesting.
std::string normalise(std::string_view text, std::string_view what) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < text.size())
        out += text[++i];
      else if (c == '"')
        in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) {
        throw Error(Errc::data_loss, "{}: JSON nested deeper than {} levels", what, kMaxDepth);
      }
    }
    if (c == ']' || c == '}') --depth;
    bool replaced = false;
    for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
      if (text.substr(i, word.size()) == word) {
        out += "null";
        i += word.size() - 1;
        replaced = true;
        break;
      }
    }
    if (!replaced) out += c;
  }
  return out;
}

}  // namespace

Json parse_json(std::string_view text, std::string_view what) {
  try {
    return Json::parse(normalise(text, what));
  } catch (const nlohmann::json::parse_error& e) {
    const std::string_view before = text.substr(0, std::min<std::size_t>(e.byte, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto newline = before.rfind('\n');
    const auto column =
        newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
    throw Error(Errc::data_loss, "{}: not valid JSON at line {}, column {}", what, line, column);
  } catch (const nlohmann::json::out_of_range&) {
    throw Error(Errc::data_loss, "{}: a number is beyond the range of float64", what);
  }
}

}  // namespace rastream
