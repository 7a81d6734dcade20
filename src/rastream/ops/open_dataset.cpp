// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/open_dataset.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "rastream/ops/cf_decode.h"
#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/read.h"
#include "rastream/ops/sources/sources.h"

namespace rastream {
namespace {

/// Attributes that decoding uses up, so that they do not describe decoded cells.
constexpr const char* kConsumed[] = {"_FillValue",   "missing_value", "scale_factor", "add_offset",
                                     "valid_min",    "valid_max",     "valid_range",  "coordinates",
                                     "grid_mapping", "_ChunkSizes"};

std::optional<DType> dtype_of_attribute(const Attributes& attributes, const char* name) {
  const Attribute* a = attributes.find(name);
  const auto* n = a ? std::get_if<Numbers>(a) : nullptr;
  if (!n) return std::nullopt;
  return n->dtype;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> out;
  for (std::string word; stream >> word;) out.push_back(word);
  return out;
}

class Decoder {
 public:
  Decoder(std::string path, const OpenOptions& options)
      : path_(std::move(path)), options_(options), file_(open_shared(path_, options.group)) {}

  Dataset decode() {
    Dataset dataset;
    dataset.attributes = file_->attributes();
    for (const std::string& name : options_.variables) file_->find_variable(name);
    if (options_.decode) find_coordinates();
    for (const VariableInfo& info : file_->variables()) {
      if (coordinate_names_.contains(info.name))
        dataset.coords.emplace_back(info.name, coordinate(info));
    }
    for (const VariableInfo& info : file_->variables()) {
      if (coordinate_names_.contains(info.name) || !is_wanted(info.name)) continue;
      if (info.schema.dtype == DType::string) {
        dataset.coords.emplace_back(info.name, coordinate(info));
      } else {
        dataset.variables.push_back({info.name, decoded(info), {}, remaining(info.attributes)});
      }
    }
    if (options_.decode) to_metres(dataset);
    return dataset;
  }

 private:
  bool is_wanted(const std::string& name) const {
    const auto& wanted = options_.variables;
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  }

  /// Dimension coordinates, and what variables name in `coordinates`, `bounds` and `grid_mapping`.
  void find_coordinates() {
    std::set<std::string> named;
    for (const VariableInfo& info : file_->variables()) {
      if (info.schema.dims == std::vector<std::string>{info.name})
        coordinate_names_.insert(info.name);
      for (const char* key : {"coordinates", "bounds", "grid_mapping"}) {
        if (const auto text = info.attributes.text(key)) {
          for (std::string word : words(*text)) {
            if (!word.empty() && word.back() == ':') word.pop_back();
            named.insert(word);
          }
        }
      }
    }
    for (const VariableInfo& info : file_->variables()) {
      if (named.contains(info.name) && !(is_wanted(info.name) && !options_.variables.empty()))
        coordinate_names_.insert(info.name);
    }
  }

  Array stored(const VariableInfo& info) const {
    Read::Params params;
    params.path = path_;
    params.group = options_.group;
    params.variable = info.name;
    return apply<Read>("read", {}, std::move(params));
  }

  Array decoded(const VariableInfo& info) const {
    const Array raw = stored(info);
    const Attributes& a = info.attributes;
    CfDecode::Params p;
    p.fill = a.number("_FillValue");
    for (const double v : a.numbers("missing_value")) {
      if (p.missing.size() + 1 < CfDecode::kMaxMissing && a.number("_FillValue") != v)
        p.missing.emplace_back(v);
    }
    p.valid_min = a.number("valid_min");
    p.valid_max = a.number("valid_max");
    if (const auto range = a.numbers("valid_range"); range.size() == 2)
      p.valid_min = range[0], p.valid_max = range[1];
    p.scale_factor = a.number("scale_factor");
    p.add_offset = a.number("add_offset");
    const bool is_plain = !p.fill.value() && p.missing.empty() && !p.valid_min.value() &&
                          !p.valid_max.value() && !p.scale_factor.value() && !p.add_offset.value();
    const bool is_number = is_floating(raw.schema().dtype) || is_integer(raw.schema().dtype);
    if (is_plain || !is_number || !options_.decode) return raw;
    p.dtype = to_string(cf_decoded_dtype(raw.schema().dtype, dtype_of_attribute(a, "scale_factor"),
                                         dtype_of_attribute(a, "add_offset")));
    return cf_decode(raw, std::move(p));
  }

  Attributes remaining(const Attributes& attributes) const {
    Attributes out = attributes;
    for (const char* name : kConsumed) {
      if (options_.decode) out.erase(name);
    }
    return out;
  }

  Coordinate coordinate(const VariableInfo& info) const {
    Coordinate c;
    c.dims = info.schema.dims;
    c.attributes = remaining(info.attributes);
    if (info.schema.dtype == DType::string) {
      c.labels = file_->read_strings(file_->find_variable(info.name));
      return c;
    }
    // A grid mapping's single cell means nothing and may equal a fill value, so it stays as it is
    // stored.
    const bool is_scalar = info.schema.rank() == 0;
    c.cells = is_scalar ? stored(info) : decoded(info);
    if (info.schema.rank() <= 1)
      c.cells = values(evaluate(c.cells, c.cells.schema().whole()), c.dims);
    return c;
  }

  void to_metres(Dataset& dataset) const {
    const std::string mapping = grid_mapping_of(dataset.coords);
    if (mapping.empty()) return;
    for (const char* axis : {"x", "y"}) {
      const Coordinate* c = find_coordinate(dataset.coords, axis);
      if (!c || c->is_text()) continue;
      const auto units = c->attributes.text("units");
      if (!units || (*units != "km" && *units != "kilometer" && *units != "kilometre")) continue;
      if (find_coordinate(dataset.coords, mapping)->attributes.text("units").value_or("m") == "km")
        continue;
      Coordinate metres = *c;
      const Array scaled = multiply(c->cells, 1000.0);
      metres.cells = values(evaluate(scaled, scaled.schema().whole()), c->dims);
      metres.attributes.set("units", "m");
      set_coordinate(dataset.coords, axis, std::move(metres));
    }
  }

  std::string path_;
  const OpenOptions& options_;
  std::shared_ptr<DatasetFile> file_;
  std::set<std::string> coordinate_names_;
};

}  // namespace

Dataset open_dataset(const std::string& path, const OpenOptions& options) {
  return Decoder(path, options).decode();
}

DataArray open_data_array(const std::string& path, const std::string& variable,
                          const std::string& group) {
  OpenOptions options;
  options.group = group;
  if (!variable.empty()) options.variables = {variable};
  const Dataset dataset = open_dataset(path, options);
  if (variable.empty() && dataset.variables.size() != 1) {
    std::string names;
    for (const DataArray& a : dataset.variables) names += (names.empty() ? "" : ", ") + a.name;
    throw Error(Errc::invalid_argument, "{}: which variable is meant? There are {}", path, names);
  }
  return dataset[variable.empty() ? dataset.variables.front().name : variable];
}

}  // namespace rastream
