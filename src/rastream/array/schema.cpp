// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/schema.h"

#include <algorithm>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"

namespace rastream {

std::optional<std::size_t> Schema::find_axis(std::string_view dim) const {
  const auto it = std::find(dims.begin(), dims.end(), dim);
  if (it == dims.end()) return std::nullopt;
  return static_cast<std::size_t>(it - dims.begin());
}

std::size_t Schema::axis(std::string_view dim, std::string_view who) const {
  const auto found = find_axis(dim);
  if (!found) {
    throw Error(Errc::invalid_argument, "{}: no dimension '{}' among ({})", who, dim,
                fmt::join(dims, ", "));
  }
  return *found;
}

Schema make_schema(std::vector<std::string> dims, const Extents& shape, DType dtype,
                   ChunkGrid chunks) {
  if (dims.size() > kMaxRank) {
    throw Error(Errc::unsupported, "an array of {} dimensions: at most {} are supported",
                dims.size(), kMaxRank);
  }
  if (dims.size() != shape.size() || chunks.rank() != shape.size()) {
    throw Error(Errc::invalid_argument, "an array with {} dimension names and a shape of rank {}",
                dims.size(), shape.size());
  }
  for (auto it = dims.begin(); it != dims.end(); ++it) {
    if (std::find(dims.begin(), it, *it) != it) {
      throw Error(Errc::invalid_argument, "dimension '{}' appears twice", *it);
    }
  }
  std::int64_t size_bytes = static_cast<std::int64_t>(std::max<std::size_t>(1, item_size(dtype)));
  for (const auto n : shape) size_bytes = checked_multiply(size_bytes, n, "array");
  return Schema{std::move(dims), shape, dtype, std::move(chunks)};
}

Schema make_schema(std::vector<std::string> dims, const Extents& shape, DType dtype) {
  if (shape.size() > kMaxRank) {
    throw Error(Errc::unsupported, "an array of {} dimensions: at most {} are supported",
                shape.size(), kMaxRank);
  }
  return make_schema(std::move(dims), shape, dtype, ChunkGrid::whole(shape));
}

}  // namespace rastream
