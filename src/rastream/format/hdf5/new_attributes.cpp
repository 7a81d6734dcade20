// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/new_attributes.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "rastream/format/hdf5/types.h"

namespace rastream {
namespace {

// netcdf-c, nc4internal.c: NC_reserved_atts, those that are kept in the file.
constexpr std::array<std::string_view, 9> kReserved = {
    "CLASS",         "NAME",        "REFERENCE_LIST",      "DIMENSION_LIST",  "_Netcdf4Dimid",
    "_NCProperties", "_nc3_strict", "_Netcdf4Coordinates", "DIMENSION_LABELS"};

void put(hid_t object, const std::string& name, hid_t type, const Handle& space,
         const void* values) {
  const std::string what = "attribute '" + name + "'";
  const Handle id =
      made(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), what);
  if (values != nullptr) check_written(H5Awrite(id, type, values), what);
}

Handle no_values() { return made(H5Screate(H5S_NULL), "a null dataspace"); }

Handle values_along(std::size_t n) {
  const hsize_t length = n;
  return made(H5Screate_simple(1, &length, nullptr), "a dataspace");
}

void put_text(hid_t object, const std::string& name, const std::string& text) {
  if (text.empty()) return put(object, name, text_type(text), no_values(), nullptr);
  put(object, name, text_type(text), made(H5Screate(H5S_SCALAR), "a dataspace"), text.data());
}

void put_texts(hid_t object, const std::string& name, const std::vector<std::string>& texts) {
  if (texts.empty()) return put(object, name, any_text_type(), no_values(), nullptr);
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  put(object, name, any_text_type(), values_along(texts.size()), pointers.data());
}

void put_numbers(hid_t object, const std::string& name, const Numbers& numbers) {
  const hid_t type = native_type(numbers.dtype);
  if (numbers.size() == 0) return put(object, name, type, no_values(), nullptr);
  std::vector<std::byte> cells(numbers.size() * item_size(numbers.dtype));
  visit_dtype(numbers.dtype, [&]<typename T>(T) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      T cell{};
      if constexpr (std::is_floating_point_v<T>)
        cell = static_cast<T>(numbers.floats[i]);
      else
        cell = static_cast<T>(numbers.integers[i]);
      std::memcpy(cells.data() + i * sizeof(T), &cell, sizeof(T));
    }
  });
  put(object, name, type, values_along(numbers.size()), cells.data());
}

}  // namespace

void check_written(long long status, const std::string& what) {
  if (status < 0) throw Error(Errc::unavailable, "cannot write {}: {}", what, take_library_error());
}

Handle made(hid_t id, const std::string& what) {
  check_written(id, what);
  return {id, what};
}

Handle text_type(std::string_view text) {
  const bool is_ascii =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
  Handle type = made(H5Tcopy(H5T_C_S1), "a text type");
  check_written(H5Tset_size(type, std::max<std::size_t>(1, text.size())), "a text type");
  check_written(H5Tset_cset(type, is_ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8), "a text type");
  return type;
}

Handle any_text_type() {
  Handle type = made(H5Tcopy(H5T_C_S1), "a text type");
  check_written(H5Tset_size(type, H5T_VARIABLE), "a text type");
  check_written(H5Tset_cset(type, H5T_CSET_UTF8), "a text type");
  return type;
}

void write_attribute(hid_t object, const std::string& name, const Attribute& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return put_text(object, name, *text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
    return put_texts(object, name, *texts);
  put_numbers(object, name, std::get<Numbers>(value));
}

void write_attributes(hid_t object, const Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end() || name.empty()) {
      throw Error(Errc::invalid_argument,
                  "attribute '{}' cannot be written to NetCDF-4, which keeps that name for itself",
                  name);
    }
    write_attribute(object, name, value);
  }
}

}  // namespace rastream
