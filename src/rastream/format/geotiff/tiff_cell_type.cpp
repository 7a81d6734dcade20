// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/tiff_cell_type.h"

#include <fmt/format.h>

#include <cstring>

#include "rastream/array/half.h"
#include "rastream/format/geotiff/tiff_codec.h"

namespace rastream::geotiff {
namespace {

std::optional<DType> integer_dtype(int bits, bool is_signed) {
  switch (bits) {
    case 8: return is_signed ? DType::int8 : DType::uint8;
    case 16: return is_signed ? DType::int16 : DType::uint16;
    case 32: return is_signed ? DType::int32 : DType::uint32;
    case 64: return is_signed ? DType::int64 : DType::uint64;
    default: return std::nullopt;
  }
}

std::optional<TiffCellType> floating_type(int bits) {
  using Kind = TiffCellType::Kind;
  switch (bits) {
    case 16: return TiffCellType{DType::float32, Kind::half, bits};
    case 32: return TiffCellType{DType::float32, Kind::native, bits};
    case 64: return TiffCellType{DType::float64, Kind::native, bits};
    default: return std::nullopt;
  }
}

std::optional<TiffCellType> complex_type(int bits, bool is_integer) {
  using Kind = TiffCellType::Kind;
  if (is_integer && bits == 32) return TiffCellType{DType::complex64, Kind::integer_pair, bits};
  if (is_integer && bits == 64) return TiffCellType{DType::complex128, Kind::integer_pair, bits};
  if (!is_integer && bits == 64) return TiffCellType{DType::complex64, Kind::native, bits};
  if (!is_integer && bits == 128) return TiffCellType{DType::complex128, Kind::native, bits};
  return std::nullopt;
}

std::optional<TiffCellType> cell_type(const TiffDirectory& d) {
  using Kind = TiffCellType::Kind;
  const bool is_signed = d.format == SampleFormat::integer;
  switch (d.format) {
    case SampleFormat::unsigned_integer:
    case SampleFormat::integer:
    case SampleFormat::unspecified: break;
    case SampleFormat::floating: return floating_type(d.bits);
    case SampleFormat::complex_integer: return complex_type(d.bits, true);
    case SampleFormat::complex_floating: return complex_type(d.bits, false);
  }
  if (const auto dtype = integer_dtype(d.bits, is_signed))
    return TiffCellType{*dtype, Kind::native, d.bits};
  // GDAL takes 24 bits in the file's byte order, unlike all other odd numbers of them.
  if (is_signed || d.bits < 1 || d.bits > 31 || d.bits == 24) return std::nullopt;
  return TiffCellType{d.bits < 8    ? DType::uint8
                      : d.bits < 16 ? DType::uint16
                                    : DType::uint32,
                      Kind::packed, d.bits};
}

/// TIFF 6.0 section 8: these are cells as they are. Others (CMYK, YCbCr, Lab, LogLuv, ...) are
/// colours that GDAL may convert.
bool is_plain(int photometric) {
  constexpr int kLargestPlain = 4;  // white is zero, black is zero, RGB, palette, mask
  return photometric >= 0 && photometric <= kLargestPlain;
}

std::string predictor_problem(const TiffDirectory& d, const TiffCellType& type) {
  if (d.predictor == 1 || d.compression == 1 || d.compression == 32773) return "";
  const bool has_bytes = type.stored_bytes() > 0 && !is_complex(type.dtype);
  if (d.predictor == 2 && has_bytes) return "";
  if (d.predictor == 3 && has_bytes && d.format == SampleFormat::floating) return "";
  return fmt::format("predictor {} for samples of {} bits", d.predictor, d.bits);
}

template <typename T, typename F>
void make_values(std::int64_t n, std::byte* out, F&& value) {
  T* cells = reinterpret_cast<T*>(out);
  for (std::int64_t i = 0; i < n; ++i) cells[i] = static_cast<T>(value(i));
}

template <typename Stored, typename Part>
void make_pairs(const std::byte* row, std::int64_t first, std::int64_t n, std::byte* out) {
  const Stored* stored = reinterpret_cast<const Stored*>(row) + 2 * first;
  Part* parts = reinterpret_cast<Part*>(out);
  for (std::int64_t i = 0; i < 2 * n; ++i) parts[i] = static_cast<Part>(stored[i]);
}

/// The `n_bits` from bit `at` of a row on.
std::uint32_t bits_at(const std::byte* row, std::int64_t at, int n_bits) {
  const std::int64_t first = at / 8;
  const std::int64_t last = (at + n_bits - 1) / 8;
  std::uint64_t word = 0;
  for (std::int64_t i = first; i <= last; ++i)
    word = word << 8 | std::to_integer<std::uint64_t>(row[i]);
  const auto n_after = static_cast<int>((last + 1) * 8 - at - n_bits);
  return static_cast<std::uint32_t>(word >> n_after & ((std::uint64_t{1} << n_bits) - 1));
}

}  // namespace

TiffSupport tiff_support(const TiffDirectory& d, bool is_mask) {
  if (!find_tiff_codec(d.compression)) return {{}, fmt::format("compression {}", d.compression)};
  if (d.bits == 0 || !d.has_one_format) return {{}, "bands of different types"};
  if (d.fill_order != 1) return {{}, "bits in reversed order"};
  if (!is_plain(d.photometric))
    return {{}, fmt::format("photometric interpretation {}", d.photometric)};
  if (d.offsets.count == 0 || d.sizes.count == 0) return {{}, "no sizes of tiles"};
  auto type = cell_type(d);
  if (!type) return {{}, fmt::format("samples of {} bits", d.bits)};
  if (is_mask && d.bits != 1) return {{}, fmt::format("a mask of {} bits", d.bits)};
  if (is_mask) type->kind = TiffCellType::Kind::mask;
  if (const std::string problem = predictor_problem(d, *type); !problem.empty())
    return {{}, problem};
  return {type, ""};
}

void unpack_values(const std::byte* row, std::int64_t first, std::int64_t n,
                   const TiffCellType& type, std::byte* out) {
  const auto packed = [&](std::int64_t i) {
    return bits_at(row, (first + i) * type.bits, type.bits);
  };
  if (type.kind == TiffCellType::Kind::half) {
    return make_values<float>(n, out, [&](std::int64_t i) {
      std::uint16_t half;
      std::memcpy(&half, row + 2 * (first + i), sizeof(half));
      return widened_half(half);
    });
  }
  if (type.kind == TiffCellType::Kind::integer_pair) {
    return type.bits == 32 ? make_pairs<std::int16_t, float>(row, first, n, out)
                           : make_pairs<std::int32_t, double>(row, first, n, out);
  }
  if (type.kind == TiffCellType::Kind::mask)
    return make_values<std::uint8_t>(n, out, [&](std::int64_t i) { return packed(i) * 255; });
  if (type.dtype == DType::uint8) return make_values<std::uint8_t>(n, out, packed);
  if (type.dtype == DType::uint16) return make_values<std::uint16_t>(n, out, packed);
  make_values<std::uint32_t>(n, out, packed);
}

}  // namespace rastream::geotiff
