// SPDX-License-Identifier: Apache-2.0
// What a Zarr array's metadata says, versions 2 and 3 alike, checked. Metadata is bad input until
// proved otherwise.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rastream/array/attributes.h"
#include "rastream/array/block.h"
#include "rastream/array/region.h"
#include "rastream/format/zarr/codec.h"
#include "rastream/format/zarr/shard.h"

namespace rastream::zarr {

/// `half` is IEEE 754 binary16, read as float32.
enum class CellKind { number, half, bytes, utf32, vlen_utf8 };

constexpr bool is_text(CellKind kind) { return kind >= CellKind::bytes; }

/// How one cell is stored.
struct CellType {
  CellKind kind = CellKind::number;
  DType dtype = DType::float64;  ///< as it is read; string for text
  std::int64_t size_bytes = 8;   ///< as it is stored; 0 for vlen_utf8
  bool is_big_endian = false;
  std::string
      time_unit;  ///< "ns", ... for datetime64 and timedelta64, whose cells are read as int64
  std::int64_t time_step = 1;  ///< what one stored count is in that unit: 25 for "25us"
  bool is_calendar = false;    ///< datetime64 of months or years (time_unit "M"), read as days
  /// Stored counts are not the cells that are read.
  bool is_converted_time() const { return time_step != 1 || is_calendar; }
};

/// One cell in this machine's byte order; text cells have none.
using Cell = std::array<std::byte, 16>;

struct FillValue {
  Cell cell{};
  double value = 0;  ///< of a complex cell the real part
};

/// Invariant: shape and chunk_shape have one rank <= kMaxRank; every chunk length is >= 1; the
/// bytes of a chunk fit in 62 bits; `order` is a permutation.
struct ArrayMetadata {
  int zarr_format = 2;
  Extents shape;
  Extents chunk_shape;               ///< of every stored chunk; chunks at the edge are stored whole
  std::optional<Sharding> sharding;  ///< when many chunks share a stored object
  CellType cell;
  std::vector<std::size_t>
      order;                     ///< stored axis i is array axis order[i]; C order is 0, 1, 2, ...
  std::vector<CodecPtr> codecs;  ///< in the order of encoding
  std::optional<FillValue> fill;
  std::string key_prefix;  ///< "" or "c"
  char separator = '.';
  std::vector<std::string> dims;
  Attributes attributes;
  std::string unsupported;  ///< when not empty: why cells cannot be read, though the metadata can

  std::int64_t chunk_bytes() const;
  /// Key of a chunk below the array's folder: "0.0", "c/0/0", "0" or "c" for rank 0.
  std::string chunk_key(const Extents& chunk_index) const;
  /// One line of all that decides what a chunk's bytes mean. Equal lines: the same cells.
  std::string signature() const;
};

/// Parses `.zarray` and `.zattrs` (an empty object when absent). `what` names the document. Throws
/// data_loss for what no version of Zarr allows, unsupported for a rank over kMaxRank; other
/// unsupported things go to `unsupported`. Zarr v2 with `_ARRAY_DIMENSIONS`: a fill value is also
/// given as attribute `_FillValue`, as Xarray understands it.
ArrayMetadata parse_metadata_v2(const Json& zarray, const Json& zattrs, std::string_view what);
/// Parses a `zarr.json` of node_type array (Zarr v3 core specification).
ArrayMetadata parse_metadata_v3(const Json& document, std::string_view what);

/// Shared by both versions.
Extents read_extents(const Json& object, const char* key, std::int64_t least,
                     std::string_view what);
void check_ranks(ArrayMetadata& metadata, std::string_view what);
/// A fill value in either version's notation; nothing for null or text. Throws data_loss when it is
/// no cell of `type`.
std::optional<FillValue> parse_fill(const Json& value, const CellType& type, std::string_view what);
/// `value` as a cell. Throws invalid_argument when `dtype` cannot hold it exactly (float32 rounds).
FillValue make_fill(double value, DType dtype, std::string_view what);
/// The notation that both versions share: numbers, "NaN", "Infinity", true, [re, im].
Json fill_json(const FillValue& fill, DType dtype);
/// timedelta64 as int64 with CF units; as set_time_unit. Months and years are counts of them.
void set_duration_unit(ArrayMetadata& metadata, const std::string& unit);
/// datetime64 as int64 with CF units: "ns", "25us". Months and years are read as the days on which
/// they begin, in the proleptic Gregorian calendar. Leaves `unsupported` for what is no unit of
/// NumPy's.
void set_time_unit(ArrayMetadata& metadata, const std::string& unit);
/// Stored counts as the cells that are read; NaT stays. Throws data_loss for dates beyond +-200000
/// years and counts beyond int64. REQUIRES: is_converted_time().
void convert_times(std::span<std::byte> cells, const CellType& type);
/// Names of dimensions that are absent: "dim_0", ... Throws data_loss when `dims` has another
/// length than the shape.
void complete_dims(ArrayMetadata& metadata, std::string_view what);

}  // namespace rastream::zarr
