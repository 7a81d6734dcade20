// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/new_variable.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

#include "rastream/array/exact_cell.h"
#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr int kDefaultLevel = 4;
constexpr std::int64_t kMaxChunkBytes = (std::int64_t{2} << 30) - 1;
constexpr std::size_t kMaxNameBytes = 256;  // NC_MAX_NAME

/// Level of deflate, or -1 for none.
int deflate_level(const VariableSpec& spec) {
  if (spec.compressor == "none") return -1;
  // Levels of zstd are another scale.
  if (spec.compressor.empty() || spec.compressor == "zstd")
    return spec.level < 0 ? kDefaultLevel : std::clamp(spec.level, 1, 9);
  const bool is_deflate =
      spec.compressor == "gzip" || spec.compressor == "deflate" || spec.compressor == "zlib";
  if (!is_deflate) {
    throw Error(Errc::invalid_argument,
                "variable '{}': NetCDF-4 cannot be compressed with '{}': expected deflate or none",
                spec.name, spec.compressor);
  }
  if (spec.level > 9)
    throw Error(Errc::invalid_argument, "variable '{}': deflate level {}: expected 0 to 9",
                spec.name, spec.level);
  return spec.level < 0 ? kDefaultLevel : spec.level;
}

/// The number as one cell of `dtype`; nothing when that is another number. Floating cells are
/// rounded, as the cells that they mark are.
template <typename From>
std::optional<CellBytes> fill_cell(DType dtype, From value) {
  return visit_dtype(dtype, [&]<typename T>(T) -> std::optional<CellBytes> {
    std::optional<T> held;
    if constexpr (std::is_floating_point_v<T>)
      held = static_cast<T>(value);
    else
      held = exact_cell<T>(value);
    if (!held) return std::nullopt;
    CellBytes cell{};
    std::memcpy(cell.data(), &*held, sizeof(T));
    return cell;
  });
}

std::optional<CellBytes> fill_cell(DType dtype, const Numbers& numbers) {
  if (numbers.size() != 1) return std::nullopt;
  return visit_number(numbers, 0, [&](auto value) { return fill_cell(dtype, value); });
}

Numbers as_numbers(DType dtype, const CellBytes& cell) {
  Numbers out;
  out.dtype = dtype;
  visit_dtype(dtype, [&]<typename T>(T value) {
    std::memcpy(&value, cell.data(), sizeof(value));
    if constexpr (std::is_floating_point_v<T>)
      out.floats = {static_cast<double>(value)};
    else
      out.integers = {static_cast<std::int64_t>(value)};
  });
  return out;
}

/// Attribute _FillValue decides, in the variable's dtype, for netcdf-c refuses any other. NaN that
/// only the spec has is made an attribute, as Xarray does: without it, many programs take NaN for a
/// value.
void set_fill(const VariableSpec& spec, NewVariable& v) {
  const DType dtype = spec.schema.dtype;
  if (is_complex(dtype)) v.attributes.erase("_FillValue");  // has no attributes of its dtype
  if (dtype == DType::string || is_complex(dtype)) return;
  const Attribute* attribute = spec.attributes.find("_FillValue");
  const auto* numbers = attribute ? std::get_if<Numbers>(attribute) : nullptr;
  if (attribute) {
    v.fill = numbers ? fill_cell(dtype, *numbers) : std::nullopt;
    if (!v.fill)
      throw Error(Errc::invalid_argument,
                  "variable '{}': attribute _FillValue is not a number of {}", spec.name,
                  to_string(dtype));
    v.attributes.set("_FillValue", as_numbers(dtype, *v.fill));
  } else if (spec.fill_value) {
    v.fill = fill_cell(dtype, *spec.fill_value);
    if (!v.fill)
      throw Error(Errc::invalid_argument, "variable '{}': fill value {} is not a number of {}",
                  spec.name, *spec.fill_value, to_string(dtype));
    if (std::isnan(*spec.fill_value)) v.attributes.set("_FillValue", as_numbers(dtype, *v.fill));
  }
}

void check_chunk_size(const NewVariable& v) {
  auto n_bytes = static_cast<std::int64_t>(item_size(v.schema.dtype));
  for (const auto n : v.schema.chunks.max_chunk_shape())
    n_bytes = checked_multiply(n_bytes, n, "a chunk");
  if (v.is_chunked && n_bytes > kMaxChunkBytes)
    throw Error(Errc::unsupported, "variable '{}': chunks of {} bytes: at most {} can be written",
                v.name, n_bytes, kMaxChunkBytes);
}

}  // namespace

NewVariable make_new_variable(const VariableSpec& spec, const std::vector<std::string>& unlimited) {
  check_netcdf_path(spec.name, "variable");
  for (const std::string& dim : spec.schema.dims) check_netcdf_name(dim, "dimension");
  NewVariable v{spec.name, spec.schema, spec.attributes, {}, true, deflate_level(spec)};
  set_fill(spec, v);
  const bool is_text = spec.schema.dtype == DType::string;
  const bool can_grow =
      std::any_of(spec.schema.dims.begin(), spec.schema.dims.end(), [&](const std::string& dim) {
        return std::find(unlimited.begin(), unlimited.end(), dim) != unlimited.end();
      });
  const bool is_one_run = spec.schema.rank() == 0 || spec.schema.n_cells() == 0 || is_text ||
                          (v.deflate < 0 && spec.schema.chunks.n_chunks() == 1);
  v.is_chunked = can_grow || !is_one_run;
  if (!v.is_chunked || is_text) v.deflate = -1;
  check_chunk_size(v);
  return v;
}

Region stored_chunk(const NewVariable& variable, const Region& region) {
  if (!variable.is_chunked) return region;
  Region chunk = region;
  const Extents shape = variable.schema.chunks.max_chunk_shape();
  for (std::size_t i = 0; i < shape.size(); ++i) chunk.end[i] = chunk.begin[i] + shape[i];
  return chunk;
}

void check_netcdf_path(const std::string& path, std::string_view what) {
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = path.find('/', begin);
    check_netcdf_name(path.substr(begin, end - begin),
                      end == std::string::npos ? what : std::string_view("group"));
  }
}

void check_netcdf_name(const std::string& name, std::string_view what) {
  const auto is_wrong = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/'; };
  const auto first = static_cast<unsigned char>(name.empty() ? ' ' : name[0]);
  const bool starts_well = std::isalnum(first) != 0 || first == '_' || first >= 0x80;
  const bool is_valid = starts_well && name.size() <= kMaxNameBytes && name.back() != ' ' &&
                        std::none_of(name.begin(), name.end(), is_wrong);
  if (is_valid) return;
  throw Error(Errc::invalid_argument,
              "'{}' cannot name a {} in NetCDF: expected a letter, digit or '_', then any but "
              "'/', at most {} bytes",
              name, what, kMaxNameBytes);
}

}  // namespace rastream
