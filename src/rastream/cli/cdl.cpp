// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/cdl.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "rastream/array/block.h"
#include "rastream/base/error.h"
#include "rastream/cli/shown_variable.h"
#include "rastream/exec/convert_cells.h"
#include "rastream/format/format.h"

namespace rastream {
namespace {

const char* type_name(DType dtype) {
  switch (dtype) {
    case DType::bool_:
    case DType::int8: return "byte";
    case DType::int16: return "short";
    case DType::int32: return "int";
    case DType::int64: return "int64";
    case DType::uint8: return "ubyte";
    case DType::uint16: return "ushort";
    case DType::uint32: return "uint";
    case DType::uint64: return "uint64";
    case DType::float32: return "float";
    case DType::float64: return "double";
    case DType::string: return "string";
    default: return "opaque";
  }
}

/// Suffixes that make a literal of that type in an attribute.
const char* suffix(DType dtype) {
  switch (dtype) {
    case DType::bool_:
    case DType::int8: return "b";
    case DType::int16: return "s";
    case DType::int64: return "LL";
    case DType::uint8: return "UB";
    case DType::uint16: return "US";
    case DType::uint32: return "U";
    case DType::uint64: return "ULL";
    case DType::float32: return "f";
    default: return "";
  }
}

/// Attributes that ncgen takes for orders how to store (ncgen.l, "specials"), and names that
/// netCDF keeps for itself (nc4internal.c, NC_reserved_atts). In a file they are remarks of the
/// program that wrote it, and often orders that cannot be followed.
bool is_kept_by_netcdf(std::string_view name) {
  constexpr std::string_view kNames[] = {"_Format",
                                         "_Storage",
                                         "_ChunkSizes",
                                         "_Fletcher32",
                                         "_DeflateLevel",
                                         "_Shuffle",
                                         "_Endianness",
                                         "_NoFill",
                                         "_NCProperties",
                                         "_IsNetcdf4",
                                         "_SuperblockVersion",
                                         "_Filter",
                                         "_Codecs",
                                         "_QuantizeBitGroomNumberOfSignificantDigits",
                                         "_QuantizeGranularBitRoundNumberOfSignificantDigits",
                                         "_QuantizeBitRoundNumberOfSignificantBits",
                                         "CLASS",
                                         "NAME",
                                         "REFERENCE_LIST",
                                         "DIMENSION_LIST",
                                         "DIMENSION_LABELS",
                                         "_Netcdf4Dimid",
                                         "_Netcdf4Coordinates",
                                         "_nc3_strict",
                                         "_ARRAY_DIMENSIONS"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

/// A name in CDL: other characters than letters, digits, _ . + - @ are escaped.
std::string escaped_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '/') {
      out += '_';
      continue;
    }
    if (std::isalnum(u) == 0 && c != '_' && c != '.' && c != '+' && c != '-' && c != '@' &&
        u < 0x80)
      out += '\\';
    if (out.empty() && std::isdigit(u) != 0) out += '\\';
    out += c;
  }
  return out;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\0': out += "\\000"; break;
      default: out += c;
    }
  }
  return out + "\"";
}

template <typename T>
std::string literal(T value, DType dtype) {
  if constexpr (std::is_floating_point_v<T>) {
    const char* f = dtype == DType::float32 ? "f" : "";
    if (std::isnan(value)) return std::string("NaN") + f;
    if (std::isinf(value)) return std::string(value > 0 ? "Infinity" : "-Infinity") + f;
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".";
    return text + f;
  } else {
    return fmt::format("{}{}", value, suffix(dtype));
  }
}

std::string attribute_text(const Attribute& attribute) {
  if (const auto* text = std::get_if<std::string>(&attribute)) return quoted(*text);
  std::vector<std::string> items;
  if (const auto* list = std::get_if<std::vector<std::string>>(&attribute)) {
    for (const std::string& text : *list) items.push_back(quoted(text));
    return fmt::format("{}", fmt::join(items, ", "));
  }
  const Numbers& n = std::get<Numbers>(attribute);
  for (std::size_t i = 0; i < n.size(); ++i) {
    if (n.dtype == DType::float32)
      items.push_back(literal(static_cast<float>(n.floats[i]), n.dtype));
    else if (is_floating(n.dtype))
      items.push_back(literal(n.floats[i], n.dtype));
    else if (n.dtype == DType::uint64)
      items.push_back(literal(static_cast<std::uint64_t>(n.integers[i]), n.dtype));
    else
      items.push_back(literal(n.integers[i], n.dtype));
  }
  return fmt::format("{}", fmt::join(items, ", "));
}

/// A dimension of a variable: dimensions of one name and two sizes, which Zarr allows, get two
/// names.
std::string dimension_name(const std::map<std::string, std::int64_t>& sizes, const std::string& dim,
                           std::int64_t size) {
  const auto it = sizes.find(dim);
  const bool is_other = it != sizes.end() && it->second != size;
  return escaped_name(is_other ? fmt::format("{}_{}", dim, size) : dim);
}

class CdlWriter {
 public:
  CdlWriter(TextOut& out, const std::string& path, const std::string& group,
            const std::vector<std::string>& variables)
      : out_(out), path_(path), group_(group), file_(open_file(path, group)) {
    for (const std::string& name : variables) file_->find_variable(name);
    for (const VariableInfo& v : file_->variables()) {
      const bool is_wanted = variables.empty() || std::find(variables.begin(), variables.end(),
                                                            v.name) != variables.end();
      if (!is_wanted) continue;
      if (is_complex(v.schema.dtype)) {
        throw Error(Errc::unsupported,
                    "variable '{}': CDL has no complex numbers: use --format csv or json", v.name);
      }
      chosen_.push_back(&v);
    }
  }

  void write(bool header_only, std::int64_t memory_bytes) {
    std::string stem = std::filesystem::path(path_).stem().string();
    out_.write(fmt::format("netcdf {} {{\n", escaped_name(stem.empty() ? "data" : stem)));
    write_dimensions();
    write_variables();
    if (!file_->attributes().empty()) {
      out_.write("\n// global attributes:\n");
      for (const auto& [name, value] : file_->attributes()) write_attribute("", name, value);
    }
    if (!header_only) {
      out_.write("data:\n");
      for (const VariableInfo* v : chosen_) {
        if (!write_cells(*v, memory_bytes)) return;
      }
    }
    out_.write("}\n");
  }

 private:
  void write_dimensions() {
    for (const VariableInfo* v : chosen_) {
      for (std::size_t i = 0; i < v->schema.rank(); ++i)
        sizes_.emplace(v->schema.dims[i], v->schema.shape[i]);
    }
    // In the file's order; those that it does not list, as some readers' own, come last.
    std::map<std::string, std::size_t> order;
    for (const DimensionInfo& d : file_->dimensions()) order.emplace(d.name, order.size());
    std::map<std::pair<std::size_t, std::string>, std::string> lines;
    for (const VariableInfo* v : chosen_) {
      for (std::size_t i = 0; i < v->schema.rank(); ++i) {
        const std::string& dim = v->schema.dims[i];
        const std::int64_t size = v->schema.shape[i];
        const auto listed = order.find(dim);
        const std::string name = dimension_name(sizes_, dim, size);
        lines[{listed == order.end() ? order.size() : listed->second, name}] =
            dimension_line(dim, name, size);
      }
    }
    if (!lines.empty()) out_.write("dimensions:\n");
    for (const auto& [place, line] : lines) out_.write(line);
  }

  std::string dimension_line(const std::string& dim, const std::string& name,
                             std::int64_t size) const {
    const auto& all = file_->dimensions();
    const bool is_unlimited = std::any_of(all.begin(), all.end(), [&](const DimensionInfo& d) {
      return d.name == dim && d.is_unlimited;
    });
    return is_unlimited || size == 0
               ? fmt::format("\t{} = UNLIMITED ; // ({} currently)\n", name, size)
               : fmt::format("\t{} = {} ;\n", name, size);
  }

  void write_variables() {
    if (!chosen_.empty()) out_.write("variables:\n");
    for (const VariableInfo* v : chosen_) {
      std::vector<std::string> dims;
      for (std::size_t i = 0; i < v->schema.rank(); ++i)
        dims.push_back(dimension_name(sizes_, v->schema.dims[i], v->schema.shape[i]));
      const std::string name = escaped_name(v->name);
      out_.write(fmt::format("\t{} {}{} ;\n", type_name(v->schema.dtype), name,
                             dims.empty() ? "" : fmt::format("({})", fmt::join(dims, ", "))));
      for (const auto& [attribute, value] : with_fill_of_cells(*v).attributes)
        write_attribute(name, attribute, value);
    }
  }

  /// ncgen wants `_FillValue` in the dtype of the cells, which JSON does not keep.
  static VariableInfo with_fill_of_cells(VariableInfo v) {
    const Attribute* fill = v.attributes.find("_FillValue");
    const auto* numbers = fill ? std::get_if<Numbers>(fill) : nullptr;
    const bool is_number = v.schema.dtype != DType::string && !is_complex(v.schema.dtype);
    if (!numbers || !is_number) return v;
    if (auto of_cells = convert_numbers(*numbers, v.schema.dtype))
      v.attributes.set("_FillValue", *std::move(of_cells));
    return v;
  }

  void write_attribute(const std::string& variable, const std::string& name,
                       const Attribute& value) {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    const auto* numbers = std::get_if<Numbers>(&value);
    if ((list && list->empty()) || (numbers && numbers->size() == 0)) return;
    const char* start = is_kept_by_netcdf(name) ? "\t\t// " : "\t\t";
    out_.write(fmt::format("{}{}{}:{} = {} ;\n", start, list ? "string " : "", variable,
                           escaped_name(name), attribute_text(value)));
  }

  bool write_cells(const VariableInfo& v, std::int64_t memory_bytes) {
    if (v.schema.n_cells() == 0) return true;
    out_.write(fmt::format("\n {} =", escaped_name(v.name)));
    const std::size_t index = file_->find_variable(v.name);
    std::int64_t n = 0;
    bool is_open = true;
    const auto put = [&](const std::string& text) {
      is_open = is_open && out_.write((n == 0 ? " " : n % 12 == 0 ? ",\n    " : ", ") + text);
      ++n;
    };
    if (v.schema.dtype == DType::string) {
      for (const std::string& text : file_->read_strings(index)) put(quoted(text));
    } else {
      const std::int64_t most_cells =
          cells_at_once(memory_bytes, static_cast<std::int64_t>(item_size(v.schema.dtype)));
      for (const Region& box : boxes_in_order(v.schema.whole(), v.schema.chunks, most_cells)) {
        const OwnedBlock cells(box, v.schema.dtype);
        file_->read(index, cells.view());
        visit_dtype(v.schema.dtype, [&]<typename T>(T) {
          const T* values = cells.view().as<T>();
          for (std::int64_t i = 0; i < box.n_cells() && is_open; ++i) put(cell_text(values[i]));
        });
        if (!is_open) return false;
      }
    }
    return out_.write(" ;\n");
  }

  /// Without a suffix, as ncdump writes cells; the variable's type says what they are.
  template <typename T>
  static std::string cell_text(T value) {
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(value)) return literal(value, dtype_of<T>);
      return fmt::format("{}", value);
    } else {
      return fmt::format("{}{}", +value, std::is_same_v<T, std::uint64_t> ? "ULL" : "");
    }
  }

  TextOut& out_;
  std::string path_;
  std::string group_;
  std::shared_ptr<DatasetFile> file_;
  std::vector<const VariableInfo*> chosen_;
  std::map<std::string, std::int64_t> sizes_;
};

}  // namespace

void dump_cdl(TextOut& out, const std::string& path, const std::string& group,
              const std::vector<std::string>& variables, bool header_only,
              std::int64_t memory_bytes) {
  CdlWriter(out, path, group, variables).write(header_only, memory_bytes);
}

}  // namespace rastream
