// SPDX-License-Identifier: Apache-2.0
// Checksums beside the bytes. Zarr v3's crc32c stands at the end; numcodecs' stand at the start
// unless they say so.
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/filters.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

using Sum = std::uint32_t (*)(std::span<const std::byte>);

constexpr std::array<std::uint32_t, 256> crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) ? 0x82F63B78u : 0u);
    table[i] = c;
  }
  return table;
}

// RFC 3720, appendix B.4.
std::uint32_t crc32c(std::span<const std::byte> bytes) {
  static constexpr auto kTable = crc32c_table();
  std::uint32_t c = ~0u;
  for (const std::byte b : bytes) c = (c >> 8) ^ kTable[(c ^ static_cast<std::uint32_t>(b)) & 0xff];
  return ~c;
}

std::uint32_t crc32(std::span<const std::byte> bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

std::uint32_t adler32(std::span<const std::byte> bytes) {
  return libdeflate_adler32(1, bytes.data(), bytes.size());
}

class Checksum : public Codec {
 public:
  Checksum(std::string name, Sum sum, bool at_end)
      : name_(std::move(name)), sum_(sum), at_end_(at_end) {}

  std::string describe() const override { return name_; }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    std::uint32_t stored = 0;
    if (in.size() < sizeof stored)
      throw Error(Errc::data_loss, "the chunk is too short for its {}", name_);
    const std::size_t n = in.size() - sizeof stored;
    if (n > out.size()) return std::nullopt;
    const auto body = at_end_ ? in.first(n) : in.last(n);
    std::memcpy(&stored, at_end_ ? in.data() + n : in.data(), sizeof stored);
    if (const std::uint32_t found = sum_(body); found != stored) {
      throw Error(Errc::data_loss, "the chunk's {} is {:08x}: expected {:08x}", name_, found,
                  stored);
    }
    std::copy(body.begin(), body.end(), out.begin());
    return n;
  }

  Bytes encode(std::span<const std::byte> in) const override {
    const std::uint32_t sum = sum_(in);
    Bytes out(in.size() + sizeof sum);
    std::copy(in.begin(), in.end(), out.begin() + (at_end_ ? 0 : sizeof sum));
    std::memcpy(at_end_ ? out.data() + in.size() : out.data(), &sum, sizeof sum);
    return out;
  }

 private:
  std::string name_;
  Sum sum_;
  bool at_end_;
};

CodecPtr make(std::string name, Sum sum, const Json& configuration, const CodecSite& site) {
  bool at_end = name == "fletcher32" || (site.zarr_format == 3 && name == "crc32c");
  if (configuration.contains("location")) {
    const auto location = json_member<std::string>(configuration, "location", site.what);
    if (location != "start" && location != "end") {
      throw Error(Errc::data_loss, "{}: {} location '{}': expected start or end", site.what, name,
                  location);
    }
    at_end = location == "end";
  }
  return std::make_shared<Checksum>(std::move(name), sum, at_end);
}

}  // namespace

CodecPtr make_crc32c(const Json& c, const CodecSite& site) {
  return make("crc32c", crc32c, c, site);
}
CodecPtr make_crc32(const Json& c, const CodecSite& site) { return make("crc32", crc32, c, site); }
CodecPtr make_adler32(const Json& c, const CodecSite& site) {
  return make("adler32", adler32, c, site);
}

CodecPtr make_fletcher32(const Json& c, const CodecSite& site) {
  return make("fletcher32", fletcher32, c, site);
}

}  // namespace rastream::zarr
