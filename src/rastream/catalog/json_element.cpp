// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/json_element.h"

#include <algorithm>

namespace rastream {
namespace {

/// A parser that has read a larger document is not kept.
constexpr std::size_t kMaxKeptCapacity = std::size_t{16} << 20;

simdjson::dom::parser& parser_of_thread() {
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kMaxKeptCapacity) parser = simdjson::dom::parser();
  return parser;
}

simdjson::simdjson_result<JsonElement> parse(const JsonText& text) {
  constexpr bool kCopy = false;  // a JsonText is padded
  static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);
  return parser_of_thread().parse(text.view().data(), text.view().size(), kCopy);
}

/// Without blanks and a byte order mark.
JsonText without_what_is_before(const JsonText& text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  std::string_view rest = text.view();
  if (rest.starts_with(kMark)) rest.remove_prefix(kMark.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
  return text.part(rest);
}

}  // namespace

std::optional<JsonElement> try_parse_element(const JsonText& text) {
  JsonElement root;
  return parse(text).get(root) == simdjson::SUCCESS ? std::optional(root) : std::nullopt;
}

JsonElement parse_element(JsonText& text, std::string_view what) {
  text = without_what_is_before(text);
  if (const auto root = try_parse_element(text)) return *root;
  // The slow parser says where it is wrong, or takes what real catalogs hold beyond JSON.
  text = JsonText(text.parse(what).dump(2));
  JsonElement root;
  if (const auto error = parse(text).get(root))
    throw Error(Errc::data_loss, "{}: {}", what, simdjson::error_message(error));
  return root;
}

JsonObjectElement expect_document(JsonText& text, std::string_view what) {
  JsonObjectElement object;
  if (parse_element(text, what).get(object) != simdjson::SUCCESS)
    throw Error(Errc::data_loss, "{}: expected a STAC document, an object", what);
  return object;
}

bool KnownMembers::take(std::string_view key, const JsonMember& read, std::string_view what) {
  const auto name = std::find(names_.begin(), names_.end(), key);
  if (name == names_.end()) return false;
  const std::uint32_t bit = std::uint32_t{1} << (name - names_.begin());
  if (seen_ & bit) throw Error(Errc::data_loss, "{}: member '{}' is there twice", what, key);
  if (read.name != key)
    throw Error(Errc::data_loss, "{}: expected the name of member '{}' without escapes", what, key);
  seen_ |= bit;
  return true;
}

}  // namespace rastream
