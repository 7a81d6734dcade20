// SPDX-License-Identifier: Apache-2.0
// Filter 2, shuffle: the first bytes of all cells, then the second ones, and so on.
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

template <std::size_t kBytes>
void interleave(const std::byte* __restrict in, std::size_t n, std::byte* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < kBytes; ++k) out[kBytes * i + k] = in[k * n + i];
  }
}

class Shuffle final : public ChunkFilter {
 public:
  explicit Shuffle(std::size_t cell_bytes) : cell_bytes_(cell_bytes) {}

  std::optional<std::size_t> packed_size(std::size_t n_bytes) const override { return n_bytes; }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch&) const override {
    if (in.size() > out.size()) throw too_many_bytes("shuffle", in.size(), out.size());
    unshuffle(in, cell_bytes_, out.first(in.size()));
    return out.first(in.size());
  }

 private:
  std::size_t cell_bytes_;
};

}  // namespace

void unshuffle(std::span<const std::byte> in, std::size_t cell_bytes, std::span<std::byte> out) {
  const std::size_t n = cell_bytes > 1 ? in.size() / cell_bytes : 0;
  switch (cell_bytes) {
    case 2: interleave<2>(in.data(), n, out.data()); break;
    case 4: interleave<4>(in.data(), n, out.data()); break;
    case 8: interleave<8>(in.data(), n, out.data()); break;
    default:
      for (std::size_t k = 0; n > 0 && k < cell_bytes; ++k) {
        for (std::size_t i = 0; i < n; ++i) out[cell_bytes * i + k] = in[k * n + i];
      }
  }
  const std::size_t done = n * cell_bytes;
  if (done < in.size()) std::memcpy(out.data() + done, in.data() + done, in.size() - done);
}

ChunkFilterPtr make_shuffle(const Filter& filter) {
  return std::make_shared<Shuffle>(parameter(filter, 0, 1));
}

}  // namespace rastream
