// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/filters.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"

namespace rastream {
namespace {

// Registered numbers: HDF5 File Format Specification, IV.A.2.l.
constexpr int kDeflate = 1;
constexpr int kShuffle = 2;
constexpr int kFletcher32 = 3;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kKeptBytes = std::size_t{64} << 20;
// One deflate symbol of at least two bits makes at most 258 bytes; zlib's own documentation says
// 1032 to 1.
constexpr std::size_t kMaxInflation = 1032;

void inflate(std::span<const std::byte> in, std::span<std::byte> out, ChunkScratch& scratch) {
  std::size_t n_out = 0;
  const auto result =
      libdeflate_zlib_decompress(static_cast<libdeflate_decompressor*>(scratch.decompressor),
                                 in.data(), in.size(), out.data(), out.size(), &n_out);
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
    throw Error(Errc::data_loss, "deflate gives more than the {} bytes of the chunk", out.size());
  }
  if (result != LIBDEFLATE_SUCCESS)
    throw Error(Errc::data_loss, "damaged deflate data ({} bytes)", in.size());
  if (n_out != out.size()) {
    throw Error(Errc::data_loss, "deflate gives {} bytes: expected {} for the chunk", n_out,
                out.size());
  }
}

std::span<const std::byte> checked(std::span<const std::byte> in) {
  if (in.size() < kChecksumBytes)
    throw Error(Errc::data_loss, "{} bytes are too few for a checksum", in.size());
  const auto body = in.first(in.size() - kChecksumBytes);
  std::uint32_t stored = 0;
  for (std::size_t i = 0; i < kChecksumBytes; ++i) {
    stored |= std::to_integer<std::uint32_t>(in[body.size() + i]) << 8 * i;
  }
  const std::uint32_t sum = fletcher32(body);
  // HDF5 1.6.2 and older stored the bytes of each half in the other order; libhdf5 takes both.
  const std::uint32_t old_sum = (sum & 0x00ff00ff) << 8 | (sum >> 8 & 0x00ff00ff);
  if (stored != sum && stored != old_sum) {
    throw Error(Errc::data_loss, "checksum fletcher32 is {:08x}: expected {:08x}", sum, stored);
  }
  return body;
}

template <std::size_t kBytes>
void interleave(const std::byte* __restrict in, std::size_t n, std::byte* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < kBytes; ++k) out[kBytes * i + k] = in[k * n + i];
  }
}

}  // namespace

std::string describe_filter(const Filter& filter) {
  switch (filter.id) {
    case kDeflate:
      return filter.parameters.empty() ? "deflate"
                                       : fmt::format("deflate {}", filter.parameters[0]);
    case kShuffle: return "shuffle";
    case kFletcher32: return "fletcher32";
    case 4: return "szip";
    case 5: return "nbit";
    case 6: return "scaleoffset";
    default:
      return fmt::format("{} (HDF5 filter {})", filter.name.empty() ? "unnamed" : filter.name,
                         filter.id);
  }
}

ChunkScratch::ChunkScratch() : decompressor(libdeflate_alloc_decompressor()) {
  if (decompressor == nullptr) throw std::bad_alloc();
}

ChunkScratch::~ChunkScratch() {
  libdeflate_free_decompressor(static_cast<libdeflate_decompressor*>(decompressor));
}

ChunkScratch& ChunkScratch::of_this_thread() {
  thread_local ChunkScratch scratch;
  return scratch;
}

void ChunkScratch::shrink() {
  for (Buffer* buffer : {&stored, &cells, &between, &other}) {
    if (buffer->size() > kKeptBytes) *buffer = Buffer();
  }
}

FilterPipeline::FilterPipeline(std::vector<Filter> filters) : filters_(std::move(filters)) {
  bool is_after_deflate = false;
  for (const Filter& f : filters_) {
    // What goes into a second deflate has a length that nobody knows before it is undone.
    const bool is_known =
        f.id == kShuffle || f.id == kFletcher32 || (f.id == kDeflate && !is_after_deflate);
    is_ours_ &= is_known;
    is_after_deflate |= f.id == kDeflate;
  }
}

bool FilterPipeline::has_active_before(std::size_t i, std::uint32_t mask) const {
  for (std::size_t k = 0; k < i; ++k) {
    if (is_active(k, mask)) return true;
  }
  return false;
}

bool FilterPipeline::is_identity(std::uint32_t mask) const {
  return !has_active_before(filters_.size(), mask);
}

/// Bytes that went into filter `i`: the chunk and the checksums that earlier filters added.
std::size_t FilterPipeline::size_before(std::size_t i, std::uint32_t mask,
                                        std::size_t chunk_bytes) const {
  std::size_t n_bytes = chunk_bytes;
  for (std::size_t k = 0; k < i; ++k) {
    if (filters_[k].id == kFletcher32 && is_active(k, mask)) n_bytes += kChecksumBytes;
  }
  return n_bytes;
}

void FilterPipeline::check_stored_size(std::uint64_t stored_bytes, std::uint32_t mask,
                                       std::size_t chunk_bytes) const {
  bool is_deflated = false;
  for (std::size_t i = 0; i < filters_.size(); ++i)
    is_deflated |= filters_[i].id == kDeflate && is_active(i, mask);
  const std::size_t full = size_before(filters_.size(), mask, chunk_bytes);
  if (is_deflated ? full / kMaxInflation > stored_bytes : full != stored_bytes) {
    throw Error(Errc::data_loss, "{} stored bytes for a chunk of {}{}", stored_bytes, chunk_bytes,
                is_deflated ? ": deflate cannot grow so much" : "");
  }
}

void FilterPipeline::undo(const Filter& filter, std::span<const std::byte> in,
                          std::span<std::byte> out, ChunkScratch& scratch) const {
  if (filter.id == kDeflate) return inflate(in, out, scratch);
  unshuffle(in, filter.parameters.empty() ? 1 : filter.parameters[0], out);
}

void FilterPipeline::decode(std::span<const std::byte> stored, std::uint32_t mask,
                            std::span<std::byte> out, ChunkScratch& scratch) const {
  std::span<const std::byte> in = stored;
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if (!is_active(i, mask)) continue;
    if (filters_[i].id == kFletcher32) {
      in = checked(in);
      continue;
    }
    const std::size_t n_bytes =
        filters_[i].id == kDeflate ? size_before(i, mask, out.size()) : in.size();
    std::span<std::byte> target = out;
    if (has_active_before(i, mask) || n_bytes != out.size()) {
      Buffer& buffer = in.data() == scratch.between.data() ? scratch.other : scratch.between;
      buffer.reserve(n_bytes);
      target = buffer.span().first(n_bytes);
    }
    undo(filters_[i], in, target, scratch);
    in = target;
  }
  if (in.size() != out.size()) {
    throw Error(Errc::data_loss, "the chunk decodes to {} bytes: expected {}", in.size(),
                out.size());
  }
  if (in.data() != out.data() && !in.empty()) std::memcpy(out.data(), in.data(), in.size());
}

std::uint32_t fletcher32(std::span<const std::byte> bytes) {
  std::uint32_t sum1 = 0;
  std::uint32_t sum2 = 0;
  const std::size_t n_words = bytes.size() / 2;
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  const auto fold = [](std::uint32_t s) { return (s & 0xffff) + (s >> 16); };
  // 360 words are the most that cannot overflow 32 bits between two folds. A word that n others
  // follow is added n + 1 times to the second sum; so written, the loop has no chain of additions
  // and runs in vectors.
  for (std::size_t begin = 0; begin < n_words; begin += 360) {
    const auto n = static_cast<std::uint32_t>(std::min<std::size_t>(360, n_words - begin));
    std::uint32_t plain = 0;
    std::uint32_t weighted = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      std::uint16_t word;
      std::memcpy(&word, bytes.data() + 2 * (begin + i), sizeof(word));
      const std::uint32_t value = __builtin_bswap16(word);
      plain += value;
      weighted += (n - i) * value;
    }
    sum2 = fold(sum2 + n * sum1 + weighted);
    sum1 = fold(sum1 + plain);
  }
  if (bytes.size() % 2 != 0) {
    sum1 = fold(sum1 + (at(bytes.size() - 1) << 8));
    sum2 = fold(sum2 + sum1);
  }
  return fold(sum2) << 16 | fold(sum1);
}

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

}  // namespace rastream
