// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/raw/description.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/base/json.h"

namespace rastream::raw {
namespace {

constexpr std::int64_t kChunkBytes = std::int64_t{4} << 20;
constexpr std::array<std::string_view, 12> kMembers = {
    "rastream_raw", "name",  "dims",     "shape",      "dtype",  "byte_order",
    "offset",       "files", "trailing", "attributes", "coords", "variable_attributes"};

void check_members(const Json& json, const std::string& what) {
  if (!json.is_object()) throw Error(Errc::data_loss, "{}: expected a JSON object", what);
  for (const auto& [key, value] : json.items()) {
    if (std::find(kMembers.begin(), kMembers.end(), key) == kMembers.end()) {
      throw Error(Errc::data_loss, "{}: member '{}' is unknown: expected some of {}", what, key,
                  fmt::join(kMembers, ", "));
    }
  }
}

std::int64_t n_bytes_member(const Json& json, const char* key, const std::string& what) {
  if (!json.contains(key)) return 0;
  if (!json[key].is_number_integer() || json[key].get<std::int64_t>() < 0)
    throw Error(Errc::data_loss, "{}: member '{}' must be a number of bytes", what, key);
  return json[key].get<std::int64_t>();
}

bool is_big_endian(const Json& json, const std::string& what) {
  const auto order = json.contains("byte_order")
                         ? json_member<std::string>(json, "byte_order", what)
                         : std::string("little");
  if (order != "little" && order != "big") {
    throw Error(Errc::data_loss, "{}: byte_order '{}': expected 'little' or 'big'", what, order);
  }
  return order == "big";
}

Extents shape_member(const Json& json, const std::string& what) {
  const auto lengths = json_member<std::vector<std::int64_t>>(json, "shape", what);
  if (lengths.size() >= kMaxRank) {
    throw Error(Errc::unsupported, "{}: {} dimensions: at most {} are supported", what,
                lengths.size(), kMaxRank - 1);
  }
  return Extents(std::span(lengths));
}

std::vector<std::string> file_paths(const Json& json, const std::string& path) {
  const auto names = json_member<std::vector<std::string>>(json, "files", "'" + path + "'");
  std::vector<std::string> files;
  for (const std::string& name : names)
    files.push_back((std::filesystem::path(path).parent_path() / name).native());
  return files;
}

Attributes attributes_member(const Json& json, const char* key, const std::string& what) {
  if (!json.contains(key)) return {};
  if (!json[key].is_object())
    throw Error(Errc::data_loss, "{}: member '{}' must be an object", what, key);
  return attributes_from_json(json[key]);
}

Labels labels_of(const std::string& dim, const Json& value, const std::string& what) {
  const Json& values = value.is_object() && value.contains("values") ? value["values"] : value;
  Labels labels{dim, {}, {}, {}};
  if (value.is_object()) labels.attributes = attributes_member(value, "attributes", what);
  const auto all = [&](auto&& is_kind) {
    return values.is_array() && std::all_of(values.begin(), values.end(), is_kind);
  };
  if (all([](const Json& v) { return v.is_number(); })) {
    labels.numbers = values.get<std::vector<double>>();
  } else if (all([](const Json& v) { return v.is_string(); })) {
    labels.texts = values.get<std::vector<std::string>>();
  } else {
    throw Error(Errc::data_loss, "{}: coords '{}' must be a list of numbers or of texts", what,
                dim);
  }
  return labels;
}

std::vector<Labels> labels_member(const Json& json, const Schema& schema, const std::string& what) {
  std::vector<Labels> all;
  if (!json.contains("coords")) return all;
  if (!json["coords"].is_object())
    throw Error(Errc::data_loss, "{}: member 'coords' must be an object", what);
  for (const auto& [dim, value] : json["coords"].items()) {
    Labels labels = labels_of(dim, value, what);
    const auto n = static_cast<std::int64_t>(labels.numbers.size() + labels.texts.size());
    const auto axis = schema.find_axis(dim);
    if (!axis) throw Error(Errc::data_loss, "{}: coords '{}' is not one of the dims", what, dim);
    if (n != schema.shape[*axis]) {
      throw Error(Errc::data_loss, "{}: coords '{}' has {} values: expected {}", what, dim, n,
                  schema.shape[*axis]);
    }
    all.push_back(std::move(labels));
  }
  return all;
}

}  // namespace

std::int64_t CellForm::size_bytes() const {
  return is_half ? 2 : static_cast<std::int64_t>(item_size(part)) * (is_complex(dtype) ? 2 : 1);
}

std::int64_t Description::cells_per_file() const {
  return files.size() > 1 ? schema.n_cells() / schema.shape[0] : schema.n_cells();
}

std::int64_t Description::file_bytes() const {
  return offset + cells_per_file() * cells.size_bytes() + trailing;
}

void check_sizes(const Description& d, const std::string& what) {
  const std::int64_t cells = checked_multiply(d.cells_per_file(), d.cells.size_bytes(), what);
  std::int64_t end = 0;
  if (__builtin_add_overflow(cells, d.offset, &end) ||
      __builtin_add_overflow(end, d.trailing, &end)) {
    throw Error(Errc::data_loss, "{}: the size of a file overflows 64 bits", what);
  }
}

CellForm cell_form(std::string_view name, bool is_big_endian, const std::string& what) {
  if (name == "complex_int16" || name == "complex_short")
    return {DType::complex64, DType::int16, is_big_endian, false};
  try {
    const DType dtype = parse_dtype(name);
    if (dtype != DType::string) return {dtype, part_of(dtype), is_big_endian, false};
  } catch (const Error&) {
  }
  throw Error(Errc::data_loss,
              "{}: dtype '{}': expected a number such as float32, complex64 or complex_int16", what,
              name);
}

Schema schema_of(const std::vector<std::string>& dims, const Extents& shape, const CellForm& cells,
                 bool has_many_files, const std::string& what) {
  std::int64_t n_bytes = cells.size_bytes();
  for (const auto n : shape) n_bytes = checked_multiply(n_bytes, n, what);
  Extents chunk = shape;
  const std::size_t first = has_many_files ? 1 : 0;
  if (has_many_files) n_bytes /= std::max<std::int64_t>(1, shape[0]);
  if (has_many_files) chunk[0] = 1;
  for (std::size_t i = first; i < shape.size() && n_bytes > kChunkBytes; ++i) {
    const std::int64_t row_bytes = n_bytes / shape[i];
    chunk[i] =
        std::clamp<std::int64_t>(kChunkBytes / std::max<std::int64_t>(1, row_bytes), 1, shape[i]);
    n_bytes = chunk[i] * row_bytes;
  }
  return make_schema(dims, shape, cells.dtype, ChunkGrid::regular(shape, chunk));
}

Description parse_description(std::string_view text, const std::string& path) {
  const std::string what = "'" + path + "'";
  const Json json = parse_json(text, what);
  check_members(json, what);
  Description d;
  d.name = json.contains("name") ? json_member<std::string>(json, "name", what) : "data";
  d.cells =
      cell_form(json_member<std::string>(json, "dtype", what), is_big_endian(json, what), what);
  d.files = file_paths(json, path);
  const auto dims = json_member<std::vector<std::string>>(json, "dims", what);
  const Extents shape = shape_member(json, what);
  if (dims.size() != shape.size()) {
    throw Error(Errc::data_loss, "{}: {} dims for a shape of {}", what, dims.size(), shape.size());
  }
  const auto n_files = static_cast<std::int64_t>(d.files.size());
  if (n_files != 1 && (shape.empty() || n_files != shape[0] || n_files == 0)) {
    throw Error(Errc::data_loss, "{}: {} files: expected one, or one for each index of dims[0]",
                what, n_files);
  }
  d.schema = schema_of(dims, shape, d.cells, n_files > 1, what);
  d.offset = n_bytes_member(json, "offset", what);
  d.trailing = n_bytes_member(json, "trailing", what);
  d.variable_attributes = attributes_member(json, "variable_attributes", what);
  d.attributes = attributes_member(json, "attributes", what);
  d.labels = labels_member(json, d.schema, what);
  check_sizes(d, what);
  return d;
}

}  // namespace rastream::raw
