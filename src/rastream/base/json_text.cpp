// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "rastream/base/json_brackets.h"

namespace rastream {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

const char* skip_space(const char* p) {
  while (is_space(*p)) ++p;
  return p;
}

/// Behind the string whose first quote is at `p`; nullptr when it does not end before `end`.
const char* skip_string(const char* p, const char* end) {
  for (++p; p < end; ++p) {
    p = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(end - p)));
    if (p == nullptr) return nullptr;
    const char* slash = p;
    while (slash[-1] == '\\') --slash;
    if ((p - slash) % 2 == 0) return p + 1;
  }
  return nullptr;
}

/// Behind the value that begins at `p`; nullptr when none does, or it does not end before `end`.
const char* skip_value(const char* p, const char* end) {
  if (p >= end) return nullptr;
  if (*p == '"') return skip_string(p, end);
  if (*p == '{' || *p == '[') return skip_brackets(p, end);
  const char* begin = p;
  while (p < end && !is_space(*p) && *p != ',' && *p != '}' && *p != ']') ++p;
  return p > begin ? p : nullptr;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// Calls visit(p) at the first character of each entry between the brackets of `text`; visit
/// answers where the entry ends, or nullptr to stop. False when it stopped, or `text` does not have
/// commas and brackets where they must be.
template <typename Visit>
bool for_each_entry(std::string_view text, Visit&& visit) {
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return false;
  const char closing = text[0] == '{' ? '}' : ']';
  const char* end = text.data() + text.size();
  const char* p = skip_space(text.data() + 1);
  if (p < end && *p == closing) return true;
  while (p < end) {
    p = visit(p);
    if (p == nullptr) return false;
    p = skip_space(p);
    if (p < end && *p == closing) return true;
    if (p >= end || *p != ',') return false;
    p = skip_space(p + 1);
  }
  return false;
}

/// Calls visit(member), which answers whether to go on, for each member of `object`.
template <typename Visit>
bool for_each_member(std::string_view object, Visit&& visit) {
  const char* end = object.data() + object.size();
  return for_each_entry(object, [&](const char* p) -> const char* {
    const char* name_end = *p == '"' ? skip_string(p, end) : nullptr;
    if (name_end == nullptr) return nullptr;
    const char* colon = skip_space(name_end);
    if (*colon != ':') return nullptr;
    const char* value = skip_space(colon + 1);
    const char* value_end = skip_value(value, end);
    if (value_end == nullptr) return nullptr;
    return visit(JsonMember{between(p + 1, name_end - 1), between(value, value_end)}) ? value_end
                                                                                      : nullptr;
  });
}

const char* start_of(const JsonMember& m) { return m.name.data() - 1; }
const char* end_of(const JsonMember& m) { return m.value.data() + m.value.size(); }

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

char hex_digit(unsigned value) { return "0123456789abcdef"[value & 15]; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 63));
  if (code < 0x10000)
    return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
  put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63));
  put(0x80 | (code & 63));
}

std::uint32_t hex4(const char* p) {
  return static_cast<std::uint32_t>(std::stoul(std::string(p, 4), nullptr, 16));
}

constexpr std::uint32_t kReplacement = 0xFFFD;

/// The character of "uXXXX" at `p`, and of a second half after it; moves `p` behind.
std::uint32_t unescape_unicode(const char*& p, const char* end) {
  const std::uint32_t first = hex4(p + 1);
  p += 5;
  if (first < 0xD800 || first > 0xDFFF) return first;
  if (first > 0xDBFF || end - p < 6 || p[0] != '\\' || p[1] != 'u') return kReplacement;
  const std::uint32_t second = hex4(p + 2);
  if (second < 0xDC00 || second > 0xDFFF) return kReplacement;
  p += 6;
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

}  // namespace

JsonText::JsonText(std::string_view text)
    : JsonText(filled(text.size(), [&](char* to, std::size_t n) { return text.copy(to, n); })) {}

JsonText JsonText::part(std::string_view part) const {
  assert(part.data() >= view_.data() && part.data() + part.size() <= view_.data() + view_.size());
  JsonText out;
  out.owner_ = owner_;
  out.view_ = part;
  return out;
}

Json JsonText::parse(std::string_view what) const { return parse_json(view_, what); }

std::vector<JsonMember> members_of(std::string_view object) {
  return scan_members(object).value_or(std::vector<JsonMember>());
}

std::vector<std::string_view> elements_of(std::string_view list) {
  return scan_elements(list).value_or(std::vector<std::string_view>());
}

std::optional<std::vector<JsonMember>> scan_members(std::string_view object) {
  if (!object.starts_with('{')) return std::nullopt;
  std::vector<JsonMember> members;
  const bool is_whole = for_each_member(object, [&](const JsonMember& member) {
    members.push_back(member);
    return true;
  });
  return is_whole ? std::optional(std::move(members)) : std::nullopt;
}

std::optional<std::vector<std::string_view>> scan_elements(std::string_view list) {
  if (!list.starts_with('[')) return std::nullopt;
  std::vector<std::string_view> elements;
  const bool is_whole = for_each_entry(list, [&](const char* p) {
    const char* end = skip_value(p, list.data() + list.size());
    if (end != nullptr) elements.push_back(between(p, end));
    return end;
  });
  return is_whole ? std::optional(std::move(elements)) : std::nullopt;
}

std::string_view find_member(const std::vector<JsonMember>& members, std::string_view name) {
  for (const JsonMember& m : members) {
    if (m.name == name) return m.value;
  }
  return {};
}

std::string_view find_member(std::string_view object, std::string_view name) {
  std::string_view value;
  for_each_member(object, [&](const JsonMember& member) {
    if (member.name == name) value = member.value;
    return value.empty();
  });
  return value;
}

std::string to_json_string(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (true) {
    const auto plain = std::find_if(text.begin(), text.end(), needs_escape);
    out.append(text.begin(), plain);
    if (plain == text.end()) break;
    const char c = *plain;
    text.remove_prefix(static_cast<std::size_t>(plain - text.begin()) + 1);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += hex_digit(static_cast<unsigned char>(c) >> 4U);
        out += hex_digit(static_cast<unsigned char>(c));
    }
  }
  return out += '"';
}

std::string from_json_string(std::string_view literal) {
  std::string out;
  const char* p = literal.data() + 1;
  const char* end = literal.data() + literal.size() - 1;
  while (true) {
    const char* plain = std::find(p, end, '\\');
    out.append(p, plain);
    if (plain == end) break;
    p = plain + 1;
    switch (*p) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': append_utf8(out, unescape_unicode(p, end)); continue;
      default: out += *p;
    }
    ++p;
  }
  return out;
}

bool is_json_string_of(std::string_view literal, std::string_view text) {
  const std::string_view inner = literal.substr(1, literal.size() - 2);
  return inner.find('\\') == std::string_view::npos ? inner == text
                                                    : from_json_string(literal) == text;
}

JsonStyle style_of(std::string_view object) {
  const char* brace = object.data() + 1;
  const char* first = skip_space(brace);
  if (*first == '}') return {-1, true};
  const std::string_view gap = between(brace, first);
  if (const auto line = gap.rfind('\n'); line != std::string_view::npos)
    return {static_cast<int>(gap.size() - line - 1), true};
  const char* colon = skip_space(skip_string(first, object.data() + object.size()));
  return {-1, is_space(colon[1])};
}

void JsonTextWriter::break_line() {
  if (style_.indent < 0) return;
  out_ += '\n';
  out_.append(static_cast<std::size_t>(style_.indent * depth_), ' ');
}

void JsonTextWriter::begin_value() {
  if (has_key_) {
    has_key_ = false;
    return;
  }
  if (!is_first_) out_ += style_.indent < 0 && style_.is_spaced ? ", " : ",";
  is_first_ = false;
  break_line();
}

JsonTextWriter& JsonTextWriter::begin(char bracket) {
  begin_value();
  out_ += bracket;
  ++depth_;
  is_first_ = true;
  return *this;
}

JsonTextWriter& JsonTextWriter::end(char bracket) {
  --depth_;
  if (!is_first_) break_line();
  is_first_ = false;
  out_ += bracket;
  return *this;
}

JsonTextWriter& JsonTextWriter::key(std::string_view name) {
  begin_value();
  out_ += to_json_string(name);
  out_ += style_.is_spaced ? ": " : ":";
  has_key_ = true;
  return *this;
}

JsonTextWriter& JsonTextWriter::text(std::string_view value) {
  return this->value(to_json_string(value));
}

JsonTextWriter& JsonTextWriter::number(double value) {
  return this->value(std::isfinite(value) ? fmt::format("{}", value) : "null");
}

JsonTextWriter& JsonTextWriter::value(std::string_view json) {
  begin_value();
  out_ += json;
  return *this;
}

EditedObject::Edit& EditedObject::edit_of(std::string_view name) {
  for (Edit& edit : edits_) {
    if (edit.name == name) return edit;
  }
  std::size_t member = 0;
  while (member < members_.size() && members_[member].name != name) ++member;
  return edits_.emplace_back(Edit{member, std::string(name), {}});
}

std::string_view EditedObject::find(std::string_view name) const {
  return find_member(members_, name);
}

std::string_view EditedObject::current(std::string_view name) const {
  for (const Edit& edit : edits_) {
    if (edit.name == name) return edit.value ? std::string_view(*edit.value) : std::string_view();
  }
  return find(name);
}

void EditedObject::set(std::string_view name, std::string value) {
  edit_of(name).value = std::move(value);
}

void EditedObject::erase(std::string_view name) { edit_of(name).value.reset(); }

const EditedObject::Edit* EditedObject::find_edit(std::size_t member) const {
  const auto edit =
      std::find_if(edits_.begin(), edits_.end(), [&](const Edit& e) { return e.member == member; });
  return edit == edits_.end() ? nullptr : &*edit;
}

std::string EditedObject::text() const {
  if (edits_.empty()) return std::string(object_);
  const char* begin = object_.data() + 1;
  const char* end = object_.data() + object_.rfind('}');
  const bool is_empty = members_.empty();
  const std::string_view first_gap = between(begin, is_empty ? begin : start_of(members_[0]));
  const std::string_view last_gap = between(is_empty ? end : end_of(members_.back()), end);
  const std::string comma =
      first_gap.empty() && style_of(object_).is_spaced ? ", " : fmt::format(",{}", first_gap);
  std::string out = "{";
  const auto separate = [&](std::string_view separator) {
    out += out.size() == 1 ? first_gap : separator;
  };
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const JsonMember& m = members_[i];
    const Edit* edit = find_edit(i);
    if (edit && !edit->value) continue;
    separate(i == 0 ? "" : between(end_of(members_[i - 1]), start_of(m)));
    out += between(start_of(m), m.value.data());
    out += edit ? std::string_view(*edit->value) : m.value;
  }
  const std::string_view colon = style_of(object_).is_spaced ? ": " : ":";
  for (const Edit& edit : edits_) {
    if (edit.member < members_.size() || !edit.value) continue;
    separate(comma);
    out += fmt::format("{}{}{}", to_json_string(edit.name), colon, *edit.value);
  }
  if (out.size() > 1) out += last_gap;
  return out += object_.substr(object_.rfind('}'));
}

}  // namespace rastream
