// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/cog_layout.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "rastream/base/error.h"

namespace rastream::geotiff {
namespace {

// Numbers of tags: TIFF 6.0, sections 4, 8, 12, 14 and 15.
constexpr std::uint16_t kNewSubfileType = 254;
constexpr std::uint16_t kImageWidth = 256;
constexpr std::uint16_t kImageLength = 257;
constexpr std::uint16_t kCompression = 259;
constexpr std::uint16_t kPlanarConfiguration = 284;
constexpr std::uint16_t kPredictor = 317;
constexpr std::uint16_t kTileWidth = 322;
constexpr std::uint16_t kTileLength = 323;
constexpr std::uint16_t kTileOffsets = 324;
constexpr std::uint16_t kTileByteCounts = 325;

/// The last byte leaves room for the "YES" of an editor.
std::string ghost_area() {
  const std::string notes =
      "LAYOUT=IFDS_BEFORE_DATA\n"
      "BLOCK_ORDER=ROW_MAJOR\n"
      "BLOCK_LEADER=SIZE_AS_UINT4\n"
      "BLOCK_TRAILER=LAST_4_BYTES_REPEATED\n"
      "KNOWN_INCOMPATIBLE_EDITION=NO\n ";
  return fmt::format("GDAL_STRUCTURAL_METADATA_SIZE={:06} bytes\n{}", notes.size(), notes);
}

Bytes header(bool is_big, std::uint64_t first_directory) {
  const std::string ghost = ghost_area();
  const std::uint16_t big[] = {0x4949, 43, 8, 0};
  const std::uint16_t classic[] = {0x4949, 42};
  Bytes out(first_directory);
  std::memcpy(out.data(), is_big ? big : classic, is_big ? sizeof(big) : sizeof(classic));
  std::memcpy(out.data() + (is_big ? 8 : 4), &first_directory, is_big ? 8 : 4);
  std::memcpy(out.data() + (is_big ? 16 : 8), ghost.data(), ghost.size());
  return out;
}

class Layout {
 public:
  Layout(const Pyramid& pyramid, const TileCoding& coding, const std::vector<Tag>& main_tags,
         const std::vector<Tag>& overview_tags,
         const std::vector<std::vector<std::uint32_t>>& tile_bytes, bool is_big)
      : pyramid_(pyramid), coding_(coding), tile_bytes_(tile_bytes), is_big_(is_big) {
    const std::size_t n_levels = pyramid.levels().size();
    for (std::size_t l = 0; l < n_levels; ++l)
      tags_.push_back(tags_of(l, l == 0 ? main_tags : overview_tags));
    // A directory starts at an even byte.
    const std::uint64_t first = (is_big ? 16 : 8) + ghost_area().size();
    std::uint64_t at = first + first % 2;
    for (const std::vector<Tag>& tags : tags_) {
      directories_.push_back(at);
      at += directory_bytes(tags, is_big);
    }
    head_bytes_ = at;
    place_tiles();
  }

  std::uint64_t size() const { return size_; }

  Bytes head() const {
    Bytes out = header(is_big_, directories_[0]);
    for (std::size_t l = 0; l < tags_.size(); ++l) {
      const std::uint64_t next = l + 1 < tags_.size() ? directories_[l + 1] : 0;
      const Bytes directory = encode_directory(tags_[l], directories_[l], next, is_big_);
      out.insert(out.end(), directory.begin(), directory.end());
    }
    return out;
  }

 private:
  std::vector<Tag> tags_of(std::size_t l, const std::vector<Tag>& described) const {
    const Level& level = pyramid_.levels()[l];
    const std::uint16_t planar = pyramid_.is_pixel_interleaved() || pyramid_.n_bands() == 1 ? 1 : 2;
    std::vector<Tag> tags = described;
    if (l > 0) tags.push_back(long_tag(kNewSubfileType, 1));
    tags.push_back(long_tag(kImageWidth, static_cast<std::uint32_t>(level.width)));
    tags.push_back(long_tag(kImageLength, static_cast<std::uint32_t>(level.height)));
    tags.push_back(short_tag(kCompression, static_cast<std::uint16_t>(coding_.compression)));
    tags.push_back(short_tag(kPlanarConfiguration, planar));
    if (coding_.predictor != Predictor::none)
      tags.push_back(short_tag(kPredictor, static_cast<std::uint16_t>(coding_.predictor)));
    tags.push_back(long_tag(kTileWidth, static_cast<std::uint32_t>(coding_.width)));
    tags.push_back(long_tag(kTileLength, static_cast<std::uint32_t>(coding_.height)));
    const std::vector<std::uint64_t> counts(tile_bytes_[l].begin(), tile_bytes_[l].end());
    tags.push_back(longs_tag(kTileOffsets, counts, is_big_));  // their places follow
    tags.push_back(longs_tag(kTileByteCounts, counts, false));
    std::stable_sort(tags.begin(), tags.end(),
                     [](const Tag& a, const Tag& b) { return a.number < b.number; });
    return tags;
  }

  void place_tiles() {
    std::uint64_t at = head_bytes_;
    for (std::size_t l = tags_.size(); l-- > 0;) {
      std::vector<std::uint64_t> offsets;
      offsets.reserve(tile_bytes_[l].size());
      for (const std::uint32_t n : tile_bytes_[l]) {
        offsets.push_back(at + kTileLeader);
        at += kTileLeader + n + kTileTrailer;
      }
      const auto table = std::find_if(tags_[l].begin(), tags_[l].end(),
                                      [](const Tag& tag) { return tag.number == kTileOffsets; });
      *table = longs_tag(kTileOffsets, offsets, is_big_);
    }
    size_ = at;
  }

  const Pyramid& pyramid_;
  const TileCoding& coding_;
  const std::vector<std::vector<std::uint32_t>>& tile_bytes_;
  bool is_big_;
  std::vector<std::vector<Tag>> tags_;      ///< by level
  std::vector<std::uint64_t> directories_;  ///< where they are
  std::uint64_t head_bytes_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace

CogLayout lay_out(const Pyramid& pyramid, const TileCoding& coding,
                  const std::vector<Tag>& main_tags, const std::vector<Tag>& overview_tags,
                  const std::vector<std::vector<std::uint32_t>>& tile_bytes, bool force_big) {
  const auto with = [&](bool is_big) {
    return Layout(pyramid, coding, main_tags, overview_tags, tile_bytes, is_big);
  };
  if (!force_big) {
    const Layout classic = with(false);
    const bool fits = classic.size() <= std::numeric_limits<std::uint32_t>::max();
    if (fits) return {false, classic.head(), classic.size()};
  }
  const Layout big = with(true);
  return {true, big.head(), big.size()};
}

}  // namespace rastream::geotiff
