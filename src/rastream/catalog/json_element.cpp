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

JsonText without_blanks_before(const JsonText& text) {
  const auto first = std::min(text.view().find_first_not_of(" \t\r\n"), text.view().size());
  return text.part(text.view().substr(first));
}

}  // namespace

std::optional<JsonElement> try_parse_element(const JsonText& text) {
  JsonElement root;
  return parse(text).get(root) == simdjson::SUCCESS ? std::optional(root) : std::nullopt;
}

JsonElement parse_element(JsonText& text, std::string_view what) {
  text = without_blanks_before(text);
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

}  // namespace rastream
