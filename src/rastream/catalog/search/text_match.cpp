// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/text_match.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace rastream {
namespace {

std::string mapped(const std::string& text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const auto n = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                              static_cast<utf8proc_ssize_t>(text.size()), &out,
                              static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  if (n < 0) return text;
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(n)};
}

/// Bytes of the character that begins at `i`.
std::size_t character_size(std::string_view text, std::size_t i) {
  std::size_t n = 1;
  while (i + n < text.size() && (static_cast<unsigned char>(text[i + n]) & 0xC0) == 0x80) ++n;
  return n;
}

}  // namespace

std::string without_case(const std::string& text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

std::string without_accents(const std::string& text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK);
}

bool matches_pattern(std::string_view text, std::string_view pattern) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t after_percent = kNone;  // of the last '%' that was passed
  std::size_t percent_text = 0;       // where the text that it stands for ends
  while (t < text.size()) {
    const bool is_escape = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && pattern[p] == '%') {
      after_percent = ++p;
      percent_text = t;
    } else if (p < pattern.size() && pattern[p] == '_') {
      ++p;
      t += character_size(text, t);
    } else if (p < pattern.size() && pattern[p + (is_escape ? 1 : 0)] == text[t]) {
      p += is_escape ? 2 : 1;
      ++t;
    } else if (after_percent != kNone) {
      p = after_percent;
      percent_text += character_size(text, percent_text);
      t = percent_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

std::string escape_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace rastream
