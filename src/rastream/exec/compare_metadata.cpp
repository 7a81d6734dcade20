// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/compare_metadata.h"

#include <algorithm>
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/geo/crs.h"

namespace rastream {
namespace {

/// A thousandth of a step: what the writer of GeoTIFF takes for even.
constexpr double kMostShift = 1e-3;

bool is_same_number(const Numbers& a, const Numbers& b, std::size_t i) {
  if (!is_floating(a.dtype) && !is_floating(b.dtype))
    return a.integers[i] == b.integers[i] &&
           (a.integers[i] >= 0 || (a.dtype == DType::uint64) == (b.dtype == DType::uint64));
  const double x = a.as_double(i);
  const double y = b.as_double(i);
  return x == y || (std::isnan(x) && std::isnan(y));
}

bool is_same_value(const Attribute& a, const Attribute& b) {
  const auto* x = std::get_if<Numbers>(&a);
  const auto* y = std::get_if<Numbers>(&b);
  if (x && y) {
    bool is_same = x->size() == y->size();
    for (std::size_t i = 0; is_same && i < x->size(); ++i) is_same = is_same_number(*x, *y, i);
    return is_same;
  }
  Attributes in_json;
  in_json.set("a", a);
  in_json.set("b", b);
  const Json both = to_json(in_json);
  return both["a"] == both["b"];
}

std::string text_of(const Attribute* value) {
  if (!value) return "absent";
  Attributes one;
  one.set("a", *value);
  std::string text = to_json(one)["a"].dump();
  constexpr std::size_t kMost = 80;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

/// The same text for each band.
bool is_same_by_band(const Attribute& one, const Attribute& each) {
  const auto* text = std::get_if<std::string>(&one);
  const auto* list = std::get_if<std::vector<std::string>>(&each);
  return text && list &&
         std::all_of(list->begin(), list->end(), [&](const std::string& t) { return t == *text; });
}

/// The number as a cell of `dtype`.
double as_cell(DType dtype, double value) {
  return dtype == DType::float32 ? static_cast<double>(static_cast<float>(value)) : value;
}

class MetadataComparison {
 public:
  MetadataComparison(const DatasetTree& source, const CopySelection& selection,
                     const DatasetTree& copy)
      : source_(source),
        selection_(selection),
        copy_(copy),
        to_raster_(copy.format_name() == "geotiff") {}

  std::vector<std::string> run() {
    if (to_raster_) {
      compare_raster();
      return differences_;
    }
    compare_attributes("the file", selection_.attributes, copy_.attributes());
    compare_groups();
    compare_unlimited();
    for (const CopiedVariable& v : selection_.variables) compare_variable(v);
    return differences_;
  }

 private:
  template <typename... Args>
  void differ(fmt::format_string<Args...> format, Args&&... args) {
    differences_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void compare_value(const std::string& what, const std::string& name, const Attribute* expected,
                     const Attribute* found) {
    if (expected && found && is_same_value(*expected, *found)) return;
    if (!expected && !found) return;
    differ("{}: attribute '{}' is {} where the source has {}", what, name, text_of(found),
           text_of(expected));
  }

  void compare_attributes(const std::string& what, const Attributes& expected,
                          const Attributes& found) {
    for (const auto& [name, value] : expected) {
      if (name != "_FillValue") compare_value(what, name, &value, found.find(name));
    }
    for (const auto& [name, value] : found) {
      if (name != "_FillValue" && !expected.contains(name))
        compare_value(what, name, nullptr, &value);
    }
  }

  void compare_groups() {
    for (const auto& [group, attributes] : selection_.groups) {
      const auto found = copy_.groups_below().find(group);
      if (found == copy_.groups_below().end())
        differ("group '{}' is absent", group);
      else
        compare_attributes(fmt::format("group '{}'", group), attributes, found->second);
    }
  }

  /// Only NetCDF has dimensions that may grow.
  void compare_unlimited() {
    if (copy_.format_name() != "netcdf4") return;
    for (const DimensionInfo& d : source_.dimensions()) {
      for (const DimensionInfo& c : copy_.dimensions()) {
        if (c.name == d.name && c.is_unlimited != d.is_unlimited)
          differ("dimension '{}' is {}unlimited", d.name, c.is_unlimited ? "" : "not ");
      }
    }
  }

  void compare_variable(const CopiedVariable& v) {
    const std::string what = fmt::format("variable '{}'", v.spec.name);
    const VariableInfo& found = copy_.variables()[copy_.find_variable(v.spec.name)];
    if (found.schema.dims != v.spec.schema.dims)
      differ("{} has dimensions ({}), the source has ({})", what,
             fmt::join(found.schema.dims, ", "), fmt::join(v.spec.schema.dims, ", "));
    if (found.schema.dtype != v.spec.schema.dtype)
      differ("{} is {}, expected {}", what, to_string(found.schema.dtype),
             to_string(v.spec.schema.dtype));
    compare_attributes(what, v.spec.attributes, found.attributes);
    compare_fill(what, v, found.attributes);
  }

  void compare_fill(const std::string& what, const CopiedVariable& v, const Attributes& found) {
    const DType dtype = v.spec.schema.dtype;
    const Attribute* expected = v.spec.attributes.find("_FillValue");
    const Attribute* got = found.find("_FillValue");
    if (is_complex(dtype)) return;
    if (expected && got && is_same_value(*expected, *got)) return;
    const auto number = found.number("_FillValue");
    if (expected && number) {
      const auto wanted = v.spec.attributes.number("_FillValue");
      const auto of_cells = wanted ? std::optional(as_cell(dtype, *wanted)) : std::nullopt;
      if (of_cells && as_cell(dtype, *number) == *of_cells) return;
    }
    if (!expected && number) {
      const auto& absent = source_.variables()[v.source].fill_value;
      if ((std::isnan(*number) && is_floating(dtype)) || (absent && *absent == *number)) return;
    }
    compare_value(what, "_FillValue", expected, got);
  }

  const CopiedVariable* find(const std::string& name) const {
    for (const CopiedVariable& v : selection_.variables) {
      if (v.spec.name == name) return &v;
    }
    return nullptr;
  }

  void compare_raster() {
    const auto raster =
        std::find_if(selection_.variables.begin(), selection_.variables.end(),
                     [](const CopiedVariable& v) { return v.spec.schema.rank() >= 2; });
    if (raster == selection_.variables.end()) return;
    const std::string what = fmt::format("variable '{}'", raster->spec.name);
    const Attributes& found = copy_.variables()[copy_.find_variable("band_data")].attributes;
    for (const char* name :
         {"scale_factor", "add_offset", "scales", "offsets", "units", "long_name"}) {
      const Attribute* expected = raster->spec.attributes.find(name);
      const Attribute* got = found.find(name);
      if (expected && !(got && is_same_by_band(*expected, *got)))
        compare_value(what, name, expected, got);
    }
    compare_fill(what, *raster, found);
    compare_crs(*raster);
    const auto& dims = raster->spec.schema.dims;
    compare_axis(dims[dims.size() - 1], "x");
    compare_axis(dims[dims.size() - 2], "y");
  }

  /// Not by words, for a GeoTIFF has keys.
  void compare_crs(const CopiedVariable& raster) {
    const std::string name = raster.spec.attributes.text("grid_mapping").value_or("spatial_ref");
    const CopiedVariable* mapping = find(name);
    const auto crs_of = [](const Attributes& a) {
      const bool is_known =
          a.contains("crs_wkt") || a.contains("spatial_ref") || a.contains("grid_mapping_name");
      return is_known ? std::optional(Crs::from_cf(a)) : std::nullopt;
    };
    const auto expected = mapping ? crs_of(mapping->spec.attributes) : std::nullopt;
    const auto found = crs_of(copy_.variables()[copy_.find_variable("spatial_ref")].attributes);
    if (expected.has_value() == found.has_value() && (!expected || *expected == *found)) return;
    differ("the CRS is {}, the source has {}", found ? found->name() : "absent",
           expected ? expected->name() : "none");
  }

  static std::vector<double> labels(const DatasetTree& file, std::size_t variable,
                                    const Region& window) {
    OwnedBlock cells(window, DType::float64);
    file.read(variable, cells.view());
    const double* first = cells.view().as<double>();
    return {first, first + window.n_cells()};
  }

  void compare_axis(const std::string& dim, const std::string& name) {
    const CopiedVariable* axis = find(dim);
    if (!axis || axis->spec.schema.rank() != 1) return;
    const std::vector<double> expected = labels(source_, axis->source, axis->window);
    const std::size_t variable = copy_.find_variable(name);
    const std::vector<double> found =
        labels(copy_, variable, copy_.variables()[variable].schema.whole());
    if (expected.size() != found.size())
      return differ("coordinate '{}' has {} values, the source has {}", dim, found.size(),
                    expected.size());
    const auto n = static_cast<double>(expected.size());
    const double step = n > 1 ? std::abs(expected.back() - expected.front()) / (n - 1) : INFINITY;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (std::abs(expected[i] - found[i]) <= kMostShift * step) continue;
      return differ("coordinate '{}' is {} at {}, the source has {}", dim, found[i], i,
                    expected[i]);
    }
  }

  const DatasetTree& source_;
  const CopySelection& selection_;
  const DatasetTree& copy_;
  bool to_raster_;
  std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> metadata_differences(const DatasetTree& source,
                                              const CopySelection& selection,
                                              const DatasetTree& copy) {
  return MetadataComparison(source, selection, copy).run();
}

}  // namespace rastream
