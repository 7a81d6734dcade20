// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/tiff_directory.h"

#include <algorithm>
#include <set>

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"

namespace rastream::geotiff {
namespace {

// Any more are no raster; every directory costs memory.
constexpr std::size_t kMaxDirectories = 65536;
constexpr std::int64_t kMaxSide = (std::int64_t{1} << 31) - 1;
constexpr std::int64_t kMaxSamples = 65535;

enum Tag : std::uint16_t {
  kNewSubfileType = 254,
  kImageWidth = 256,
  kImageLength = 257,
  kBitsPerSample = 258,
  kCompression = 259,
  kPhotometric = 262,
  kFillOrder = 266,
  kStripOffsets = 273,
  kSamplesPerPixel = 277,
  kRowsPerStrip = 278,
  kStripByteCounts = 279,
  kPlanarConfiguration = 284,
  kPredictor = 317,
  kTileWidth = 322,
  kTileLength = 323,
  kTileOffsets = 324,
  kTileByteCounts = 325,
  kSampleFormat = 339,
};

/// Bytes of an unsigned integer type of TIFF; 0 for all other types.
int integer_bytes(std::uint64_t type) {
  switch (type) {
    case 1: return 1;  // BYTE
    case 3: return 2;  // SHORT
    case 4:
    case 13: return 4;  // LONG, IFD
    case 16:
    case 18: return 8;  // LONG8, IFD8
    default: return 0;
  }
}

/// How numbers are laid out in this file.
struct Layout {
  bool is_big_endian = false;
  bool is_big_tiff = false;

  std::uint64_t number(Cursor& at, int n_bytes) const {
    const auto n = static_cast<std::size_t>(n_bytes);
    return is_big_endian ? at.big(n) : at.little(n);
  }
  int offset_bytes() const { return is_big_tiff ? 8 : 4; }
  int count_bytes() const { return is_big_tiff ? 8 : 2; }
  int entry_bytes() const { return is_big_tiff ? 20 : 12; }
};

struct Chain {
  Layout layout;
  std::uint64_t first = 0;
};

Chain read_header(const FileBytes& file) {
  if (file.size() < 8)
    throw Error(Errc::data_loss, "{} bytes are too few for a TIFF header", file.size());
  const Bytes bytes = file.read_at(0, std::min<std::uint64_t>(16, file.size()));
  Chain chain;
  chain.layout.is_big_endian = bytes[0] == std::byte{'M'};
  Cursor at(bytes);
  at.skip(2);
  chain.layout.is_big_tiff = chain.layout.number(at, 2) == 43;
  if (chain.layout.is_big_tiff) {
    const std::uint64_t offset_bytes = chain.layout.number(at, 2);
    if (offset_bytes != 8 || chain.layout.number(at, 2) != 0)
      throw Error(Errc::data_loss, "a BigTIFF header with offsets of {} bytes: expected 8",
                  offset_bytes);
  }
  chain.first = chain.layout.number(at, chain.layout.offset_bytes());
  return chain;
}

/// Reads one directory entry after the other into a TiffDirectory.
class DirectoryReader {
 public:
  DirectoryReader(const FileBytes& file, const Layout& layout, TiffDirectory& out)
      : file_(file), layout_(layout), out_(out) {}

  /// Bytes of the directory itself, once it is read.
  std::uint64_t n_bytes() const { return n_bytes_; }

  /// Returns where the next directory is; 0 after the last.
  std::uint64_t read() {
    const std::uint64_t n_entries = count_entries();
    const auto entry_bytes = static_cast<std::uint64_t>(layout_.entry_bytes());
    const auto offset_bytes = static_cast<std::uint64_t>(layout_.offset_bytes());
    const std::uint64_t begin = out_.offset + static_cast<std::uint64_t>(layout_.count_bytes());
    const std::uint64_t n_bytes = n_entries * entry_bytes;
    n_bytes_ = n_bytes;
    const bool has_next = file_.holds(begin, n_bytes + offset_bytes);
    const Bytes bytes = file_.read_at(begin, has_next ? n_bytes + offset_bytes : n_bytes);
    for (std::uint64_t i = 0; i < n_entries; ++i)
      read_entry(std::span(bytes).subspan(i * entry_bytes, entry_bytes), begin + i * entry_bytes);
    // Some writers leave out the offset after the last directory of a file.
    if (!has_next) return 0;
    Cursor at{std::span<const std::byte>(bytes).subspan(n_bytes)};
    return layout_.number(at, layout_.offset_bytes());
  }

 private:
  std::uint64_t count_entries() const {
    const Bytes bytes =
        file_.read_at(out_.offset, static_cast<std::uint64_t>(layout_.count_bytes()));
    Cursor at(bytes);
    const std::uint64_t n = layout_.number(at, layout_.count_bytes());
    if (n == 0 || n > file_.size() / static_cast<std::uint64_t>(layout_.entry_bytes()))
      throw Error(Errc::data_loss, "it claims {} entries in a file of {} bytes", n, file_.size());
    return n;
  }

  void read_entry(std::span<const std::byte> bytes, std::uint64_t entry_offset) {
    Cursor at(bytes);
    const auto tag = static_cast<std::uint16_t>(layout_.number(at, 2));
    TiffNumbers values;
    values.item_bytes = integer_bytes(layout_.number(at, 2));
    values.count = layout_.number(at, layout_.is_big_tiff ? 8 : 4);
    if (!is_wanted(tag)) return;
    if (values.item_bytes == 0 || values.count == 0)
      throw Error(Errc::data_loss, "tag {} is not a list of unsigned integers", tag);
    const auto item = static_cast<std::uint64_t>(values.item_bytes);
    const auto inline_bytes = static_cast<std::uint64_t>(layout_.offset_bytes());
    const bool is_inline = values.count <= inline_bytes / item;
    values.offset =
        is_inline ? entry_offset + static_cast<std::uint64_t>(layout_.entry_bytes()) - inline_bytes
                  : layout_.number(at, layout_.offset_bytes());
    if (values.count > file_.size() / item || !file_.holds(values.offset, values.count * item)) {
      throw Error(Errc::data_loss,
                  "tag {} has {} values of {} bytes at {}, outside the file of {} bytes", tag,
                  values.count, item, values.offset, file_.size());
    }
    take(tag, values);
  }

  static bool is_wanted(std::uint16_t tag) {
    switch (tag) {
      case kNewSubfileType:
      case kImageWidth:
      case kImageLength:
      case kBitsPerSample:
      case kCompression:
      case kPhotometric:
      case kFillOrder:
      case kStripOffsets:
      case kSamplesPerPixel:
      case kRowsPerStrip:
      case kStripByteCounts:
      case kPlanarConfiguration:
      case kPredictor:
      case kTileWidth:
      case kTileLength:
      case kTileOffsets:
      case kTileByteCounts:
      case kSampleFormat: return true;
      default: return false;
    }
  }

  std::uint64_t first(const TiffNumbers& values) const {
    TiffNumbers one = values;
    one.count = 1;
    return read_numbers(file_, one, layout_.is_big_endian)[0];
  }

  /// The one value of all samples; nothing where they differ.
  std::optional<std::uint64_t> same(const TiffNumbers& values) const {
    if (values.count > static_cast<std::uint64_t>(kMaxSamples))
      throw Error(Errc::data_loss, "{} values for the samples of a cell", values.count);
    const auto all = read_numbers(file_, values, layout_.is_big_endian);
    const bool is_same = std::all_of(all.begin(), all.end(), [&](auto v) { return v == all[0]; });
    return is_same ? std::optional(all[0]) : std::nullopt;
  }

  std::int64_t length(const TiffNumbers& values, const char* what, std::int64_t limit) const {
    const std::uint64_t n = first(values);
    if (n == 0 || n > static_cast<std::uint64_t>(limit))
      throw Error(Errc::data_loss, "{} is {}: expected 1 to {}", what, n, limit);
    return static_cast<std::int64_t>(n);
  }

  int small(const TiffNumbers& values) const {
    return static_cast<int>(std::min<std::uint64_t>(first(values), 1 << 30));
  }

  void take(std::uint16_t tag, const TiffNumbers& values) {
    switch (tag) {
      case kNewSubfileType: out_.subfile_type = static_cast<unsigned>(first(values)); break;
      case kImageWidth: out_.width = length(values, "the width", kMaxSide); break;
      case kImageLength: out_.height = length(values, "the height", kMaxSide); break;
      case kBitsPerSample:
        out_.bits = static_cast<int>(std::min<std::uint64_t>(same(values).value_or(0), 65535));
        break;
      case kCompression: out_.compression = small(values); break;
      case kPhotometric: out_.photometric = small(values); break;
      case kFillOrder: out_.fill_order = small(values); break;
      case kSamplesPerPixel:
        out_.samples = length(values, "the number of samples", kMaxSamples);
        break;
      case kPlanarConfiguration: out_.is_planar = first(values) == 2; break;
      case kPredictor: out_.predictor = small(values); break;
      case kRowsPerStrip:
        if (!out_.is_tiled) out_.tile_height = rows_per_strip(values);
        break;
      case kTileWidth:
        out_.is_tiled = true;
        out_.tile_width = length(values, "the width of a tile", kMaxSide);
        break;
      case kTileLength:
        out_.is_tiled = true;
        out_.tile_height = length(values, "the height of a tile", kMaxSide);
        break;
      case kStripOffsets:
      case kTileOffsets: out_.offsets = values; break;
      case kStripByteCounts:
      case kTileByteCounts: out_.sizes = values; break;
      case kSampleFormat: take_format(values); break;
      default: break;
    }
  }

  /// 2^32 - 1, the default, means all rows.
  std::int64_t rows_per_strip(const TiffNumbers& values) const {
    const std::uint64_t n = first(values);
    if (n == 0) throw Error(Errc::data_loss, "its strips have no rows");
    return static_cast<std::int64_t>(std::min<std::uint64_t>(n, kMaxSide));
  }

  void take_format(const TiffNumbers& values) {
    const auto format = same(values);
    out_.has_one_format = format.has_value();
    if (format && (*format < 1 || *format > 6))
      throw Error(Errc::data_loss, "its sample format is {}: expected 1 to 6", *format);
    if (format) out_.format = static_cast<SampleFormat>(*format);
  }

  const FileBytes& file_;
  const Layout& layout_;
  TiffDirectory& out_;
  std::uint64_t n_bytes_ = 0;
};

/// What only all entries together say.
void complete(TiffDirectory& d) {
  if (d.width == 0 || d.height == 0)
    throw Error(Errc::data_loss, "it says no {} of its image", d.width == 0 ? "width" : "height");
  if (d.is_tiled && (d.tile_width == 0 || d.tile_height == 0))
    throw Error(Errc::data_loss, "its tiles have no {}", d.tile_width == 0 ? "width" : "height");
  if (!d.is_tiled) {
    d.tile_width = d.width;
    d.tile_height = d.tile_height == 0 ? d.height : std::min(d.tile_height, d.height);
  }
}

}  // namespace

TiffFile read_tiff_directories(const FileBytes& file) {
  const Chain chain = read_header(file);
  TiffFile out;
  out.is_big_endian = chain.layout.is_big_endian;
  std::set<std::uint64_t> seen;
  std::uint64_t next = chain.first;
  std::uint64_t n_bytes = 0;
  while (next != 0) {
    TiffDirectory d;
    d.number = out.directories.size();
    d.offset = next;
    try {
      if (!seen.insert(next).second)
        throw Error(Errc::data_loss, "the chain of directories comes back to it");
      if (d.number == kMaxDirectories)
        throw Error(Errc::unsupported, "more than {} directories", kMaxDirectories);
      DirectoryReader reader(file, chain.layout, d);
      next = reader.read();
      // Else a small file could have many large directories, and reading it would not end.
      n_bytes += reader.n_bytes();
      if (n_bytes > file.size()) throw Error(Errc::data_loss, "the directories overlap");
      complete(d);
    } catch (Error& e) {
      throw e.add_context(
          fmt::format("TIFF directory {} at byte {} of '{}'", d.number, d.offset, file.path()));
    }
    out.directories.push_back(d);
  }
  if (out.directories.empty())
    throw Error(Errc::data_loss, "'{}' is a TIFF file without a directory", file.path());
  return out;
}

std::vector<std::uint64_t> read_numbers(const FileBytes& file, const TiffNumbers& numbers,
                                        bool is_big_endian) {
  const auto item = static_cast<std::size_t>(numbers.item_bytes);
  const Bytes bytes = file.read_at(numbers.offset, numbers.count * item);
  std::vector<std::uint64_t> out(numbers.count);
  Cursor at(bytes);
  for (std::uint64_t& v : out) v = is_big_endian ? at.big(item) : at.little(item);
  return out;
}

}  // namespace rastream::geotiff
