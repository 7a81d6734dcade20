// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/bounded_xml.h"

#include <fmt/format.h>

#include <algorithm>

#include "rastream/base/trimmed.h"

namespace rastream {
namespace {

constexpr std::ptrdiff_t kMostTags = 4'000'000;

}  // namespace

std::string load_xml(std::string_view text, pugi::xml_document& document) {
  if (text.find("<!DOCTYPE") != std::string_view::npos) return "it has a document type";
  if (text.find('\0') != std::string_view::npos) return "it holds a NUL";
  if (std::count(text.begin(), text.end(), '<') > kMostTags) return "too many tags";
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  return result ? "" : fmt::format("{} at byte {}", result.description(), result.offset);
}

std::string_view trimmed_text(const pugi::xml_node& node) { return trimmed(node.text().get()); }

}  // namespace rastream
