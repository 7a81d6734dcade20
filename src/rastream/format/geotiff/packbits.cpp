// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/geotiff/tiff_codec.h"

namespace rastream::geotiff {

void decode_packbits(std::span<const std::byte> in, std::span<std::byte> out) {
  std::size_t from = 0;
  std::size_t to = 0;
  while (to < out.size() && from < in.size()) {
    const auto count = static_cast<std::int8_t>(in[from++]);
    if (count == -128) continue;
    const std::size_t n = count < 0 ? 1 - std::size_t(count) : std::size_t(count) + 1;
    const std::size_t n_out = std::min(n, out.size() - to);
    const std::size_t n_in = count < 0 ? 1 : n_out;
    if (n_in > in.size() - from) break;
    if (count < 0)
      std::memset(out.data() + to, std::to_integer<int>(in[from]), n_out);
    else
      std::memcpy(out.data() + to, in.data() + from, n_out);
    from += n_in;
    to += n_out;
  }
  if (to != out.size())
    throw Error(Errc::data_loss, "packbits gives {} bytes: expected {}", to, out.size());
}

}  // namespace rastream::geotiff
