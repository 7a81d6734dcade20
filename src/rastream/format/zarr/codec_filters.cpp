// SPDX-License-Identifier: Apache-2.0
// numcodecs' filters: cells of one dtype become cells of another before they are compressed. Only
// read; each decodes as numcodecs does, rounding included. A filter of quantize or bitround has
// changed the cells for good, so that nothing is to be undone but the dtype.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/filters.h"
#include "rastream/format/zarr/codec.h"
#include "rastream/format/zarr/type_string.h"

namespace rastream::zarr {
namespace {

/// Cells as they are stored.
struct StoredType {
  DType dtype = DType::uint8;
  bool is_swapped = false;
  std::size_t size_bytes() const { return item_size(dtype); }
};

StoredType read_type(const Json& configuration, const char* key, const CodecSite& site) {
  const auto text = json_member<std::string>(configuration, key, site.what);
  const auto parts = split_type(text);
  const auto dtype = parts ? number_type(parts->kind, parts->size) : std::nullopt;
  if (!parts)
    throw Error(Errc::data_loss, "{}: {} '{}' of a filter is no dtype", site.what, key, text);
  if (!dtype || parts->kind == 'M')
    throw Error(Errc::unsupported, "{}: a filter of dtype '{}'", site.what, text);
  return {*dtype, parts->byte_order == '>'};
}

StoredType read_type_or(const Json& configuration, const char* key, const StoredType& otherwise,
                        const CodecSite& site) {
  if (!configuration.contains(key) || configuration[key].is_null()) return otherwise;
  return read_type(configuration, key, site);
}

template <typename T>
T load_cell(const std::byte* from, bool is_swapped) {
  std::array<std::byte, sizeof(T)> bytes;
  std::memcpy(bytes.data(), from, sizeof(T));
  if (is_swapped) std::reverse(bytes.begin(), bytes.end());
  if constexpr (std::is_same_v<T, bool>) return bytes[0] != std::byte{0};
  return std::bit_cast<T>(bytes);
}

template <typename T>
void store_cell(T cell, std::byte* to, bool is_swapped) {
  auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(cell);
  if (is_swapped) std::reverse(bytes.begin(), bytes.end());
  std::memcpy(to, bytes.data(), sizeof(T));
}

/// NaN and what does not fit have no meaning in an integer; 0 at least is no crash.
template <typename To, typename From>
To converted(From value) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To> &&
                !std::is_same_v<To, bool>) {
    constexpr auto kEnd = 2.0 * static_cast<double>(std::uint64_t{1} << (8 * sizeof(To) - 1));
    const double low = std::is_signed_v<To> ? -kEnd / 2 : 0;
    const double high = std::is_signed_v<To> ? kEnd / 2 : kEnd;
    const double whole = std::trunc(static_cast<double>(value));
    if (!(whole >= low && whole < high)) return To{0};
  }
  return static_cast<To>(value);
}

/// Filters that decode cell by cell: `Cell::decode<To>(from)` in the order of the cells.
class CellFilter : public Codec {
 public:
  CellFilter(std::string name, StoredType stored, StoredType decoded)
      : name_(std::move(name)), stored_(stored), decoded_(decoded) {}

  std::string describe() const override { return name_; }
  std::int64_t max_ratio() const override { return 8; }
  std::int64_t max_growth() const override {
    return std::max<std::int64_t>(
        1, static_cast<std::int64_t>(stored_.size_bytes() / decoded_.size_bytes()));
  }
  Bytes encode(std::span<const std::byte>) const override {
    throw Error(Errc::unsupported, "filter '{}' is read, not written", name_);
  }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    if (in.size() % stored_.size_bytes() != 0) {
      throw Error(Errc::data_loss, "{} bytes are no whole cells of filter '{}'", in.size(), name_);
    }
    const std::size_t n = in.size() / stored_.size_bytes();
    if (n > out.size() / decoded_.size_bytes()) return std::nullopt;
    decode_cells(in.data(), n, out.data());
    return n * decoded_.size_bytes();
  }

 protected:
  virtual void decode_cells(const std::byte* in, std::size_t n, std::byte* out) const = 0;

  /// out[i] = decode(in[i]) with the C++ types of both.
  template <typename F>
  void transform(const std::byte* in, std::size_t n, std::byte* out, F&& make_decode) const {
    visit_dtype(stored_.dtype, [&]<typename From>(From) {
      visit_dtype(decoded_.dtype, [&]<typename To>(To) {
        auto decode = make_decode(From{}, To{});
        for (std::size_t i = 0; i < n; ++i) {
          const From cell = load_cell<From>(in + i * sizeof(From), stored_.is_swapped);
          store_cell<To>(decode(cell), out + i * sizeof(To), decoded_.is_swapped);
        }
      });
    });
  }

 private:
  std::string name_;
  StoredType stored_;
  StoredType decoded_;
};

class AsType final : public CellFilter {
 public:
  using CellFilter::CellFilter;

 private:
  void decode_cells(const std::byte* in, std::size_t n, std::byte* out) const override {
    transform(in, n, out, []<typename From, typename To>(From, To) {
      return [](From cell) { return converted<To>(cell); };
    });
  }
};

/// Running sum in the decoded dtype; integers wrap around.
class Delta final : public CellFilter {
 public:
  using CellFilter::CellFilter;

 private:
  void decode_cells(const std::byte* in, std::size_t n, std::byte* out) const override {
    transform(in, n, out, []<typename From, typename To>(From, To) {
      return [sum = To{}](From cell) mutable {
        if constexpr (std::is_floating_point_v<To>) {
          sum += static_cast<To>(cell);
        } else {
          sum = static_cast<To>(static_cast<std::uint64_t>(sum) +
                                static_cast<std::uint64_t>(converted<To>(cell)));
        }
        return sum;
      };
    });
  }
};

/// stored / scale + offset, in float32 where the stored cells are, else in float64.
class FixedScaleOffset final : public CellFilter {
 public:
  FixedScaleOffset(StoredType stored, StoredType decoded, double scale, double offset)
      : CellFilter("fixedscaleoffset", stored, decoded), scale_(scale), offset_(offset) {}

 private:
  void decode_cells(const std::byte* in, std::size_t n, std::byte* out) const override {
    transform(in, n, out, [this]<typename From, typename To>(From, To) {
      using Real = std::conditional_t<std::is_same_v<From, float>, float, double>;
      return [scale = static_cast<Real>(scale_), offset = static_cast<Real>(offset_)](From cell) {
        return converted<To>(static_cast<Real>(cell) / scale + offset);
      };
    });
  }

  double scale_;
  double offset_;
};

/// The k-th bytes of all elements lie together.
class Shuffle final : public Codec {
 public:
  explicit Shuffle(std::size_t element_size) : element_size_(element_size) {}

  std::string describe() const override { return fmt::format("shuffle {}", element_size_); }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    if (in.size() > out.size()) return std::nullopt;
    if (in.size() % element_size_ != 0) {
      throw Error(Errc::data_loss, "{} bytes are no whole elements of {} for shuffle", in.size(),
                  element_size_);
    }
    unshuffle(in, element_size_, out.first(in.size()));
    return in.size();
  }

  Bytes encode(std::span<const std::byte> in) const override {
    if (in.size() % element_size_ != 0)
      throw Error(Errc::unsupported, "{} bytes are no whole elements of {} for shuffle", in.size(),
                  element_size_);
    const std::size_t n = in.size() / element_size_;
    Bytes out(in.size());
    for (std::size_t k = 0; k < element_size_; ++k) {
      for (std::size_t i = 0; i < n; ++i) out[k * n + i] = in[i * element_size_ + k];
    }
    return out;
  }

 private:
  std::size_t element_size_;
};

/// Eight bools a byte, the first one highest, after a byte with the number of bits that fill up.
class PackBits final : public Codec {
 public:
  std::string describe() const override { return "packbits"; }
  std::int64_t max_ratio() const override { return 8; }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    const std::size_t n_padding = in.empty() ? 8 : std::to_integer<std::size_t>(in[0]);
    if (n_padding > 7 || (in.size() == 1 && n_padding > 0))
      throw Error(Errc::data_loss, "the chunk is no packbits");
    const std::size_t n = (in.size() - 1) * 8 - n_padding;
    if (n > out.size()) return std::nullopt;
    for (std::size_t i = 0; i < n; ++i) out[i] = in[1 + i / 8] >> (7 - i % 8) & std::byte{1};
    return n;
  }

  Bytes encode(std::span<const std::byte>) const override {
    throw Error(Errc::unsupported, "filter 'packbits' is read, not written");
  }
};

double read_number(const Json& configuration, const char* key, const CodecSite& site) {
  const Json value = json_member<Json>(configuration, key, site.what);
  if (!value.is_number())
    throw Error(Errc::data_loss, "{}: {} {} of a filter is no number", site.what, key,
                value.dump());
  return value.get<double>();
}

}  // namespace

CodecPtr make_astype(const Json& c, const CodecSite& site) {
  return std::make_shared<AsType>("astype", read_type(c, "encode_dtype", site),
                                  read_type(c, "decode_dtype", site));
}

CodecPtr make_delta(const Json& c, const CodecSite& site) {
  const StoredType decoded = read_type(c, "dtype", site);
  return std::make_shared<Delta>("delta", read_type_or(c, "astype", decoded, site), decoded);
}

CodecPtr make_quantize(const Json& c, const CodecSite& site) {
  const StoredType decoded = read_type(c, "dtype", site);
  return std::make_shared<AsType>("quantize", read_type_or(c, "astype", decoded, site), decoded);
}

CodecPtr make_fixed_scale_offset(const Json& c, const CodecSite& site) {
  const StoredType decoded = read_type(c, "dtype", site);
  const double scale = read_number(c, "scale", site);
  if (scale == 0) throw Error(Errc::data_loss, "{}: scale 0 of fixedscaleoffset", site.what);
  return std::make_shared<FixedScaleOffset>(read_type_or(c, "astype", decoded, site), decoded,
                                            scale, read_number(c, "offset", site));
}

CodecPtr make_bitround(const Json&, const CodecSite& site) {
  const bool is_double = site.item_size == 8;
  const StoredType same{is_double             ? DType::uint64
                        : site.item_size == 4 ? DType::uint32
                                              : DType::uint16};
  return std::make_shared<AsType>("bitround", same, same);
}

CodecPtr make_shuffle(const Json& c, const CodecSite& site) {
  std::int64_t size = 4;
  if (c.contains("elementsize")) size = json_member<std::int64_t>(c, "elementsize", site.what);
  if (size < 1 || size > 4096)
    throw Error(Errc::data_loss, "{}: elementsize {} of shuffle", site.what, size);
  return std::make_shared<Shuffle>(static_cast<std::size_t>(size));
}

CodecPtr make_packbits(const Json&, const CodecSite&) { return std::make_shared<PackBits>(); }

}  // namespace rastream::zarr
