// SPDX-License-Identifier: Apache-2.0
// Plain structs as bytes and back, by one list of fields for both ways: `template <class A> void
// fields(A& a, Thing& t) { a(t.name, t.size); }`. Bytes may be damaged: nothing is believed before
// it is checked.
#pragma once

#include <bit>
#include <concepts>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rastream/array/dtype.h"
#include "rastream/array/region.h"
#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/format/cursor.h"

namespace rastream {

/// Small numbers take few bytes: seven bits a byte, the sign in the lowest.
class Saver {
 public:
  static constexpr bool kIsLoading = false;
  template <typename... T>
  void operator()(T&... values) {
    (save(values), ...);
  }
  std::string take() { return std::move(out_); }

 private:
  template <typename T>
  requires std::integral<T> || std::is_enum_v<T>
  void save(T& value) {
    const auto wide = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    std::uint64_t bits =
        wide << 1 ^ static_cast<std::uint64_t>(static_cast<std::int64_t>(wide) >> 63);
    for (; bits >= 0x80; bits >>= 7) out_.push_back(static_cast<char>(bits | 0x80));
    out_.push_back(static_cast<char>(bits));
  }
  void save(std::byte& value) { out_.push_back(static_cast<char>(value)); }
  void save(double& value) {
    auto bits = std::bit_cast<std::uint64_t>(value);
    save(bits);
  }
  void save(DType& dtype) {
    std::string name(to_string(dtype));
    save(name);
  }
  void save(std::string& text) {
    std::size_t n = text.size();
    save(n);
    out_ += text;
  }
  template <typename T, std::size_t kSize>
  void save(std::array<T, kSize>& values) {
    for (T& v : values) save(v);
  }
  template <typename T>
  void save(std::vector<T>& values) {
    std::size_t n = values.size();
    save(n);
    for (T& v : values) save(v);
  }
  template <typename T>
  void save(std::optional<T>& value) {
    bool is_there = value.has_value();
    save(is_there);
    if (value) save(*value);
  }
  void save(Extents& extents) {
    std::vector<std::int64_t> values(extents.begin(), extents.end());
    save(values);
  }
  template <typename T, typename U>
  void save(std::pair<T, U>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <typename... T>
  void save(std::variant<T...>& value) {
    std::size_t which = value.index();
    save(which);
    std::visit([&](auto& v) { save(v); }, value);
  }
  template <typename T>
  requires std::is_class_v<T>
  void save(T& value) { fields(*this, value); }

  std::string out_;
};

/// The inverse. Throws data_loss for bytes that Saver has not written.
class Loader {
 public:
  static constexpr bool kIsLoading = true;
  explicit Loader(std::span<const std::byte> bytes) : in_(bytes) {}
  template <typename... T>
  void operator()(T&... values) {
    (load(values), ...);
  }
  bool is_at_end() const { return in_.n_left() == 0; }

 private:
  static Error damaged() { return Error(Errc::data_loss, "the record is damaged"); }

  template <typename T>
  requires std::integral<T> || std::is_enum_v<T>
  void load(T& value) {
    std::uint64_t bits = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint64_t byte = in_.byte();
      if (shift > 63) throw damaged();
      bits |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    value = static_cast<T>(static_cast<std::int64_t>(bits >> 1 ^ (0 - (bits & 1))));
  }
  void load(std::byte& value) { value = std::byte{in_.byte()}; }
  void load(double& value) {
    std::uint64_t bits = 0;
    load(bits);
    value = std::bit_cast<double>(bits);
  }
  void load(DType& dtype) {
    std::string name;
    load(name);
    dtype = parse_dtype(name);
  }
  void load(std::string& text) {
    const auto bytes = in_.take(length());
    text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  template <typename T, std::size_t kSize>
  void load(std::array<T, kSize>& values) {
    for (T& v : values) load(v);
  }
  template <typename T>
  void load(std::vector<T>& values) {
    values.clear();
    for (std::size_t n = length(); n > 0; --n) load(values.emplace_back());
  }
  template <typename T>
  void load(std::optional<T>& value) {
    bool is_there = false;
    load(is_there);
    value.reset();
    if (is_there) load(value.emplace());
  }
  void load(Extents& extents) {
    std::vector<std::int64_t> values;
    load(values);
    if (values.size() > kMaxRank) throw damaged();
    extents = Extents(std::span<const std::int64_t>(values));
  }
  template <typename T, typename U>
  void load(std::pair<T, U>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <typename... T>
  void load(std::variant<T...>& value) {
    std::size_t which = 0;
    load(which);
    std::size_t i = 0;
    const bool is_known = ((i++ == which && (load(value.template emplace<T>()), true)) || ...);
    if (!is_known) throw damaged();
  }
  template <typename T>
  requires std::is_class_v<T>
  void load(T& value) { fields(*this, value); }

  /// Every element takes a byte at least, so a length beyond the rest is a lie.
  std::size_t length() {
    std::size_t n = 0;
    load(n);
    if (n > in_.n_left()) throw damaged();
    return n;
  }

  Cursor in_;
};

}  // namespace rastream
