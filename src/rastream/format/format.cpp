// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/format.h"

#include "rastream/base/error.h"

namespace rastream {

std::optional<std::string> DatasetFile::unsupported_reason(std::string_view name) const {
  for (const RefusedVariable& r : refused()) {
    if (r.name == name) return r.reason;
  }
  return std::nullopt;
}

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

ChunkGrid update_grid(const Extents& object_shape, const Region& piece) {
  std::vector<Cuts> cuts;
  for (std::size_t i = 0; i < piece.rank(); ++i) {
    // An end on an object's edge, so that the last object is whole in the grid that is cut.
    const std::int64_t end =
        (piece.end[i] + object_shape[i] - 1) / object_shape[i] * object_shape[i];
    cuts.push_back(Cuts::regular(end, object_shape[i]).sliced(piece.begin[i], piece.end[i]));
  }
  return ChunkGrid(std::move(cuts));
}

}  // namespace rastream
