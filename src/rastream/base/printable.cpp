// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/printable.h"

#include <fmt/format.h>

namespace rastream {

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return out;
}

}  // namespace rastream
