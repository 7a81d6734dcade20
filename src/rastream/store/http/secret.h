// SPDX-License-Identifier: Apache-2.0
// A text that must not be seen: formatting and streaming it give "***".
#pragma once

#include <fmt/format.h>

#include <ostream>
#include <string>

namespace rastream {

/// A token, password or key. Only reveal() gives the text, so that each use can be found by its
/// name.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

inline std::string to_string(const Secret&) { return "***"; }
inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace rastream

template <>
struct fmt::formatter<rastream::Secret> : fmt::formatter<std::string_view> {
  template <typename Context>
  auto format(const rastream::Secret&, Context& context) const {
    return fmt::formatter<std::string_view>::format("***", context);
  }
};
