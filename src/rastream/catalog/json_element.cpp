// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/json_element.h"

namespace rastream {
namespace {

/// A parser that has read a larger document is not kept.
constexpr std::size_t kMaxKeptCapacity = std::size_t{16} << 20;

simdjson::dom::parser& parser_of_thread() {
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kMaxKeptCapacity) parser = simdjson::dom::parser();
  return parser;
}

}  // namespace

JsonElement parse_element(JsonText& text, std::string_view what) {
  simdjson::dom::parser& parser = parser_of_thread();
  constexpr bool kCopy = false;  // a JsonText is padded
  static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);
  JsonElement root;
  if (parser.parse(text.view().data(), text.view().size(), kCopy).get(root) == simdjson::SUCCESS)
    return root;
  // The slow parser says where it is wrong, or takes what real catalogs hold beyond JSON.
  text = JsonText(text.parse(what).dump(2));
  if (const auto error = parser.parse(text.view().data(), text.view().size(), kCopy).get(root))
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
