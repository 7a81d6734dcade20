// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/types.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

namespace rastream {
namespace {

static_assert(std::endian::native == std::endian::little,
              "files in little endian are read without swapping");

constexpr std::array<std::string_view, 9> kNetcdfInternal = {
    "CLASS",         "NAME",        "REFERENCE_LIST",      "DIMENSION_LIST",  "_Netcdf4Dimid",
    "_NCProperties", "_nc3_strict", "_Netcdf4Coordinates", "DIMENSION_LABELS"};

struct NumberType {
  hid_t little;
  hid_t big;
  DType dtype;
};

std::array<NumberType, 10> number_types() {
  return {{{H5T_STD_I8LE, H5T_STD_I8BE, DType::int8},
           {H5T_STD_I16LE, H5T_STD_I16BE, DType::int16},
           {H5T_STD_I32LE, H5T_STD_I32BE, DType::int32},
           {H5T_STD_I64LE, H5T_STD_I64BE, DType::int64},
           {H5T_STD_U8LE, H5T_STD_U8BE, DType::uint8},
           {H5T_STD_U16LE, H5T_STD_U16BE, DType::uint16},
           {H5T_STD_U32LE, H5T_STD_U32BE, DType::uint32},
           {H5T_STD_U64LE, H5T_STD_U64BE, DType::uint64},
           {H5T_IEEE_F32LE, H5T_IEEE_F32BE, DType::float32},
           {H5T_IEEE_F64LE, H5T_IEEE_F64BE, DType::float64}}};
}

/// IEEE 754 binary16: HDF5 1.10 has no name for it, h5py builds it from its fields.
bool is_half(hid_t type) {
  std::size_t sign = 0;
  std::size_t exponent_at = 0;
  std::size_t exponent_bits = 0;
  std::size_t fraction_at = 0;
  std::size_t fraction_bits = 0;
  if (H5Tget_class(type) != H5T_FLOAT || H5Tget_size(type) != 2) return false;
  if (H5Tget_fields(type, &sign, &exponent_at, &exponent_bits, &fraction_at, &fraction_bits) < 0)
    return false;
  const auto order = H5Tget_order(type);
  return sign == 15 && exponent_at == 10 && exponent_bits == 5 && fraction_at == 0 &&
         fraction_bits == 10 && H5Tget_ebias(type) == 15 && H5Tget_norm(type) == H5T_NORM_IMPLIED &&
         (order == H5T_ORDER_LE || order == H5T_ORDER_BE);
}

std::variant<CellType, std::string> number_type(hid_t type) {
  CellType cell;
  if (is_half(type)) {
    cell.cells = {DType::float32, H5Tget_order(type) == H5T_ORDER_BE, true};
    return cell;
  }
  for (const NumberType& n : number_types()) {
    const bool is_big = H5Tequal(type, n.big) > 0 && H5Tequal(type, n.little) <= 0;
    if (!is_big && H5Tequal(type, n.little) <= 0) continue;
    cell.cells = {n.dtype, is_big};
    return cell;
  }
  return fmt::format("has {} of {} bytes in an uncommon layout",
                     H5Tget_class(type) == H5T_FLOAT ? "floating numbers" : "integers",
                     H5Tget_size(type));
}

/// The convention of h5py and PyTables: an enumeration of one byte with the members FALSE = 0 and
/// TRUE = 1.
bool is_boolean(hid_t type) {
  if (H5Tget_nmembers(type) != 2 || H5Tget_size(type) != 1) return false;
  const auto value_of = [&](const char* name) {
    signed char value = -1;
    return H5Tenum_valueof(type, name, &value) < 0 ? -1 : static_cast<int>(value);
  };
  return value_of("FALSE") == 0 && value_of("TRUE") == 1;
}

/// Two floating numbers of one type, nothing else, under the names that h5py (r, i) or others
/// (real, imag) give a complex one.
std::optional<CellType> complex_type(hid_t type) {
  if (H5Tget_nmembers(type) != 2) return std::nullopt;
  const auto is_named = [&](unsigned i, std::string_view one, std::string_view other) {
    char* name = H5Tget_member_name(type, i);
    const bool is_it = name != nullptr && (one == name || other == name);
    H5free_memory(name);
    return is_it;
  };
  if (!is_named(0, "r", "real") || !is_named(1, "i", "imag")) return std::nullopt;
  const Handle real(H5Tget_member_type(type, 0), "a compound type");
  const Handle imaginary(H5Tget_member_type(type, 1), "a compound type");
  if (H5Tget_class(real) != H5T_FLOAT || H5Tequal(real, imaginary) <= 0) return std::nullopt;
  const auto part = number_type(real);
  if (!std::holds_alternative<CellType>(part)) return std::nullopt;
  CellType cell = std::get<CellType>(part);
  const std::size_t n_bytes = item_size(cell.cells.dtype);
  const bool is_dense = H5Tget_member_offset(type, 0) == 0 &&
                        H5Tget_member_offset(type, 1) == n_bytes &&
                        H5Tget_size(type) == 2 * n_bytes;
  if (!is_dense || cell.cells.is_half) return std::nullopt;
  cell.cells.dtype = n_bytes == sizeof(float) ? DType::complex64 : DType::complex128;
  return cell;
}

hid_t make_complex_type(hid_t part) {
  const std::size_t n_bytes = H5Tget_size(part);
  const hid_t type = H5Tcreate(H5T_COMPOUND, 2 * n_bytes);
  check_library(H5Tinsert(type, "r", 0, part), "a complex type");
  check_library(H5Tinsert(type, "i", n_bytes, part), "a complex type");
  return type;
}

const char* class_name(H5T_class_t type_class) {
  switch (type_class) {
    case H5T_COMPOUND: return "compound";
    case H5T_OPAQUE: return "opaque";
    case H5T_VLEN: return "of variable length (vlen)";
    case H5T_REFERENCE: return "a reference";
    case H5T_ENUM: return "an enumeration";
    case H5T_BITFIELD: return "a bitfield";
    case H5T_ARRAY: return "an array type";
    case H5T_TIME: return "an HDF5 time";
    default: return "of an unknown type";
  }
}

std::string trimmed(const char* text, std::size_t n_bytes, H5T_str_t padding) {
  // Zeros inside are part of a netCDF text, whatever the HDF5 type says of its end.
  std::string_view view(text, n_bytes);
  view = view.substr(0, view.find_last_not_of('\0') + 1);
  if (padding == H5T_STR_SPACEPAD) view = view.substr(0, view.find_last_not_of(' ') + 1);
  return std::string(view);
}

herr_t collect_attribute_name(hid_t, const char* name, const H5A_info_t*, void* out) {
  try {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  } catch (...) {
    return -1;
  }
}

/// One attribute's open handles and its number of values.
struct OpenAttribute {
  OpenAttribute(hid_t object, const std::string& name)
      : id(H5Aopen(object, name.c_str(), H5P_DEFAULT), "attribute '" + name + "'"),
        type(H5Aget_type(id), "the type of attribute '" + name + "'"),
        space(H5Aget_space(id), "the shape of attribute '" + name + "'"),
        n_values(H5Sget_simple_extent_npoints(space)),
        is_scalar(H5Sget_simple_extent_type(space) == H5S_SCALAR) {
    check_library(n_values, "the shape of attribute '" + name + "'");
  }

  /// The values as stored. Attributes are not compressed, so they cannot be longer than the file.
  std::vector<std::byte> read_raw(std::uint64_t file_bytes, hid_t memory_type,
                                  const std::string& name) const {
    const auto n = checked_multiply(n_values, static_cast<std::int64_t>(H5Tget_size(memory_type)),
                                    "an attribute");
    if (static_cast<std::uint64_t>(n) > 8 * file_bytes) {
      throw Error(Errc::data_loss, "attribute '{}' claims {} bytes in a file of {}", name, n,
                  file_bytes);
    }
    std::vector<std::byte> raw(static_cast<std::size_t>(n));
    if (n > 0) check_library(H5Aread(id, memory_type, raw.data()), "attribute '" + name + "'");
    return raw;
  }

  Handle id;
  Handle type;
  Handle space;
  hssize_t n_values;
  bool is_scalar;
};

Attribute numbers(DType dtype, const std::vector<std::byte>& raw) {
  Numbers out;
  out.dtype = dtype;
  visit_dtype(dtype, [&]<typename T>(T) {
    for (std::size_t at = 0; at + sizeof(T) <= raw.size(); at += sizeof(T)) {
      using Stored = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;
      Stored value;
      std::memcpy(&value, raw.data() + at, sizeof(value));
      if constexpr (std::is_floating_point_v<T>) {
        out.floats.push_back(static_cast<double>(value));
      } else {
        out.integers.push_back(static_cast<std::int64_t>(value));
      }
    }
  });
  return out;
}

std::optional<Attribute> read_attribute(hid_t object, const std::string& name,
                                        std::uint64_t file_bytes) {
  const OpenAttribute attribute(object, name);
  const auto type = read_cell_type(attribute.type);
  if (!std::holds_alternative<CellType>(type)) return std::nullopt;
  const CellType& cell = std::get<CellType>(type);
  if (is_complex(cell.cells.dtype)) return std::nullopt;
  if (cell.kind == CellType::Kind::number) {
    const hid_t memory =
        cell.cells.dtype == DType::bool_ ? hid_t{attribute.type} : native_type(cell.cells.dtype);
    return numbers(cell.cells.dtype, attribute.read_raw(file_bytes, memory, name));
  }
  auto raw = attribute.read_raw(file_bytes, attribute.type, name);
  auto texts = texts_of(cell, attribute.type, raw, static_cast<std::size_t>(attribute.n_values));
  if (cell.kind == CellType::Kind::variable_text && !raw.empty()) {
    H5Dvlen_reclaim(attribute.type, attribute.space, H5P_DEFAULT, raw.data());
  }
  if (texts.empty()) return Attribute(std::string());
  if (texts.size() == 1) return Attribute(std::move(texts[0]));
  return Attribute(std::move(texts));
}

}  // namespace

std::variant<CellType, std::string> read_cell_type(hid_t type) {
  CellType cell;
  const H5T_class_t type_class = H5Tget_class(type);
  switch (type_class) {
    case H5T_INTEGER:
    case H5T_FLOAT: return number_type(type);
    case H5T_STRING:
      cell.kind =
          H5Tis_variable_str(type) > 0 ? CellType::Kind::variable_text : CellType::Kind::fixed_text;
      cell.text_bytes = H5Tget_size(type);
      cell.cells.dtype = DType::string;
      return cell;
    case H5T_ENUM:
      if (!is_boolean(type)) break;
      cell.cells = {DType::bool_, false};
      return cell;
    case H5T_COMPOUND:
      if (const auto complex = complex_type(type)) return *complex;
      break;
    default: break;
  }
  return "is " + std::string(class_name(type_class));
}

hid_t native_type(DType dtype) {
  if (dtype == DType::bool_) return H5T_NATIVE_INT8;
  static const hid_t complex64 = make_complex_type(H5T_IEEE_F32LE);
  static const hid_t complex128 = make_complex_type(H5T_IEEE_F64LE);
  if (is_complex(dtype)) return dtype == DType::complex64 ? complex64 : complex128;
  for (const NumberType& n : number_types()) {
    if (n.dtype == dtype) return n.little;
  }
  throw_no_kernel(dtype);
}

std::vector<std::string> texts_of(const CellType& type, hid_t string_type,
                                  const std::vector<std::byte>& raw, std::size_t n_texts) {
  std::vector<std::string> texts;
  texts.reserve(n_texts);
  const H5T_str_t padding = H5Tget_strpad(string_type);
  for (std::size_t i = 0; i < n_texts; ++i) {
    if (type.kind == CellType::Kind::fixed_text) {
      texts.push_back(trimmed(reinterpret_cast<const char*>(raw.data()) + i * type.text_bytes,
                              type.text_bytes, padding));
    } else {
      const char* text = nullptr;
      std::memcpy(&text, raw.data() + i * sizeof(text), sizeof(text));
      texts.emplace_back(text == nullptr ? "" : text);
    }
  }
  return texts;
}

std::vector<std::string> attribute_names(hid_t object) {
  std::vector<std::string> names;
  hsize_t position = 0;
  if (H5Aiterate2(object, H5_INDEX_CRT_ORDER, H5_ITER_INC, &position, collect_attribute_name,
                  &names) >= 0)
    return names;
  H5Eclear2(H5E_DEFAULT);
  names.clear();
  position = 0;
  check_library(
      H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, collect_attribute_name, &names),
      "the list of attributes");
  return names;
}

Attributes read_attributes(hid_t object, std::uint64_t file_bytes) {
  Attributes attributes;
  for (const std::string& name : attribute_names(object)) {
    if (std::find(kNetcdfInternal.begin(), kNetcdfInternal.end(), name) != kNetcdfInternal.end())
      continue;
    if (auto value = read_attribute(object, name, file_bytes))
      attributes.set(name, std::move(*value));
  }
  return attributes;
}

std::optional<std::string> read_text_attribute(hid_t object, const char* name,
                                               std::uint64_t file_bytes) {
  if (H5Aexists(object, name) <= 0) return std::nullopt;
  const auto value = read_attribute(object, name, file_bytes);
  if (!value || !std::holds_alternative<std::string>(*value)) return std::nullopt;
  return std::get<std::string>(*value);
}

std::vector<std::int64_t> read_integer_attribute(hid_t object, const char* name,
                                                 std::uint64_t file_bytes) {
  if (H5Aexists(object, name) <= 0) return {};
  const auto value = read_attribute(object, name, file_bytes);
  if (!value || !std::holds_alternative<Numbers>(*value)) return {};
  return std::get<Numbers>(*value).integers;
}

}  // namespace rastream
