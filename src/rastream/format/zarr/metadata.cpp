// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/metadata.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <utility>

#include "rastream/array/exact_cell.h"
#include "rastream/base/error.h"
#include "rastream/geo/calendar.h"

namespace rastream::zarr {
namespace {

template <typename T>
FillValue fill_of(T value) {
  FillValue fill;
  std::memcpy(fill.cell.data(), &value, sizeof value);
  if constexpr (requires { value.real(); }) {
    fill.value = static_cast<double>(value.real());
  } else {
    fill.value = static_cast<double>(value);
  }
  return fill;
}

/// A hexadecimal v3 fill value gives the bits of the cell.
template <typename T>
std::optional<FillValue> fill_of_bits(const std::string& text) {
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > 2 + 2 * sizeof(T))
    return std::nullopt;
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return fill_of(value);
}

template <typename T>
std::optional<FillValue> fill_of_text(const std::string& text) {
  if constexpr (std::is_floating_point_v<T>) {
    if (text == "NaN") return fill_of(std::numeric_limits<T>::quiet_NaN());
    if (text == "Infinity") return fill_of(std::numeric_limits<T>::infinity());
    if (text == "-Infinity") return fill_of(-std::numeric_limits<T>::infinity());
    if (text.starts_with("0x")) return fill_of_bits<T>(text);
  }
  return std::nullopt;
}

/// Nothing when no cell of T is `value`.
template <typename T>
std::optional<FillValue> fill_of_exact(auto value) {
  const std::optional<T> cell = exact_cell<T>(value);
  return cell ? std::optional(fill_of(*cell)) : std::nullopt;
}

template <typename T>
T cell_of(const FillValue& fill) {
  T value;
  std::memcpy(&value, fill.cell.data(), sizeof value);
  return value;
}

template <typename T>
std::optional<FillValue> fill_of_number(const Json& value) {
  if (value.is_string()) return fill_of_text<T>(value.get<std::string>());
  if constexpr (std::is_same_v<T, bool>) {
    if (value.is_boolean()) return fill_of(value.get<bool>());
  }
  if (!value.is_number()) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>) return fill_of(static_cast<T>(value.get<double>()));
  if (value.is_number_float()) return fill_of_exact<T>(value.get<double>());
  if (value.is_number_unsigned()) return fill_of_exact<T>(value.get<std::uint64_t>());
  return fill_of_exact<T>(value.get<std::int64_t>());
}

/// [re, im]; zarr-python 2 wrote a lone number for a real one.
template <typename Part>
std::optional<FillValue> fill_of_parts(const Json& value) {
  const bool is_pair = value.is_array() && value.size() == 2;
  const auto re = fill_of_number<Part>(is_pair ? value[0] : value);
  const auto im = is_pair ? fill_of_number<Part>(value[1]) : fill_of(Part{});
  if (!re || !im) return std::nullopt;
  return fill_of(std::complex<Part>{cell_of<Part>(*re), cell_of<Part>(*im)});
}

template <typename T>
std::optional<FillValue> fill_of_json(const Json& value) {
  if constexpr (requires { typename T::value_type; }) {
    return fill_of_parts<typename T::value_type>(value);
  } else {
    return fill_of_number<T>(value);
  }
}

template <typename T>
Json json_of(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) return Json("NaN");
    if (std::isinf(value)) return Json(value > 0 ? "Infinity" : "-Infinity");
  }
  return Json(value);
}

/// As many halves as the dtype has: one, or two for complex128.
std::string hex(const Cell& cell, DType dtype) {
  std::array<std::uint64_t, 2> bits{};
  std::memcpy(bits.data(), cell.data(), sizeof bits);
  const std::string low = fmt::format("{:016x}", bits[0]);
  return dtype == DType::complex128 ? low + fmt::format("{:016x}", bits[1]) : low;
}

void set_absent(Attributes& attributes, const std::string& name, Attribute value) {
  if (!attributes.contains(name)) attributes.set(name, std::move(value));
}

/// Cells of NumPy's times: int64 with NaT as fill. The name of the unit in CF; empty where NumPy
/// has none. A unit may have a count: "25us".
std::string set_unit(ArrayMetadata& m, const std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kUnits = {
      {{"Y", "years"},
       {"M", "months"},
       {"W", "weeks"},
       {"D", "days"},
       {"h", "hours"},
       {"m", "minutes"},
       {"s", "seconds"},
       {"ms", "milliseconds"},
       {"us", "microseconds"},
       {"\u03bcs", "microseconds"},
       {"ns", "nanoseconds"},
       {"ps", "picoseconds"},
       {"fs", "femtoseconds"},
       {"as", "attoseconds"}}};
  m.cell.dtype = DType::int64;
  set_absent(m.attributes, "_FillValue",
             Numbers{DType::int64, {std::numeric_limits<std::int64_t>::min()}, {}});
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, m.cell.time_step);
  if (after != text.data() && (error != std::errc() || m.cell.time_step < 1)) return "";
  m.cell.time_unit.assign(after, end);
  const auto it = std::find_if(kUnits.begin(), kUnits.end(),
                               [&](const auto& known) { return known.first == m.cell.time_unit; });
  return it == kUnits.end() ? "" : std::string(it->second);
}

constexpr std::int64_t kMostYears = 200'000;

/// The day on which a month begins, months and days counted from 1970-01.
std::int64_t day_of_month(std::int64_t month) {
  const std::int64_t year = month >= 0 ? month / 12 : (month - 11) / 12;
  DateTime first;
  first.year = 1970 + year;
  first.month = static_cast<int>(month - 12 * year) + 1;
  return day_number(Calendar::proleptic_gregorian, first);
}

}  // namespace

std::int64_t ArrayMetadata::chunk_bytes() const { return product(chunk_shape) * cell.size_bytes; }

std::string ArrayMetadata::chunk_key(const Extents& chunk_index) const {
  if (chunk_index.empty()) return key_prefix.empty() ? "0" : key_prefix;
  std::string key = key_prefix;
  for (const std::int64_t i : chunk_index) {
    if (!key.empty()) key += separator;
    key += std::to_string(i);
  }
  return key;
}

std::string ArrayMetadata::signature() const {
  std::string s =
      fmt::format("zarr{} {} {} {}{}:{}{} order", zarr_format, to_string(shape),
                  to_string(chunk_shape), to_string(cell.dtype), static_cast<int>(cell.kind),
                  cell.size_bytes, cell.is_big_endian ? " big" : "");
  for (const std::size_t axis : order) s += fmt::format(" {}", axis);
  s += fmt::format(" fill {} keys '{}{}'", fill ? hex(fill->cell, cell.dtype) : "null", key_prefix,
                   separator);
  if (sharding) s += " | shards " + to_string(sharding->shard_shape);
  for (const CodecPtr& codec : codecs) s += " | " + codec->describe();
  return s;
}

Extents read_extents(const Json& object, const char* key, std::int64_t least,
                     std::string_view what) {
  const auto list = json_member<Json>(object, key, what);
  if (!list.is_array())
    throw Error(Errc::data_loss, "{}: member '{}' is not a list of integers", what, key);
  if (list.size() > kMaxRank) {
    throw Error(Errc::unsupported, "{}: '{}' has {} dimensions: at most {} are supported", what,
                key, list.size(), kMaxRank);
  }
  Extents out;
  for (const Json& n : list) {
    if (!holds_integer<std::int64_t>(n) || n.get<std::int64_t>() < least) {
      throw Error(Errc::data_loss, "{}: '{}' holds {}: expected integers of at least {}", what, key,
                  n.dump(), least);
    }
    out.push_back(n.get<std::int64_t>());
  }
  return out;
}

void check_ranks(ArrayMetadata& m, std::string_view what) {
  if (m.shape.size() != m.chunk_shape.size()) {
    throw Error(Errc::data_loss,
                "{}: the shape has rank {} and the chunk shape rank {}: expected one rank", what,
                m.shape.size(), m.chunk_shape.size());
  }
  const std::int64_t item = std::max<std::int64_t>(1, m.cell.size_bytes);
  std::int64_t array_bytes = item;
  std::int64_t chunk_bytes = item;
  for (std::size_t i = 0; i < m.shape.size(); ++i) {
    if (m.chunk_shape[i] < 1 && m.shape[i] > 0) {
      throw Error(Errc::data_loss, "{}: chunk length {} along axis {}: expected at least 1", what,
                  m.chunk_shape[i], i);
    }
    m.chunk_shape[i] = std::max<std::int64_t>(1, m.chunk_shape[i]);
    array_bytes = checked_multiply(array_bytes, std::max<std::int64_t>(1, m.shape[i]), what);
    chunk_bytes = checked_multiply(chunk_bytes, m.chunk_shape[i], what);
  }
}

std::optional<FillValue> parse_fill(const Json& value, const CellType& type,
                                    std::string_view what) {
  if (value.is_null() || is_text(type.kind)) return std::nullopt;
  if (!type.time_unit.empty() && value == "NaT")
    return fill_of(std::numeric_limits<std::int64_t>::min());
  auto fill = visit_cell(type.dtype, [&]<typename T>(T) { return fill_of_json<T>(value); });
  if (!fill) {
    throw Error(Errc::data_loss, "{}: fill_value {} is not a {}", what, value.dump(),
                to_string(type.dtype));
  }
  if (type.is_converted_time()) {
    convert_times(std::span(fill->cell).first(sizeof(std::int64_t)), type);
    fill = fill_of(cell_of<std::int64_t>(*fill));
  }
  return fill;
}

FillValue make_fill(double value, DType dtype, std::string_view what) {
  return visit_cell(dtype, [&]<typename T>(T) {
    if constexpr (requires { typename T::value_type; }) {
      return fill_of(T(static_cast<typename T::value_type>(value)));
    } else if constexpr (std::is_floating_point_v<T>) {
      return fill_of(static_cast<T>(value));
    } else if (const auto fill = fill_of_exact<T>(value)) {
      return *fill;
    }
    throw Error(Errc::invalid_argument, "{}: fill value {} is not a {}", what, value,
                to_string(dtype));
  });
}

Json fill_json(const FillValue& fill, DType dtype) {
  return visit_cell(dtype, [&]<typename T>(T) {
    const T value = cell_of<T>(fill);
    if constexpr (requires { value.real(); }) {
      return Json{json_of(value.real()), json_of(value.imag())};
    } else {
      return json_of(value);
    }
  });
}

void set_time_unit(ArrayMetadata& m, const std::string& unit) {
  std::string name = set_unit(m, unit);
  if (name.empty()) {
    m.unsupported = fmt::format("datetime64 in units of '{}'", unit);
    return;
  }
  if (name == "years" || name == "months") {
    m.cell.is_calendar = true;
    if (name == "years" && __builtin_mul_overflow(m.cell.time_step, 12, &m.cell.time_step)) {
      m.unsupported = fmt::format("datetime64 in units of '{}'", unit);
    }
    name = "days";
  }
  set_absent(m.attributes, "units", fmt::format("{} since 1970-01-01", name));
  set_absent(m.attributes, "calendar", std::string("proleptic_gregorian"));
}

void set_duration_unit(ArrayMetadata& m, const std::string& unit) {
  const std::string name = set_unit(m, unit);
  if (name.empty()) {
    m.unsupported = fmt::format("timedelta64 in units of '{}'", unit);
    return;
  }
  set_absent(m.attributes, "units", name);
}

void convert_times(std::span<std::byte> cells, const CellType& type) {
  constexpr std::int64_t kNaT = std::numeric_limits<std::int64_t>::min();
  bool is_beyond = false;
  for (std::size_t at = 0; at + sizeof(std::int64_t) <= cells.size(); at += sizeof(std::int64_t)) {
    std::int64_t count = 0;
    std::memcpy(&count, cells.data() + at, sizeof count);
    if (count == kNaT) continue;
    std::int64_t value = kNaT;
    bool fits = !__builtin_mul_overflow(count, type.time_step, &value);
    if (type.is_calendar) {
      fits = fits && value / 12 > -kMostYears && value / 12 < kMostYears - 1970;
      value = fits ? day_of_month(value) : kNaT;
    }
    is_beyond = is_beyond || !fits;
    std::memcpy(cells.data() + at, &value, sizeof value);
  }
  if (is_beyond)
    throw Error(Errc::data_loss, "a time is beyond the range of dates: expected within {} years",
                kMostYears);
}

void complete_dims(ArrayMetadata& m, std::string_view what) {
  if (!m.dims.empty() && m.dims.size() != m.shape.size()) {
    throw Error(Errc::data_loss, "{}: {} dimension names ({}) for an array of rank {}", what,
                m.dims.size(), fmt::join(m.dims, ", "), m.shape.size());
  }
  m.dims.resize(m.shape.size());
  for (std::size_t i = 0; i < m.dims.size(); ++i) {
    if (m.dims[i].empty()) m.dims[i] = fmt::format("dim_{}", i);
    if (std::find(m.dims.begin(), m.dims.begin() + static_cast<std::ptrdiff_t>(i), m.dims[i]) !=
        m.dims.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw Error(Errc::data_loss, "{}: dimension '{}' appears twice", what, m.dims[i]);
    }
  }
}

}  // namespace rastream::zarr
