// SPDX-License-Identifier: Apache-2.0
// Zarr v2 array metadata (zarr-specs, "Zarr storage specification version 2"), with Xarray's
// conventions.
#include <algorithm>
#include <numeric>

#include "rastream/base/error.h"
#include "rastream/format/zarr/metadata.h"
#include "rastream/format/zarr/type_string.h"

namespace rastream::zarr {
namespace {

/// NumPy has these; rastream has no cell for them.
bool is_other_numpy_type(const TypeString& t) {
  const std::string key = fmt::format("{}{}", t.kind, t.size);
  return key == "f16" || key == "c32" || t.kind == 'V';
}

void parse_type(ArrayMetadata& m, const Json& dtype, std::string_view what) {
  if (dtype.is_array()) {
    m.cell = {CellKind::bytes, DType::string, 1, false, ""};
    m.unsupported = "a structured dtype";
    return;
  }
  const auto t = dtype.is_string() ? split_type(dtype.get<std::string>()) : std::nullopt;
  const auto bad = [&] {
    return Error(Errc::data_loss,
                 "{}: dtype {} is not one: expected such as \"<f4\", \">i2\", \"|u1\", \"<U8\"",
                 what, dtype.dump());
  };
  if (!t) throw bad();
  const bool is_big = t->byte_order == '>';
  if (const auto number = number_type(t->kind, t->size)) {
    if (t->byte_order == '|' && t->size > 1) throw bad();
    m.cell = {CellKind::number, *number, t->size, is_big, ""};
    if (t->kind == 'M') set_time_unit(m, t->unit);
    if (t->kind == 'm') set_duration_unit(m, t->unit);
  } else if (t->kind == 'f' && t->size == 2) {
    m.cell = {CellKind::half, DType::float32, 2, is_big, ""};
  } else if (t->kind == 'S' && t->size > 0) {
    m.cell = {CellKind::bytes, DType::string, t->size, false, ""};
  } else if (t->kind == 'U' && t->size > 0) {
    m.cell = {CellKind::utf32, DType::string, 4 * t->size, is_big, ""};
  } else if (t->kind == 'O' && t->size == 0) {
    m.cell = {CellKind::vlen_utf8, DType::string, 0, false, ""};
  } else if (is_other_numpy_type(*t)) {
    m.cell = {CellKind::bytes, DType::string, std::max<std::int64_t>(1, t->size), false, ""};
    m.unsupported = fmt::format("dtype {}", dtype.dump());
  } else {
    throw bad();
  }
}

/// filters then compressor. A v2 object array's first filter turns text into bytes.
void parse_codecs(ArrayMetadata& m, const Json& zarray, std::string_view what) {
  const Json filters = zarray.contains("filters") ? zarray["filters"] : Json();
  const Json compressor = zarray.contains("compressor") ? zarray["compressor"] : Json();
  if (!filters.is_null() && !filters.is_array())
    throw Error(Errc::data_loss, "{}: 'filters' is not a list", what);
  if (!compressor.is_null() && !compressor.is_object()) {
    throw Error(Errc::data_loss, "{}: 'compressor' is not an object", what);
  }
  std::vector<Json> chain(filters.begin(), filters.end());
  if (!compressor.is_null()) chain.push_back(compressor);
  if (chain.size() > 16)
    throw Error(Errc::unsupported, "{}: a chain of {} codecs", what, chain.size());
  if (m.cell.kind == CellKind::vlen_utf8 && m.unsupported.empty()) {
    const auto id = chain.empty() ? "none" : json_member<std::string>(chain.front(), "id", what);
    if (id != "vlen-utf8") {
      m.unsupported = fmt::format("dtype \"|O\" with object codec '{}'", id);
      return;
    }
    chain.erase(chain.begin());
  }
  const CodecSite site{2, m.cell.size_bytes, what};
  for (const Json& object : chain) m.codecs.push_back(make_codec(object, site));
}

void parse_order(ArrayMetadata& m, const Json& zarray, std::string_view what) {
  const auto order = json_member<std::string>(zarray, "order", what);
  if (order != "C" && order != "F")
    throw Error(Errc::data_loss, "{}: order '{}': expected C or F", what, order);
  m.order.resize(m.shape.size());
  std::iota(m.order.begin(), m.order.end(), 0);
  if (order == "F") std::reverse(m.order.begin(), m.order.end());
}

void parse_dims(ArrayMetadata& m, const Json& zattrs, std::string_view what) {
  if (!zattrs.contains("_ARRAY_DIMENSIONS")) return;
  m.dims = json_member<std::vector<std::string>>(zattrs, "_ARRAY_DIMENSIONS", what);
  if (!m.fill || is_complex(m.cell.dtype) || m.attributes.contains("_FillValue")) return;
  Numbers value{m.cell.dtype, {}, {}};
  if (is_floating(m.cell.dtype)) {
    value.floats = {m.fill->value};
  } else {
    Block one{Region(), m.cell.dtype, m.fill->cell.data(), Extents()};
    std::int64_t integer = 0;
    copy_cells(one, {Region(), DType::int64, reinterpret_cast<std::byte*>(&integer), Extents()});
    value.integers = {integer};
  }
  m.attributes.set("_FillValue", std::move(value));
}

}  // namespace

ArrayMetadata parse_metadata_v2(const Json& zarray, const Json& zattrs, std::string_view what) {
  if (json_member<Json>(zarray, "zarr_format", what) != 2) {
    throw Error(Errc::data_loss, "{}: zarr_format {}: expected 2", what,
                zarray["zarr_format"].dump());
  }
  ArrayMetadata m;
  m.zarr_format = 2;
  m.shape = read_extents(zarray, "shape", 0, what);
  m.chunk_shape = read_extents(zarray, "chunks", 0, what);
  m.attributes = attributes_from_json(zattrs);
  m.attributes.erase("_ARRAY_DIMENSIONS");
  parse_type(m, json_member<Json>(zarray, "dtype", what), what);
  check_ranks(m, what);
  parse_order(m, zarray, what);
  try {
    parse_codecs(m, zarray, what);
  } catch (const Error& e) {
    if (e.code() != Errc::unsupported) throw;
    m.unsupported = e.message();
  }
  if (m.unsupported.empty() && zarray.contains("fill_value"))
    m.fill = parse_fill(zarray["fill_value"], m.cell, what);
  if (zarray.contains("dimension_separator")) {
    const auto separator = json_member<std::string>(zarray, "dimension_separator", what);
    if (separator != "." && separator != "/") {
      throw Error(Errc::data_loss, "{}: dimension_separator '{}': expected . or /", what,
                  separator);
    }
    m.separator = separator[0];
  }
  parse_dims(m, zattrs, what);
  complete_dims(m, what);
  return m;
}

}  // namespace rastream::zarr
