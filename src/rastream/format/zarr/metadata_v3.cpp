// SPDX-License-Identifier: Apache-2.0
// Zarr v3 array metadata (zarr-specs, "Zarr core specification version 3.1"), with Xarray's
// `_FillValue`.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "rastream/base/base64.h"
#include "rastream/base/error.h"
#include "rastream/format/zarr/metadata.h"

namespace rastream::zarr {
namespace {

/// An extension point: "name" or {"name": ..., "configuration": {...}}.
struct Extension {
  std::string name;
  Json configuration = Json::object();
};

Extension read_extension(const Json& value, const char* key, std::string_view what) {
  Extension e;
  if (value.is_string()) {
    e.name = value.get<std::string>();
    return e;
  }
  e.name = json_member<std::string>(value, "name", fmt::format("{}: '{}'", what, key));
  if (value.contains("configuration")) e.configuration = value["configuration"];
  if (!e.configuration.is_object()) {
    throw Error(Errc::data_loss, "{}: the configuration of {} '{}' is not an object", what, key,
                e.name);
  }
  return e;
}

std::int64_t text_length(const Extension& type, std::string_view what) {
  const auto n = json_member<Json>(type.configuration, "length_bytes", what);
  if (n.is_number_integer() && n.get<std::int64_t>() > 0 && n.get<std::int64_t>() <= (4 << 20))
    return n;
  throw Error(Errc::data_loss, "{}: length_bytes {} of {}: expected a positive integer", what,
              n.dump(), type.name);
}

void parse_type(ArrayMetadata& m, const Extension& type, std::string_view what) {
  constexpr std::array kNumbers = {
      DType::bool_,   DType::int8,      DType::int16,     DType::int32,  DType::int64,
      DType::uint8,   DType::uint16,    DType::uint32,    DType::uint64, DType::float32,
      DType::float64, DType::complex64, DType::complex128};
  for (const DType dtype : kNumbers) {
    if (type.name != to_string(dtype)) continue;
    m.cell = {CellKind::number, dtype, static_cast<std::int64_t>(item_size(dtype)), false, ""};
    return;
  }
  if (type.name == "float16") {
    m.cell = {CellKind::half, DType::float32, 2, false, ""};
  } else if (type.name == "string") {
    m.cell = {CellKind::vlen_utf8, DType::string, 0, false, ""};
  } else if (type.name == "fixed_length_utf32") {
    m.cell = {CellKind::utf32, DType::string, text_length(type, what), false, ""};
    if (m.cell.size_bytes % 4 != 0)
      throw Error(Errc::data_loss, "{}: length_bytes is not a multiple of 4", what);
  } else if (type.name == "null_terminated_bytes") {
    m.cell = {CellKind::bytes, DType::string, text_length(type, what), false, ""};
  } else if (type.name == "numpy.datetime64" || type.name == "numpy.timedelta64") {
    m.cell = {CellKind::number, DType::int64, 8, false, ""};
    const auto unit = json_member<std::string>(type.configuration, "unit", what);
    const auto scale =
        type.configuration.contains("scale_factor") ? type.configuration["scale_factor"] : Json(1);
    const std::string counted = scale == 1 ? unit : scale.dump() + unit;
    type.name == "numpy.datetime64" ? set_time_unit(m, counted) : set_duration_unit(m, counted);
  } else {
    m.cell = {CellKind::bytes, DType::string, 1, false, ""};
    m.unsupported = fmt::format("data_type '{}'", type.name);
  }
}

void parse_keys(ArrayMetadata& m, const Json& document, std::string_view what) {
  const Extension encoding = read_extension(json_member<Json>(document, "chunk_key_encoding", what),
                                            "chunk_key_encoding", what);
  if (encoding.name != "default" && encoding.name != "v2") {
    m.unsupported = fmt::format("chunk_key_encoding '{}'", encoding.name);
    return;
  }
  const bool is_default = encoding.name == "default";
  m.key_prefix.assign(is_default ? 1 : 0, 'c');
  std::string separator(1, is_default ? '/' : '.');
  if (encoding.configuration.contains("separator")) {
    separator = json_member<std::string>(encoding.configuration, "separator", what);
  }
  if (separator != "." && separator != "/") {
    throw Error(Errc::data_loss, "{}: separator '{}' of chunk_key_encoding: expected . or /", what,
                separator);
  }
  m.separator = separator[0];
}

/// Codec transpose: axis i of its output is axis order[i] of its input.
void transpose(ArrayMetadata& m, const Json& configuration, std::string_view what) {
  std::vector<std::size_t> order(m.order.size());
  const Json value = json_member<Json>(configuration, "order", what);
  if (value == "C") return;
  if (value == "F") {
    std::iota(order.rbegin(), order.rend(), 0);
  } else {
    const Extents axes = read_extents(configuration, "order", 0, what);
    std::vector<bool> seen(m.order.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const auto axis = static_cast<std::size_t>(axes[i]);
      if (axes.size() != order.size() || axis >= order.size() || seen[axis]) {
        throw Error(Errc::data_loss, "{}: transpose order {} is not a permutation of {} axes", what,
                    value.dump(), order.size());
      }
      seen[axis] = true;
      order[i] = axis;
    }
    if (axes.size() != order.size())
      throw Error(Errc::data_loss, "{}: transpose order {} is too short", what, value.dump());
  }
  std::vector<std::size_t> composed;
  for (const std::size_t axis : order) composed.push_back(m.order[axis]);
  m.order = std::move(composed);
}

bool is_big_endian(const Json& configuration, std::string_view what) {
  const auto endian = json_member<std::string>(configuration, "endian", what);
  if (endian != "little" && endian != "big") {
    throw Error(Errc::data_loss, "{}: endian '{}': expected little or big", what, endian);
  }
  return endian == "big";
}

void parse_bytes_codec(ArrayMetadata& m, const Json& configuration, std::string_view what) {
  if (m.cell.kind == CellKind::vlen_utf8) {
    throw Error(Errc::data_loss, "{}: codec 'bytes' on data_type string: expected vlen-utf8", what);
  }
  if (!configuration.contains("endian")) {
    if (m.cell.size_bytes == 1 || m.cell.kind == CellKind::bytes) return;
    throw Error(Errc::data_loss, "{}: codec 'bytes' has no endian: expected little or big", what);
  }
  m.cell.is_big_endian = is_big_endian(configuration, what);
}

/// The codecs of a shard's index: bytes, then checksums, whose encoded size is known beforehand.
void parse_index_codecs(Sharding& sharding, const Json& configuration, std::string_view what) {
  const Json list = json_member<Json>(configuration, "index_codecs", what);
  if (!list.is_array() || list.empty())
    throw Error(Errc::data_loss, "{}: 'index_codecs' is not a list of codecs", what);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Extension codec = read_extension(list[i], "codec", what);
    if (i == 0 && codec.name == "bytes") {
      sharding.index_is_big_endian = is_big_endian(codec.configuration, what);
    } else if (i > 0 && codec.name == "crc32c") {
      sharding.index_checksums.push_back(make_codec(list[i], {3, 8, what}));
      sharding.index_checksum_bytes += 4;
    } else {
      throw Error(Errc::unsupported, "{}: codec '{}' of a shard's index is not supported", what,
                  codec.name);
    }
  }
}

/// numcodecs' filters stand before codec bytes; what follows it are numcodecs' compressors.
bool is_cell_filter(std::string_view name) {
  constexpr std::array<std::string_view, 6> kFilters = {
      "numcodecs.astype",           "numcodecs.delta",    "numcodecs.quantize",
      "numcodecs.fixedscaleoffset", "numcodecs.bitround", "numcodecs.packbits"};
  return std::find(kFilters.begin(), kFilters.end(), name) != kFilters.end();
}

void parse_codecs(ArrayMetadata& m, const Json& document, std::string_view what);

/// The chunks of the array are those inside the shards: what `chunk_grid` says is the shards'.
void parse_sharding(ArrayMetadata& m, const Json& configuration, std::string_view what) {
  if (m.sharding) throw Error(Errc::unsupported, "{}: codec 'sharding_indexed' in itself", what);
  if (!std::is_sorted(m.order.begin(), m.order.end()))
    throw Error(Errc::unsupported, "{}: codec 'sharding_indexed' after 'transpose'", what);
  const Extents chunk = read_extents(configuration, "chunk_shape", 1, what);
  bool divides = chunk.size() == m.chunk_shape.size();
  for (std::size_t i = 0; divides && i < chunk.size(); ++i)
    divides = m.chunk_shape[i] % chunk[i] == 0;
  if (!divides) {
    throw Error(Errc::data_loss, "{}: chunks of {} do not divide shards of {}", what,
                configuration["chunk_shape"].dump(), fmt::join(m.chunk_shape, " x "));
  }
  Sharding sharding;
  sharding.shard_shape = m.chunk_shape;
  parse_index_codecs(sharding, configuration, what);
  if (configuration.contains("index_location")) {
    const auto location = json_member<std::string>(configuration, "index_location", what);
    sharding.index_is_first = location == "start";
    if (location != "start" && location != "end") {
      throw Error(Errc::data_loss, "{}: index_location '{}': expected start or end", what,
                  location);
    }
  }
  m.sharding = std::move(sharding);
  m.chunk_shape = chunk;
  parse_codecs(m, configuration, what);
}

/// Codecs are array -> array, then one array -> bytes, then bytes -> bytes.
void parse_codecs(ArrayMetadata& m, const Json& document, std::string_view what) {
  const Json list = json_member<Json>(document, "codecs", what);
  if (!list.is_array()) throw Error(Errc::data_loss, "{}: 'codecs' is not a list", what);
  if (list.size() > 16)
    throw Error(Errc::unsupported, "{}: a chain of {} codecs", what, list.size());
  const CodecSite site{3, m.cell.size_bytes, what};
  bool is_bytes = false;
  bool is_sharded = false;
  for (const Json& value : list) {
    const Extension codec = read_extension(value, "codec", what);
    if (is_sharded) {
      throw Error(Errc::unsupported, "{}: codec '{}' around shards", what, codec.name);
    } else if (is_bytes) {
      m.codecs.push_back(make_codec(value, site));
    } else if (codec.name == "transpose") {
      transpose(m, codec.configuration, what);
    } else if (is_cell_filter(codec.name)) {
      m.codecs.push_back(make_codec(value, site));
    } else if (codec.name == "bytes") {
      // After a filter the bytes are of its dtype, whose length decides whether endian is there.
      if (m.codecs.empty() || codec.configuration.contains("endian"))
        parse_bytes_codec(m, codec.configuration, what);
      if (!m.codecs.empty() && m.cell.is_big_endian)
        throw Error(Errc::unsupported, "{}: big-endian cells after a filter", what);
      is_bytes = true;
    } else if (codec.name == "vlen-utf8" && m.cell.kind == CellKind::vlen_utf8) {
      is_bytes = true;
    } else if (codec.name == "sharding_indexed") {
      parse_sharding(m, codec.configuration, what);
      is_bytes = is_sharded = true;
    } else {
      throw Error(Errc::unsupported, "{}: codec '{}' is not supported here", what, codec.name);
    }
  }
  if (!is_bytes) throw Error(Errc::data_loss, "{}: no codec turns the array into bytes", what);
}

void parse_dims(ArrayMetadata& m, const Json& document, std::string_view what) {
  if (!document.contains("dimension_names") || document["dimension_names"].is_null()) return;
  const Json& names = document["dimension_names"];
  if (!names.is_array()) throw Error(Errc::data_loss, "{}: 'dimension_names' is not a list", what);
  for (const Json& name : names) {
    if (!name.is_null() && !name.is_string()) {
      throw Error(Errc::data_loss, "{}: dimension name {}: expected text or null", what,
                  name.dump());
    }
    m.dims.push_back(name.is_null() ? "" : name.get<std::string>());
  }
  if (names.empty() && !m.shape.empty())
    throw Error(Errc::data_loss, "{}: 'dimension_names' is empty", what);
}

/// Xarray writes a floating `_FillValue` as base64 of a little-endian double, for JSON has no NaN.
void decode_fill_attribute(ArrayMetadata& m) {
  const auto text = m.attributes.text("_FillValue");
  if (!text || !is_floating(m.cell.dtype)) return;
  const auto bytes = base64_decode(*text);
  double value = 0;
  if (!bytes || bytes->size() != sizeof value) return;
  std::memcpy(&value, bytes->data(), sizeof value);
  m.attributes.set("_FillValue", number_attribute(m.cell.dtype, value));
}

/// Members that are not in the specification must be understood unless they say otherwise.
void check_members(ArrayMetadata& m, const Json& document, std::string_view what) {
  constexpr std::array<std::string_view, 11> kKnown = {
      "zarr_format",        "node_type",  "shape",  "data_type",  "chunk_grid",
      "chunk_key_encoding", "fill_value", "codecs", "attributes", "storage_transformers",
      "dimension_names"};
  for (const auto& [key, value] : document.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end()) continue;
    const bool may_be_ignored =
        value.is_object() && value.contains("must_understand") && value["must_understand"] == false;
    if (!may_be_ignored) m.unsupported = fmt::format("extension '{}'", key);
  }
  if (!document.contains("storage_transformers")) return;
  const Json& transformers = document["storage_transformers"];
  if (!transformers.is_array())
    throw Error(Errc::data_loss, "{}: 'storage_transformers' is not a list", what);
  if (!transformers.empty()) m.unsupported = "storage transformers";
}

}  // namespace

ArrayMetadata parse_metadata_v3(const Json& document, std::string_view what) {
  ArrayMetadata m;
  m.zarr_format = 3;
  m.shape = read_extents(document, "shape", 0, what);
  const Extension grid =
      read_extension(json_member<Json>(document, "chunk_grid", what), "chunk_grid", what);
  if (grid.name != "regular")
    throw Error(Errc::unsupported, "{}: chunk_grid '{}' is not supported", what, grid.name);
  m.chunk_shape = read_extents(grid.configuration, "chunk_shape", 1, what);
  m.order.resize(m.shape.size());
  std::iota(m.order.begin(), m.order.end(), 0);
  if (document.contains("attributes")) m.attributes = attributes_from_json(document["attributes"]);
  parse_type(m, read_extension(json_member<Json>(document, "data_type", what), "data_type", what),
             what);
  check_ranks(m, what);
  check_members(m, document, what);
  parse_keys(m, document, what);
  try {
    parse_codecs(m, document, what);
  } catch (const Error& e) {
    if (e.code() != Errc::unsupported) throw;
    if (m.unsupported.empty()) m.unsupported = e.message();
  }
  if (m.unsupported.empty())
    m.fill = parse_fill(json_member<Json>(document, "fill_value", what), m.cell, what);
  decode_fill_attribute(m);
  parse_dims(m, document, what);
  complete_dims(m, what);
  return m;
}

}  // namespace rastream::zarr
