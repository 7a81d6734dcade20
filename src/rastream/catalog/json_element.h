// SPDX-License-Identifier: Apache-2.0
// Members of STAC documents, read through simdjson. Only sources of this folder include it.
#pragma once

#include <simdjson.h>

#include <cassert>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/base/json_text.h"

namespace rastream {

using JsonElement = simdjson::dom::element;
using JsonObjectElement = simdjson::dom::object;

/// The root of `text`; valid until this thread parses the next one. Nothing when it is no JSON.
std::optional<JsonElement> try_parse_element(const JsonText& text);

/// The same of a `text` which must be JSON, and which loses what is blank before it. It is replaced
/// by one with null for the bare NaN and Infinity that real catalogs hold, when it has any. Throws
/// data_loss, naming `what`, with line and column.
JsonElement parse_element(JsonText& text, std::string_view what);

/// The root, which must be an object. Throws data_loss likewise.
JsonObjectElement expect_document(JsonText& text, std::string_view what);

/// The text of `value`; empty when it is no text.
inline std::string text_or_empty(JsonElement value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

inline std::string text_or_empty(JsonObjectElement object, std::string_view key) {
  JsonElement value;
  return object.at_key(key).get(value) == simdjson::SUCCESS ? text_or_empty(value) : std::string();
}

inline bool has_member(JsonObjectElement object, std::string_view key) {
  return object.at_key(key).error() == simdjson::SUCCESS;
}

/// Members that a document has once at most, by names without escapes: what changes later is found
/// by its name in the text.
class KnownMembers {
 public:
  /// REQUIRES: at most 32 names.
  explicit KnownMembers(std::span<const std::string_view> names) : names_(names) {}
  /// True when `key` is one of the names; `read` is how its member was written. Throws data_loss,
  /// naming `what`, for one that was there before or has escapes.
  bool take(std::string_view key, const JsonMember& read, std::string_view what);

 private:
  std::span<const std::string_view> names_;
  std::uint32_t seen_ = 0;
};

/// Calls f(key, value, member) for each member of `object`, which stands in `text`: what it means,
/// and how it is written there.
template <typename F>
void for_each_with_text(JsonObjectElement object, std::string_view text, F&& f) {
  const std::vector<JsonMember> members = members_of(text);
  std::size_t i = 0;
  for (const auto field : object) {
    assert(i < members.size());
    f(field.key, field.value, members[i++]);
  }
}

/// `value` as T (std::string_view, JsonObjectElement, simdjson::dom::array, double). Throws
/// data_loss, naming `what` and the member.
template <typename T>
T expect(JsonElement value, std::string_view key, std::string_view what) {
  T out;
  if (value.get(out) != simdjson::SUCCESS) {
    const char* type = std::is_same_v<T, std::string_view>       ? "text"
                       : std::is_same_v<T, JsonObjectElement>    ? "an object"
                       : std::is_same_v<T, simdjson::dom::array> ? "a list"
                                                                 : "a number";
    throw Error(Errc::data_loss, "{}: member '{}' is not {}", what, key, type);
  }
  return out;
}

/// The member `key`, which must be there.
template <typename T>
T expect_member(JsonObjectElement object, std::string_view key, std::string_view what) {
  JsonElement value;
  if (object.at_key(key).get(value) != simdjson::SUCCESS)
    throw Error(Errc::data_loss, "{}: expected a member '{}'", what, key);
  return expect<T>(value, key, what);
}

}  // namespace rastream
