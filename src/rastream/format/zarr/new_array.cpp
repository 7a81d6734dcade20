// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/new_array.h"

#include <algorithm>
#include <cstring>

#include "rastream/base/base64.h"
#include "rastream/base/error.h"

namespace rastream::zarr {
namespace {

Json list_of(const Extents& e) { return Json(std::vector<std::int64_t>(e.begin(), e.end())); }

Extents chunk_shape_of(const VariableSpec& spec) {
  if (spec.schema.chunks.shape() != spec.schema.shape) {
    throw Error(Errc::invalid_argument, "variable '{}': chunks cover {}, the shape is {}",
                spec.name, to_string(spec.schema.chunks.shape()), to_string(spec.schema.shape));
  }
  Extents shape;
  for (const Cuts& cuts : spec.schema.chunks.all_cuts()) {
    const auto chunk = cuts.regular_chunk();
    if (!chunk) {
      throw Error(Errc::invalid_argument,
                  "variable '{}': Zarr needs chunks of one length along each dimension", spec.name);
    }
    shape.push_back(std::max<std::int64_t>(1, *chunk));
  }
  return shape;
}

/// The shape of shards of which each dimension's length is a whole number of `inner` chunks. A
/// shard that spans its dimension may reach beyond it.
Extents shard_shape_of(const VariableSpec& spec, Extents shape) {
  const Extents& inner = spec.inner_chunks;
  bool divides = inner.size() == shape.size();
  for (std::size_t i = 0; divides && i < shape.size(); ++i) {
    divides = inner[i] >= 1;
    if (divides && shape[i] >= spec.schema.shape[i])
      shape[i] = (shape[i] + inner[i] - 1) / inner[i] * inner[i];
    divides = divides && shape[i] % inner[i] == 0;
  }
  if (!divides) {
    throw Error(Errc::invalid_argument, "variable '{}': shards of {} are not whole chunks of {}",
                spec.name, to_string(shape), to_string(inner));
  }
  return shape;
}

/// Zarr specification, "Sharding codec", 1.0.
Json sharding_codec(const Extents& inner, Json codecs) {
  return {{"name", "sharding_indexed"},
          {"configuration",
           {{"chunk_shape", list_of(inner)},
            {"codecs", std::move(codecs)},
            {"index_codecs",
             Json::array({{{"name", "bytes"}, {"configuration", {{"endian", "little"}}}},
                          {{"name", "crc32c"}}})},
            {"index_location", "end"}}}};
}

std::string v2_dtype(DType dtype) {
  if (dtype == DType::bool_) return "|b1";
  const char kind = is_complex(dtype)          ? 'c'
                    : is_floating(dtype)       ? 'f'
                    : is_signed_integer(dtype) ? 'i'
                                               : 'u';
  return fmt::format("{}{}{}", item_size(dtype) == 1 ? '|' : '<', kind, item_size(dtype));
}

CellType number_cell(DType dtype) {
  return {CellKind::number, dtype, static_cast<std::int64_t>(item_size(dtype)), false, ""};
}

/// The fill value, else the number in attribute `_FillValue`.
std::optional<FillValue> fill_of(const VariableSpec& spec, int zarr_format) {
  const std::string what = fmt::format("variable '{}'", spec.name);
  std::optional<FillValue> fill;
  if (spec.fill_value) fill = make_fill(*spec.fill_value, spec.schema.dtype, what);
  const Attribute* attribute = spec.attributes.find("_FillValue");
  const auto* number = attribute ? std::get_if<Numbers>(attribute) : nullptr;
  if (!number || number->size() != 1) return fill;
  Attributes only;
  only.set("_FillValue", *attribute);
  std::optional<FillValue> from_attribute;
  try {
    from_attribute = parse_fill(to_json(only)["_FillValue"], number_cell(spec.schema.dtype), what);
  } catch (const Error& e) {
    throw Error(Errc::invalid_argument, "{}", e.message());
  }
  if (!fill) return from_attribute;
  if (zarr_format == 2 && fill->cell != from_attribute->cell) {
    throw Error(Errc::invalid_argument,
                "{}: fill value {} and attribute _FillValue {} differ: Zarr v2 has one of both",
                what, fill->value, from_attribute->value);
  }
  return fill;
}

/// Attributes as Xarray expects them in that version.
Json attributes_of(const VariableSpec& spec, int zarr_format) {
  Attributes attributes = spec.attributes;
  const auto number = attributes.number("_FillValue");
  if (number && zarr_format == 2) attributes.erase("_FillValue");
  Json out = to_json(attributes);
  if (zarr_format == 2) {
    out["_ARRAY_DIMENSIONS"] = spec.schema.dims;
  } else if (number && is_floating(spec.schema.dtype)) {
    out["_FillValue"] = base64_encode(std::as_bytes(std::span(&*number, 1)));
  }
  return out;
}

Json v2_document(const VariableSpec& spec, const Extents& chunks, const std::string& dtype,
                 Json fill, Json compressor) {
  return {{"zarr_format", 2},
          {"shape", list_of(spec.schema.shape)},
          {"chunks", list_of(chunks)},
          {"dtype", dtype},
          {"compressor", std::move(compressor)},
          {"fill_value", std::move(fill)},
          {"order", "C"},
          {"filters", nullptr},
          {"dimension_separator", "."}};
}

Json v3_document(const VariableSpec& spec, const Extents& chunks, std::string_view dtype, Json fill,
                 Json codecs) {
  return {
      {"zarr_format", 3},
      {"node_type", "array"},
      {"shape", list_of(spec.schema.shape)},
      {"data_type", dtype},
      {"chunk_grid", {{"name", "regular"}, {"configuration", {{"chunk_shape", list_of(chunks)}}}}},
      {"chunk_key_encoding", {{"name", "default"}, {"configuration", {{"separator", "/"}}}}},
      {"fill_value", std::move(fill)},
      {"codecs", std::move(codecs)},
      {"attributes", attributes_of(spec, 3)},
      {"dimension_names", spec.schema.dims},
      {"storage_transformers", Json::array()}};
}

/// Our own documents go through the reader: what it refuses was asked for by the caller.
NewArray understood(NewArray array, const std::string& name) {
  const std::string what = fmt::format("variable '{}'", name);
  try {
    array.metadata = array.attributes.is_null()
                         ? parse_metadata_v3(array.document, what)
                         : parse_metadata_v2(array.document, array.attributes, what);
  } catch (const Error& e) {
    throw Error(Errc::invalid_argument, "{}", e.message());
  }
  return array;
}

std::optional<Json> compressor_of(const VariableSpec& spec, int zarr_format,
                                  std::int64_t item_size) {
  if (spec.compressor == "none") return std::nullopt;
  const std::string what = fmt::format("variable '{}'", spec.name);
  const std::string name = spec.compressor.empty() ? "zstd" : spec.compressor;
  return compressor_metadata(name, spec.level, {zarr_format, item_size, what});
}

// Absent chunks of a v3 array always have a value; where none is given, floating cells are NaN, so
// that a lost chunk does not look like a measured zero.
FillValue default_fill(DType dtype, const std::string& name) {
  return make_fill(is_floating(dtype) || is_complex(dtype) ? __builtin_nan("") : 0.0, dtype, name);
}

}  // namespace

NewArray make_new_array(const VariableSpec& spec, int zarr_format) {
  const DType dtype = spec.schema.dtype;
  Extents chunks = chunk_shape_of(spec);
  const bool is_sharded = !spec.inner_chunks.empty();
  if (is_sharded && zarr_format != 3)
    throw Error(Errc::invalid_argument, "variable '{}': shards need Zarr v3", spec.name);
  if (is_sharded) chunks = shard_shape_of(spec, chunks);
  const auto fill = fill_of(spec, zarr_format);
  const auto compressor =
      compressor_of(spec, zarr_format, static_cast<std::int64_t>(item_size(dtype)));
  NewArray array;
  array.may_skip_fill = fill.has_value();
  if (zarr_format == 2) {
    array.document =
        v2_document(spec, chunks, v2_dtype(dtype), fill ? fill_json(*fill, dtype) : Json(),
                    compressor.value_or(Json()));
    array.attributes = attributes_of(spec, 2);
  } else {
    Json bytes = {{"name", "bytes"}};
    if (item_size(dtype) > 1) bytes["configuration"] = {{"endian", "little"}};
    Json codecs = Json::array({bytes});
    if (compressor) codecs.push_back(*compressor);
    if (is_sharded) codecs = Json::array({sharding_codec(spec.inner_chunks, std::move(codecs))});
    array.document = v3_document(spec, chunks, to_string(dtype),
                                 fill_json(fill.value_or(default_fill(dtype, spec.name)), dtype),
                                 std::move(codecs));
  }
  return understood(std::move(array), spec.name);
}

NewArray make_new_text_array(const VariableSpec& spec, int zarr_format, std::int64_t n_characters) {
  Extents chunks = spec.schema.shape;
  for (std::int64_t& n : chunks) n = std::max<std::int64_t>(1, n);
  const auto compressor = compressor_of(spec, zarr_format, 4);
  NewArray array;
  if (zarr_format == 2) {
    array.document = v2_document(spec, chunks, fmt::format("<U{}", n_characters), Json(),
                                 compressor.value_or(Json()));
    array.attributes = attributes_of(spec, 2);
  } else {
    Json codecs = Json::array({{{"name", "vlen-utf8"}}});
    if (compressor) codecs.push_back(*compressor);
    array.document = v3_document(spec, chunks, "string", "", std::move(codecs));
  }
  return understood(std::move(array), spec.name);
}

}  // namespace rastream::zarr
