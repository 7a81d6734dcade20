// SPDX-License-Identifier: Apache-2.0
// Stored bytes as text and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rastream/base/bytes.h"

namespace rastream {

inline Bytes bytes_of(std::string_view text) {
  const auto* p = reinterpret_cast<const std::byte*>(text.data());
  return Bytes(p, p + text.size());
}

inline std::string text_of(const std::optional<Bytes>& bytes) {
  if (!bytes) return "(absent)";
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

}  // namespace rastream
