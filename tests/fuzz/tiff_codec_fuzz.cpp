// SPDX-License-Identifier: Apache-2.0
// One tile of a TIFF: the first byte chooses codec and predictor, the next two say how long the
// tile is, the rest is stored.
#include "rastream/format/geotiff/predictor.h"
#include "rastream/format/geotiff/tiff_codec.h"
#include "tests/fuzz/input.h"

using namespace rastream;
using namespace rastream::geotiff;

namespace {

/// As rows of 4 bands of up to 8 bytes, from aligned memory as the reader has it.
void undo(Buffer& tile, std::size_t n, int predictor) {
  RowShape row{0, 1 + predictor % 5, std::int64_t{1} << (predictor / 5 % 4)};
  row.n_cells = static_cast<std::int64_t>(n) / (row.samples * row.bytes);
  if (row.n_cells == 0) return;
  undo_differences(tile.data(), row);
  swap_bytes(tile.data(), row.n_values(), row.bytes);
  const Buffer joined(n);
  if (row.bytes > 1) undo_floating_predictor(tile.data(), row, joined.data());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr DecodeTile kDecoders[] = {decode_lzw, decode_packbits, decode_deflate, decode_zstd,
                                      decode_lzma};
  if (size < 3) return 0;
  fuzz::try_it([&] {
    const std::size_t n = (data[1] | std::size_t{data[2]} << 8) + 1;
    Buffer tile(n);
    const auto out = tile.span().first(n);
    std::fill(out.begin(), out.end(), std::byte{0});
    fuzz::try_it([&] { kDecoders[data[0] % 5](fuzz::bytes_of(data + 3, size - 3), out); });
    undo(tile, n, data[0] / 5);
  });
  return 0;
}
