// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/netcdf_header.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"

namespace rastream {
namespace {

constexpr int kDimensionList = 10;
constexpr int kVariableList = 11;
constexpr int kAttributeList = 12;
constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{256} << 20;
constexpr std::size_t kPadding = 4;
constexpr std::uint64_t kMaxAttributes = 8192;  // NC_MAX_ATTRS

/// nc_type 1 to 11; char is shown as string.
constexpr std::array<DType, 12> kTypes = {
    DType::string,  DType::int8,  DType::string, DType::int16,  DType::int32, DType::float32,
    DType::float64, DType::uint8, DType::uint16, DType::uint32, DType::int64, DType::uint64};

std::size_t stored_size(DType dtype) { return dtype == DType::string ? 1 : item_size(dtype); }

struct RawVariable {
  std::string name;
  std::vector<std::size_t> dims;
  Attributes attributes;
  DType dtype = DType::float64;
  std::uint64_t begin = 0;
};

Attribute numbers_attribute(DType dtype, Cursor values, std::uint64_t n) {
  Numbers out;
  out.dtype = dtype;
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint64_t bits = values.big(item_size(dtype));
    visit_dtype(dtype, [&]<typename T>(T value) {
      std::memcpy(&value, &bits,
                  sizeof(value));  // the low bytes come first on a little-endian machine
      if constexpr (std::is_floating_point_v<T>) {
        out.floats.push_back(static_cast<double>(value));
      } else {
        out.integers.push_back(static_cast<std::int64_t>(value));
      }
    });
  }
  return out;
}

/// Parses a header that is wholly in `bytes`; Cursor throws when it is not.
class HeaderParser {
 public:
  HeaderParser(std::span<const std::byte> bytes, const FileBytes& file) : in_(bytes), file_(file) {}

  ClassicHeader parse() {
    in_.skip(3);
    version_ = in_.byte();
    const std::uint64_t n_records = count();
    read_dimensions();
    header_.attributes = attributes();
    const std::uint64_t n_variables = list(kVariableList, "variables");
    for (std::uint64_t i = 0; i < n_variables; ++i) raw_.push_back(variable());
    place_records(n_records);
    for (const RawVariable& v : raw_) add(v);
    return std::move(header_);
  }

 private:
  std::uint64_t count() { return in_.big(version_ == 5 ? 8 : 4); }

  std::uint64_t list(std::uint64_t wanted_tag, const char* what) {
    const std::uint64_t tag = in_.big(4);
    const std::uint64_t n = count();
    if (tag != wanted_tag && !(tag == 0 && n == 0)) {
      throw Error(Errc::data_loss, "the header's list of {} has tag {}: expected {}", what, tag,
                  wanted_tag);
    }
    return n;
  }

  std::span<const std::byte> padded(std::uint64_t n_bytes) {
    const auto bytes = in_.take(n_bytes);
    in_.skip(std::min((kPadding - n_bytes % kPadding) % kPadding, in_.n_left()));
    return bytes;
  }

  std::string text(std::uint64_t n_bytes) {
    const auto bytes = padded(n_bytes);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  DType type() {
    const std::uint64_t code = in_.big(4);
    if (code < 1 || code >= kTypes.size() || (code > 6 && version_ != 5)) {
      throw Error(Errc::data_loss, "the header has type {} in a CDF-{} file", code, version_);
    }
    return kTypes[code];
  }

  void read_dimensions() {
    const std::uint64_t n = list(kDimensionList, "dimensions");
    for (std::uint64_t i = 0; i < n; ++i) {
      DimensionInfo dimension;
      dimension.name = text(count());
      const std::uint64_t size = count();
      if (size > INT64_MAX)
        throw Error(Errc::data_loss, "dimension '{}' has length {}", dimension.name, size);
      dimension.size = static_cast<std::int64_t>(size);
      dimension.is_unlimited = size == 0;
      if (dimension.is_unlimited && has_unlimited_)
        throw Error(Errc::data_loss, "two unlimited dimensions");
      has_unlimited_ |= dimension.is_unlimited;
      header_.dimensions.push_back(std::move(dimension));
    }
  }

  Attributes attributes() {
    Attributes out;
    const std::uint64_t n = list(kAttributeList, "attributes");
    if (n > kMaxAttributes)
      throw Error(Errc::data_loss, "the header lists {} attributes of one variable", n);
    for (std::uint64_t i = 0; i < n; ++i) {
      std::string name = text(count());
      const DType dtype = type();
      const std::uint64_t n_values = count();
      if (n_values > in_.n_left())
        throw Error(Errc::data_loss, "attribute '{}' has {} values", name, n_values);
      const auto values = padded(n_values * stored_size(dtype));
      if (dtype == DType::string) {
        std::string value(reinterpret_cast<const char*>(values.data()), values.size());
        value.erase(value.find_last_not_of('\0') + 1);
        out.set(std::move(name), Attribute(std::move(value)));
      } else {
        out.set(std::move(name), numbers_attribute(dtype, Cursor(values), n_values));
      }
    }
    return out;
  }

  RawVariable variable() {
    RawVariable v;
    v.name = text(count());
    const std::uint64_t rank = count();
    for (std::uint64_t i = 0; i < rank; ++i) {
      const std::uint64_t dim = count();
      if (dim >= header_.dimensions.size())
        throw Error(Errc::data_loss, "variable '{}' has dimension {}", v.name, dim);
      if (i > 0 && header_.dimensions[dim].is_unlimited) {
        throw Error(Errc::data_loss, "variable '{}' has the unlimited dimension at place {}",
                    v.name, i);
      }
      v.dims.push_back(dim);
    }
    v.attributes = attributes();
    v.dtype = type();
    count();  // vsize: too narrow for large variables, so it is computed from the shape instead
    v.begin = in_.big(version_ == 1 ? 4 : 8);
    return v;
  }

  bool is_record(const RawVariable& v) const {
    return !v.dims.empty() && header_.dimensions[v.dims[0]].is_unlimited;
  }

  std::int64_t slab_bytes(const RawVariable& v) const {
    auto n_bytes = static_cast<std::int64_t>(stored_size(v.dtype));
    for (std::size_t i = is_record(v) ? 1 : 0; i < v.dims.size(); ++i) {
      n_bytes = checked_multiply(n_bytes, header_.dimensions[v.dims[i]].size,
                                 "variable '" + v.name + "'");
    }
    return n_bytes;
  }

  /// A record holds one slab of each record variable, each padded, unless there is only one such
  /// variable.
  void place_records(std::uint64_t n_records) {
    const auto n_variables =
        std::count_if(raw_.begin(), raw_.end(), [&](const auto& v) { return is_record(v); });
    for (const RawVariable& v : raw_) {
      if (!is_record(v)) continue;
      const std::int64_t slab = slab_bytes(v);
      constexpr std::int64_t kMaxRecord = INT64_MAX / 4;
      if (slab > kMaxRecord - record_bytes_)
        throw Error(Errc::data_loss, "a record of more than {} bytes", kMaxRecord);
      record_bytes_ += n_variables == 1 ? slab : (slab + 3) / 4 * 4;
    }
    // A writer that streams does not know how many records there will be.
    if (n_records == (version_ == 5 ? ~0ULL : 0xffffffffULL)) n_records = records_in_file();
    if (n_records > INT64_MAX)
      throw Error(Errc::data_loss, "the header claims {} records", n_records);
    for (DimensionInfo& d : header_.dimensions) {
      if (d.is_unlimited) d.size = static_cast<std::int64_t>(n_records);
    }
  }

  std::uint64_t records_in_file() const {
    std::uint64_t first = file_.size();
    for (const RawVariable& v : raw_) first = is_record(v) ? std::min(first, v.begin) : first;
    return record_bytes_ == 0 ? 0
                              : (file_.size() - first) / static_cast<std::uint64_t>(record_bytes_);
  }

  void add(const RawVariable& v) {
    if (v.dims.size() > kMaxRank) {
      header_.refused.push_back(
          {v.name, fmt::format("has {} dimensions, more than {}", v.dims.size(), kMaxRank)});
      return;
    }
    ClassicVariable out;
    std::vector<std::string> names;
    for (const std::size_t d : v.dims) {
      const DimensionInfo& dimension = header_.dimensions[d];
      if (std::find(names.begin(), names.end(), dimension.name) != names.end()) {
        header_.refused.push_back(
            {v.name, fmt::format("has dimension '{}' twice", dimension.name)});
        return;
      }
      names.push_back(dimension.name);
      out.stored_shape.push_back(dimension.size);
    }
    place(v, out);
    describe(v, std::move(names), out);
    header_.variables.push_back(std::move(out));
  }

  void place(const RawVariable& v, ClassicVariable& out) const {
    const std::int64_t slab = slab_bytes(v);
    out.array.offset = v.begin;
    out.array.cells = {v.dtype == DType::string ? DType::int8 : v.dtype, true};
    out.array.strides = c_strides(out.stored_shape, stored_size(v.dtype));
    std::int64_t n_bytes = slab;
    if (is_record(v)) {
      out.array.strides[0] = record_bytes_;
      const std::int64_t n = out.stored_shape[0];
      n_bytes = n == 0 ? 0 : checked_multiply(n - 1, record_bytes_, "variable '" + v.name + "'");
      if (n > 0 && __builtin_add_overflow(n_bytes, slab, &n_bytes)) n_bytes = INT64_MAX;
    }
    if (n_bytes > 0 && !file_.holds(v.begin, static_cast<std::uint64_t>(n_bytes))) {
      throw Error(Errc::data_loss,
                  "the file is truncated: it has {} bytes, variable '{}' ends at {} + {}",
                  file_.size(), v.name, v.begin, n_bytes);
    }
  }

  void describe(const RawVariable& v, std::vector<std::string> dims, ClassicVariable& out) const {
    Extents shape = out.stored_shape;
    if (v.dtype == DType::string && !dims.empty()) {
      dims.pop_back();
      shape.erase(shape.size() - 1);
    }
    Extents chunk = shape;
    if (is_record(v) && !chunk.empty()) chunk[0] = 1;
    out.info.name = v.name;
    out.info.schema =
        make_schema(std::move(dims), shape, v.dtype, ChunkGrid::regular(shape, chunk));
    out.info.attributes = v.attributes;
    out.info.is_dimension_scale =
        v.dims.size() == 1 && header_.dimensions[v.dims[0]].name == v.name;
    if (v.dtype == DType::string) return;
    const double default_fill = as_double(v.dtype, netcdf_default_fill(v.dtype));
    out.info.fill_value = v.attributes.number("_FillValue").value_or(default_fill);
  }

  Cursor in_;
  const FileBytes& file_;
  int version_ = 0;
  bool has_unlimited_ = false;
  ClassicHeader header_;
  std::vector<RawVariable> raw_;
  std::int64_t record_bytes_ = 0;
};

}  // namespace

bool is_classic_netcdf(const FileBytes& file) {
  if (!file.holds(0, 4)) return false;
  std::array<std::byte, 4> magic;
  file.read_at(0, std::span(magic));
  const auto version = std::to_integer<int>(magic[3]);
  return std::memcmp(magic.data(), "CDF", 3) == 0 && (version == 1 || version == 2 || version == 5);
}

ClassicHeader read_classic_header(const FileBytes& file) {
  if (!is_classic_netcdf(file)) {
    throw Error(Errc::data_loss,
                "'{}' ({} bytes) is not a classic NetCDF file: expected CDF-1, CDF-2 or CDF-5",
                file.path(), file.size());
  }
  // The header does not say how long it is: read more until it parses or the file has no more.
  for (std::uint64_t n = std::uint64_t{64} << 10;; n *= 8) {
    const bool is_all = n >= std::min(file.size(), kMaxHeaderBytes);
    const Bytes bytes = file.read_at(0, std::min({n, file.size(), kMaxHeaderBytes}));
    try {
      return HeaderParser(bytes, file).parse();
    } catch (const Error&) {
      if (is_all) throw;
    }
  }
}

}  // namespace rastream
