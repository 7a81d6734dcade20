// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/complex_pairs.h"

#include <algorithm>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::string_view kPrefix = "complex:";

/// Names of the real part, of the imaginary one, and of what they make.
struct Names {
  std::string real, imaginary, whole;
};

/// Nothing for a variable that is no part.
std::optional<Names> names_of(const std::string& variable) {
  const auto slash = variable.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : variable.substr(0, slash + 1);
  const std::string leaf = variable.substr(folder.size());
  if (leaf == "real" || leaf == "imag")
    return Names{folder + "real", folder + "imag", folder + "complex"};
  if (leaf.size() < 3 || (!leaf.starts_with("i_") && !leaf.starts_with("q_"))) return std::nullopt;
  const std::string name = leaf.substr(2);
  return Names{folder + "i_" + name, folder + "q_" + name, folder + name};
}

/// What both parts say. A fill value of parts is none of the whole.
Attributes common(const Attributes& a, const Attributes& b) {
  Attributes out;
  for (const auto& [name, value] : a) {
    const Attribute* other = b.find(name);
    if (name != "_FillValue" && other && *other == value) out.set(name, value);
  }
  return out;
}

class PairedFile final : public DatasetFile {
 public:
  PairedFile(std::string path, std::shared_ptr<DatasetFile> parts)
      : path_(std::move(path)), parts_(std::move(parts)) {
    bool has_pairs = false;
    for (std::size_t i = 0; i < parts_->variables().size(); ++i) {
      const VariableInfo& v = parts_->variables()[i];
      const auto names = names_of(v.name);
      if (!names) {
        variables_.push_back(v);
        sources_.push_back({i, i});
        continue;
      }
      has_pairs = true;
      const std::size_t real = part(*names, names->real);
      const std::size_t imaginary = part(*names, names->imaginary);
      if (i == real) add_pair(*names, real, imaginary);
    }
    if (!has_pairs) {
      throw Error(
          Errc::unsupported,
          "'{}' holds no complex variables in two parts: expected i_NAME and q_NAME, or real "
          "and imag",
          path_);
    }
  }

  const std::string& path() const override { return path_; }
  std::string_view format_name() const override { return parts_->format_name(); }
  const std::vector<DimensionInfo>& dimensions() const override { return parts_->dimensions(); }
  const std::vector<VariableInfo>& variables() const override { return variables_; }
  const Attributes& attributes() const override { return parts_->attributes(); }
  std::vector<std::string> groups() const override { return parts_->groups(); }
  ReadStatistics statistics() const override { return parts_->statistics(); }

  void read(std::size_t variable, const Block& out) const override {
    const Source& source = sources_.at(variable);
    const DType dtype = variables_[variable].schema.dtype;
    if (!source.is_pair()) return parts_->read(source.real, out);
    if (out.dtype != dtype) {
      const OwnedBlock cells(out.region, dtype);
      read(variable, cells.view());
      return copy_cells(cells.view(), out);
    }
    Block part = out;
    part.dtype = dtype == DType::complex64 ? DType::float32 : DType::float64;
    parts_->read(source.real, part);
    part.data += item_size(part.dtype);
    parts_->read(source.imaginary, part);
  }

  std::vector<std::string> read_strings(std::size_t variable) const override {
    const Source& source = sources_.at(variable);
    if (source.is_pair())
      throw Error(Errc::unsupported, "'{}': variable '{}' holds numbers, not text", path_,
                  variables_[variable].name);
    return parts_->read_strings(source.real);
  }

  std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                           const Region& region) const override {
    const Source& source = sources_.at(variable);
    const auto real = parts_->stored_bytes(source.real, region);
    if (!source.is_pair()) return real;
    const auto imaginary = parts_->stored_bytes(source.imaginary, region);
    return real && imaginary ? std::optional(*real + *imaginary) : std::nullopt;
  }

  std::vector<RefusedVariable> refused() const override { return parts_->refused(); }

 private:
  struct Source {
    std::size_t real;
    std::size_t imaginary;
    bool is_pair() const { return real != imaginary; }
  };

  std::size_t part(const Names& names, const std::string& name) const {
    const auto& all = parts_->variables();
    const auto it =
        std::find_if(all.begin(), all.end(), [&](const VariableInfo& v) { return v.name == name; });
    if (it != all.end()) return static_cast<std::size_t>(it - all.begin());
    throw Error(Errc::data_loss, "'{}': variable '{}' is missing: '{}' needs both of its parts",
                path_, name, names.whole);
  }

  void add_pair(const Names& names, std::size_t real, std::size_t imaginary) {
    const VariableInfo& re = parts_->variables()[real];
    const VariableInfo& im = parts_->variables()[imaginary];
    const Schema& schema = re.schema;
    if (schema.dtype != DType::float32 && schema.dtype != DType::float64)
      throw Error(Errc::unsupported, "'{}': variable '{}' is {}: expected float32 or float64",
                  path_, re.name, to_string(schema.dtype));
    if (schema.dims != im.schema.dims || schema.shape != im.schema.shape ||
        schema.dtype != im.schema.dtype)
      throw Error(
          Errc::data_loss,
          "'{}': variables '{}' and '{}' differ in dimensions or dtype: they are no parts of "
          "one",
          path_, re.name, im.name);
    if (names.real.ends_with("real")) check_stack(re);
    VariableInfo whole = re;
    whole.name = names.whole;
    whole.schema = make_schema(
        schema.dims, schema.shape,
        schema.dtype == DType::float32 ? DType::complex64 : DType::complex128, schema.chunks);
    whole.attributes = common(re.attributes, im.attributes);
    whole.fill_value = std::nullopt;
    variables_.push_back(std::move(whole));
    sources_.push_back({real, imaginary});
  }

  /// sarxarray's from_dataset takes nothing else for a stack.
  void check_stack(const VariableInfo& v) const {
    for (const char* dim : {"azimuth", "range", "time"}) {
      if (v.schema.has(dim)) continue;
      throw Error(
          Errc::data_loss,
          "'{}': variable '{}' has no dimension '{}': expected a stack of azimuth, range and "
          "time",
          path_, v.name, dim);
    }
  }

  std::string path_;
  std::shared_ptr<DatasetFile> parts_;
  std::vector<VariableInfo> variables_;
  std::vector<Source> sources_;  ///< of the variables
};

bool probe(const std::string& path) { return path.starts_with(kPrefix); }

std::unique_ptr<DatasetFile> open(const std::string& path, const std::string& group) {
  return std::make_unique<PairedFile>(path, open_file(path.substr(kPrefix.size()), group));
}

}  // namespace

Format complex_pairs_format() { return {"complex pairs", {}, probe, open, nullptr}; }

}  // namespace rastream
