// SPDX-License-Identifier: Apache-2.0
// Blosc 1: shuffle and a fast compressor in blocks. The header inside the bytes says how to decode
// them.
#include <blosc.h>

#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

constexpr std::array<std::string_view, 3> kShuffles = {"noshuffle", "shuffle", "bitshuffle"};

struct BloscSettings {
  std::string compressor = "lz4";
  int level = 5;
  int shuffle = BLOSC_SHUFFLE;
  std::int64_t type_size = 1;
  std::int64_t block_size = 0;
};

class Blosc : public Codec {
 public:
  explicit Blosc(BloscSettings settings) : settings_(std::move(settings)) {}

  std::string describe() const override {
    return fmt::format("blosc {} {} {}", settings_.compressor, settings_.level,
                       kShuffles[static_cast<std::size_t>(settings_.shuffle)]);
  }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    std::size_t n = 0;
    if (in.size() < BLOSC_MIN_HEADER_LENGTH ||
        blosc_cbuffer_validate(in.data(), in.size(), &n) != 0) {
      throw Error(Errc::data_loss, "the chunk is not a whole blosc buffer");
    }
    if (n > out.size()) return std::nullopt;
    const int done = blosc_decompress_ctx(in.data(), out.data(), n, 1);
    if (done < 0 || static_cast<std::size_t>(done) != n) {
      throw Error(Errc::data_loss, "the chunk's blosc blocks ({}) are damaged",
                  settings_.compressor);
    }
    return n;
  }

  Bytes encode(std::span<const std::byte> in) const override {
    if (in.size() > BLOSC_MAX_BUFFERSIZE) {
      throw Error(Errc::invalid_argument, "blosc: a chunk of {} bytes: expected at most {}",
                  in.size(), BLOSC_MAX_BUFFERSIZE);
    }
    Bytes out(in.size() + BLOSC_MAX_OVERHEAD);
    const int n = blosc_compress_ctx(
        settings_.level, settings_.shuffle, static_cast<std::size_t>(settings_.type_size),
        in.size(), in.data(), out.data(), out.size(), settings_.compressor.c_str(),
        static_cast<std::size_t>(settings_.block_size), 1);
    if (n <= 0)
      throw Error(Errc::internal, "blosc {} refused to compress {} bytes", settings_.compressor,
                  in.size());
    out.resize(static_cast<std::size_t>(n));
    return out;
  }

  std::int64_t max_ratio() const override { return 40000; }

 private:
  BloscSettings settings_;
};

/// v2 has a number (-1: bit shuffle for bytes, else byte shuffle), v3 a name.
int parse_shuffle(const Json& value, std::int64_t item_size, std::string_view what) {
  if (value.is_string()) {
    const auto it = std::find(kShuffles.begin(), kShuffles.end(), value.get<std::string>());
    if (it != kShuffles.end()) return static_cast<int>(it - kShuffles.begin());
  } else if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    if (number == -1) return item_size == 1 ? BLOSC_BITSHUFFLE : BLOSC_SHUFFLE;
    if (number >= 0 && number <= 2) return static_cast<int>(number);
  }
  throw Error(Errc::data_loss, "{}: blosc shuffle {}: expected noshuffle, shuffle or bitshuffle",
              what, value.dump());
}

}  // namespace

CodecPtr make_blosc(const Json& configuration, const CodecSite& site) {
  BloscSettings s;
  const std::string what(site.what);
  const auto read = [&]<typename T>(const char* key, T& value) {
    if (configuration.contains(key)) value = json_member<T>(configuration, key, what);
  };
  s.type_size = std::clamp<std::int64_t>(site.item_size, 1, BLOSC_MAX_TYPESIZE);
  read("cname", s.compressor);
  read("clevel", s.level);
  read("blocksize", s.block_size);
  read("typesize", s.type_size);
  if (configuration.contains("shuffle"))
    s.shuffle = parse_shuffle(configuration["shuffle"], site.item_size, what);
  if (blosc_compname_to_compcode(s.compressor.c_str()) < 0) {
    throw Error(Errc::unsupported, "{}: codec 'blosc' with compressor '{}' is not supported", what,
                s.compressor);
  }
  if (s.level < 0 || s.level > 9 || s.block_size < 0 || s.type_size < 1 ||
      s.type_size > BLOSC_MAX_TYPESIZE) {
    throw Error(Errc::data_loss, "{}: blosc clevel {}, blocksize {}, typesize {} are out of range",
                what, s.level, s.block_size, s.type_size);
  }
  return std::make_shared<Blosc>(std::move(s));
}

Json blosc_configuration(int level, const CodecSite& site) {
  const int shuffle = site.item_size > 1 ? BLOSC_SHUFFLE : BLOSC_NOSHUFFLE;
  Json out = {{"cname", "lz4"}, {"clevel", level < 0 ? 5 : level}};
  if (site.zarr_format == 2) {
    out["shuffle"] = shuffle;
  } else {
    out["shuffle"] = kShuffles[static_cast<std::size_t>(shuffle)];
    out["typesize"] = std::clamp<std::int64_t>(site.item_size, 1, BLOSC_MAX_TYPESIZE);
  }
  out["blocksize"] = 0;
  return out;
}

}  // namespace rastream::zarr
