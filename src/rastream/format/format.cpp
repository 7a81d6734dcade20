// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/format.h"

#include "rastream/base/error.h"

namespace rastream {

std::size_t DatasetFile::find_variable(std::string_view name) const {
  std::string names;
  for (std::size_t i = 0; i < variables().size(); ++i) {
    if (variables()[i].name == name) return i;
    names += fmt::format("{}'{}'", i ? ", " : "", variables()[i].name);
  }
  if (const auto reason = unsupported_reason(name)) {
    throw Error(Errc::unsupported, "variable '{}' of '{}' {}, which is unsupported", name, path(),
                *reason);
  }
  throw Error(Errc::not_found, "'{}': no variable '{}': there are {}", path(), name,
              names.empty() ? "none" : names);
}

}  // namespace rastream
