// SPDX-License-Identifier: Apache-2.0
// JSON that is kept as it was written: where the members of an object stand, and the same object
// with some of them changed. What nobody changes keeps every byte, numbers of any length included.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rastream/base/bytes.h"
#include "rastream/base/json.h"

namespace rastream {

inline constexpr std::size_t kJsonPadding = 64;

/// A part of a text that several values share, such as an item of a page of items. Cheap to copy;
/// immutable, so it is safe to use from many threads. At least kJsonPadding bytes behind the part
/// can be read.
class JsonText {
 public:
  JsonText() = default;
  /// A text of its own.
  explicit JsonText(std::string_view text);
  /// A text of at most `n` characters that fill(to, n) puts there; it answers how many.
  template <typename Fill>
  static JsonText filled(std::size_t n, Fill&& fill);
  /// A part of this text. REQUIRES: `part` lies inside view().
  JsonText part(std::string_view part) const;
  std::string_view view() const { return view_; }
  bool empty() const { return view_.empty(); }
  /// As values. Throws data_loss as parse_json does, naming `what`.
  Json parse(std::string_view what) const;
  friend bool operator==(const JsonText& a, const JsonText& b) { return a.view_ == b.view_; }

 private:
  std::shared_ptr<const Buffer> owner_;
  std::string_view view_;
};

template <typename Fill>
JsonText JsonText::filled(std::size_t n, Fill&& fill) {
  const auto owner = std::make_shared<const Buffer>(n + kJsonPadding);
  char* to = reinterpret_cast<char*>(owner->data());
  const std::size_t n_filled = fill(to, n);
  std::fill_n(to + n_filled, kJsonPadding, '\0');
  JsonText text;
  text.view_ = {to, n_filled};
  text.owner_ = owner;
  return text;
}

/// A member of an object: its name between the quotes, escapes and all, and the text of its value.
struct JsonMember {
  std::string_view name;
  std::string_view value;
};

/// The members of an object in their order. REQUIRES: `object` is the text of a valid JSON object,
/// and kJsonPadding bytes behind it can be read, as for all parts of a JsonText.
std::vector<JsonMember> members_of(std::string_view object);
/// The texts of a list's elements. REQUIRES: a valid JSON list, padded likewise.
std::vector<std::string_view> elements_of(std::string_view list);

/// As members_of and elements_of, of a text that may be anything: nothing where its outer brackets,
/// names, colons and commas are not those of an object or a list. The values may still be wrong,
/// and anything may follow the last bracket. REQUIRES: padded likewise.
std::optional<std::vector<JsonMember>> scan_members(std::string_view object);
std::optional<std::vector<std::string_view>> scan_elements(std::string_view list);
/// The value of the first of `members` with this name; empty when there is none.
std::string_view find_member(const std::vector<JsonMember>& members, std::string_view name);
/// The value of the first member with this name; empty when there is none. Reads no further.
/// REQUIRES: as members_of.
std::string_view find_member(std::string_view object, std::string_view name);

/// `text` as a JSON string, with its quotes; only what must be escaped is.
std::string to_json_string(std::string_view text);
/// What the JSON string `literal` means. REQUIRES: a valid string with its quotes.
std::string from_json_string(std::string_view literal);
/// from_json_string(literal) == text. REQUIRES: as there.
bool is_json_string_of(std::string_view literal, std::string_view text);

/// How a document is laid out: `{"a":1}`, `{"a": 1}`, or a member a line.
struct JsonStyle {
  int indent = -1;         ///< spaces a level; -1: all in one line
  bool is_spaced = false;  ///< in one line: a space behind every comma and colon
  friend bool operator==(const JsonStyle&, const JsonStyle&) = default;
};

/// What new documents are written in.
inline constexpr JsonStyle kIndented{2, true};

/// The style that a document is written in; spaced when it is empty. REQUIRES: as members_of.
JsonStyle style_of(std::string_view object);

/// Writes JSON in a style, a value after the other. `depth` is the level of the text around it.
class JsonTextWriter {
 public:
  explicit JsonTextWriter(JsonStyle style, int depth = 0) : style_(style), depth_(depth) {}
  JsonTextWriter& begin_object() { return begin('{'); }
  JsonTextWriter& end_object() { return end('}'); }
  JsonTextWriter& begin_list() { return begin('['); }
  JsonTextWriter& end_list() { return end(']'); }
  JsonTextWriter& key(std::string_view name);
  JsonTextWriter& text(std::string_view value);
  JsonTextWriter& number(double value);
  /// A value that is JSON already.
  JsonTextWriter& value(std::string_view json);
  std::string take() { return std::move(out_); }

 private:
  JsonTextWriter& begin(char bracket);
  JsonTextWriter& end(char bracket);
  void begin_value();
  void break_line();

  JsonStyle style_;
  int depth_;
  std::string out_;
  bool is_first_ = true;  ///< nothing stands in the innermost brackets yet
  bool has_key_ = true;   ///< the next value needs no comma
};

/// An object with some members changed.
class EditedObject {
 public:
  /// REQUIRES: as members_of, but white space may follow; `object` outlives this.
  explicit EditedObject(std::string_view object) : object_(object), members_(members_of(object)) {}
  /// The value as read, before any change; empty when there is none.
  std::string_view find(std::string_view name) const;
  /// The value as it will be written; empty when there is none.
  std::string_view current(std::string_view name) const;
  JsonStyle style() const { return style_of(object_); }
  bool is_edited() const { return !edits_.empty(); }
  /// Changes the member's value in its place, or adds it at the end.
  void set(std::string_view name, std::string value);
  /// Nothing when there is no such member.
  void erase(std::string_view name);
  /// The whole object.
  std::string text() const;

 private:
  struct Edit {
    std::size_t member;  ///< members_.size() for a new one
    std::string name;
    std::optional<std::string> value;  ///< nothing: erased
  };
  Edit& edit_of(std::string_view name);
  const Edit* find_edit(std::size_t member) const;

  std::string_view object_;
  std::vector<JsonMember> members_;
  std::vector<Edit> edits_;
};

}  // namespace rastream
