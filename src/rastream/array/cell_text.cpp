// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/cell_text.h"

#include <fmt/format.h>

#include <cmath>

namespace rastream {

std::string cell_text(const Block& block, const Extents& index, std::string_view missing) {
  return visit_cell(block.dtype, [&]<typename T>(T) -> std::string {
    const T value = *reinterpret_cast<const T*>(block.at(index));
    if constexpr (requires { value.imag(); }) {
      if (std::isnan(value.real()) && std::isnan(value.imag())) return std::string(missing);
      return fmt::format("{}{:+}j", value.real(), value.imag());
    } else {
      if constexpr (std::is_floating_point_v<T>) {
        if (std::isnan(value)) return std::string(missing);
      }
      return fmt::format("{}", value);
    }
  });
}

}  // namespace rastream
