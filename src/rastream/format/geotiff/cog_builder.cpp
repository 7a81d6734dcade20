// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/cog_builder.h"

#include <cstring>

#include "rastream/base/error.h"

namespace rastream::geotiff {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{4} << 20;

/// Gathers what goes to a file one after the other into large writes.
class SequentialWriter {
 public:
  SequentialWriter(int descriptor, const std::string& path)
      : descriptor_(descriptor), path_(path) {}

  /// The next `n` bytes of the file, to be filled before the next call.
  std::span<std::byte> next(std::size_t n) {
    if (used_ + n > buffer_.size()) flush();
    buffer_.reserve(std::max(n, kCopyBytes));
    used_ += n;
    return buffer_.span().subspan(used_ - n, n);
  }
  void flush() {
    write_at(descriptor_, offset_, buffer_.span().first(used_), path_);
    offset_ += static_cast<std::int64_t>(used_);
    used_ = 0;
  }
  std::int64_t size() const { return offset_ + static_cast<std::int64_t>(used_); }

 private:
  int descriptor_;
  const std::string& path_;
  Buffer buffer_;
  std::size_t used_ = 0;
  std::int64_t offset_ = 0;
};

}  // namespace

CogBuilder::CogBuilder(const CogOptions& options, const std::string& target)
    : options_(options),
      target_(target),
      tiles_(target),
      assembler_(options_.pyramid, options_.dtype, options_.memory_bytes, target,
                 [this](const TileKey& tile, const Block& inside, std::byte* cells) {
                   store(tile, inside, cells);
                 }) {
  for (std::size_t l = 0; l < options_.pyramid.levels().size(); ++l)
    stored_.emplace_back(static_cast<std::size_t>(options_.pyramid.n_tiles(l)));
}

void CogBuilder::add(const Block& cells) { assembler_.add(0, cells); }

void CogBuilder::store(const TileKey& tile, const Block& inside, const std::byte* cells) {
  thread_local EncodeMemory memory;
  const std::span<const std::byte> bytes = encode_tile(options_.coding, cells, memory);
  const std::int64_t offset = tiles_.append(bytes);
  stored_[tile.level][static_cast<std::size_t>(options_.pyramid.number(tile))] = {
      offset, static_cast<std::uint32_t>(bytes.size())};
  if (tile.level + 1 < options_.pyramid.levels().size())
    assembler_.add(tile.level + 1, halve(inside, options_.resampling, options_.nodata).view());
}

void CogBuilder::write(int descriptor, const RasterTags& tags, bool force_big) const {
  std::vector<std::vector<std::uint32_t>> lengths;
  for (const std::vector<Stored>& level : stored_) {
    std::vector<std::uint32_t>& of_level = lengths.emplace_back();
    for (const Stored& tile : level) of_level.push_back(tile.bytes);
  }
  const CogLayout layout =
      lay_out(options_.pyramid, options_.coding, tags.raster, tags.overview, lengths, force_big);
  SequentialWriter out(descriptor, target_);
  std::memcpy(out.next(layout.head.size()).data(), layout.head.data(), layout.head.size());
  for (auto level = stored_.rbegin(); level != stored_.rend(); ++level) {
    for (const Stored& tile : *level) {
      const std::span<std::byte> bytes = out.next(kTileLeader + tile.bytes + kTileTrailer);
      std::memcpy(bytes.data(), &tile.bytes, kTileLeader);
      tiles_.read(tile.offset, bytes.subspan(kTileLeader, tile.bytes));
      const std::span<const std::byte> last = bytes.last(kTileTrailer + kTileTrailer);
      std::memcpy(bytes.last(kTileTrailer).data(), last.data(), kTileTrailer);
    }
  }
  out.flush();
  if (static_cast<std::uint64_t>(out.size()) != layout.size)
    throw Error(Errc::internal, "'{}': {} bytes were written, expected {}", target_, out.size(),
                layout.size);
}

}  // namespace rastream::geotiff
