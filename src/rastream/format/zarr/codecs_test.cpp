// SPDX-License-Identifier: Apache-2.0
#include <bzlib.h>
#include <gtest/gtest.h>
#include <lz4.h>

#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

Bytes test_bytes(std::size_t n) {
  Bytes bytes(n);
  for (std::size_t i = 0; i < n; ++i)
    bytes[i] = static_cast<std::byte>((i / 7 * 31 + i % 5) & 0xff);
  return bytes;
}

/// Every codec that can also encode, both versions.
std::vector<CodecPtr> writable_codecs() {
  std::vector<CodecPtr> codecs;
  for (const int format : {2, 3}) {
    const CodecSite site{format, 4, "test"};
    for (const char* name : {"zstd", "gzip", "blosc"}) {
      codecs.push_back(make_codec(compressor_metadata(name, -1, site), site));
    }
    codecs.push_back(make_codec(Json{{format == 2 ? "id" : "name", "crc32c"}}, site));
  }
  const CodecSite v2{2, 1, "test"};
  for (const char* id : {"zlib", "lz4", "bz2", "crc32", "adler32", "fletcher32"})
    codecs.push_back(make_codec(Json{{"id", id}}, v2));
  codecs.push_back(make_codec(Json::parse(R"({"id":"zstd","level":1,"checksum":true})"), v2));
  codecs.push_back(
      make_codec(Json::parse(R"({"id":"blosc","cname":"zstd","clevel":3,"shuffle":-1})"), v2));
  return codecs;
}

TEST(Codec, DecodingGivesWhatWasEncoded) {
  for (const CodecPtr& codec : writable_codecs()) {
    for (const std::size_t n : {0u, 1u, 4u, 1000u, 100000u}) {
      const Bytes cells = test_bytes(n);
      Bytes out(n);
      ASSERT_NO_THROW(decode_exactly({codec}, codec->encode(cells), out))
          << codec->describe() << " " << n;
      EXPECT_EQ(out, cells) << codec->describe();
    }
  }
}

TEST(Codec, AChainIsDecodedBackwards) {
  const auto codecs = writable_codecs();
  const Bytes cells = test_bytes(50000);
  for (const CodecPtr& inner : codecs) {
    for (const CodecPtr& outer : codecs) {
      const std::vector<CodecPtr> chain = {inner, outer};
      Bytes out(cells.size());
      decode_exactly(chain, encode_chain(chain, cells), out);
      EXPECT_EQ(out, cells);
      EXPECT_EQ(decode_any(chain, encode_chain(chain, cells), 1 << 20), cells);
    }
  }
}

TEST(Codec, BytesOfAnotherLengthThanDeclaredAreDataLoss) {
  for (const CodecPtr& codec : writable_codecs()) {
    const Bytes stored = codec->encode(test_bytes(1000));
    for (const std::size_t declared : {0u, 1u, 999u, 1001u, 5000u}) {
      Bytes out(declared);
      try {
        decode_exactly({codec}, stored, out);
        ADD_FAILURE() << codec->describe() << " into " << declared;
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::data_loss);
      }
    }
  }
}

TEST(Codec, DamagedBytesNeverCrashAndNeverWriteBeyondTheChunk) {
  for (const CodecPtr& codec : writable_codecs()) {
    const Bytes stored = codec->encode(test_bytes(3000));
    for (std::size_t i = 0; i < stored.size(); i += 1 + stored.size() / 200) {
      for (const int bit : {0, 3, 7}) {
        Bytes damaged = stored;
        damaged[i] ^= static_cast<std::byte>(1 << bit);
        Bytes out(3000);
        try {
          decode_exactly({codec}, damaged, out);
        } catch (const Error& e) {
          EXPECT_EQ(e.code(), Errc::data_loss) << e.what();
        }
      }
      Bytes cut(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(i));
      Bytes out(3000);
      EXPECT_THROW(decode_exactly({codec}, cut, out), Error)
          << codec->describe() << " cut to " << i;
    }
  }
}

TEST(Codec, AChecksumNamesEveryFlippedBit) {
  const CodecSite site{2, 1, "test"};
  for (const Json& object : {Json{{"id", "crc32c"}}, Json{{"id", "crc32"}}, Json{{"id", "adler32"}},
                             Json{{"id", "crc32c"}, {"location", "end"}}}) {
    const CodecPtr codec = make_codec(object, site);
    const Bytes stored = codec->encode(test_bytes(64));
    for (std::size_t i = 0; i < stored.size() * 8; ++i) {
      Bytes damaged = stored;
      damaged[i / 8] ^= static_cast<std::byte>(1 << (i % 8));
      Bytes out(64);
      EXPECT_THROW(decode_exactly({codec}, damaged, out), Error) << codec->describe();
    }
  }
}

TEST(Codec, Crc32cOfTheDigitsIsThePublishedValue) {
  const CodecPtr codec = make_codec(Json{{"name", "crc32c"}}, {3, 1, "test"});
  const std::string_view digits = "123456789";
  const Bytes stored = codec->encode(std::as_bytes(std::span(digits)));
  std::uint32_t sum = 0;
  std::memcpy(&sum, stored.data() + digits.size(), sizeof sum);
  EXPECT_EQ(sum, 0xE3069283u);
}

/// What numcodecs stores, by the libraries themselves.
Bytes lz4_bytes(const Bytes& cells) {
  Bytes out(4 + static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(cells.size()))));
  const auto n = static_cast<std::uint32_t>(cells.size());
  std::memcpy(out.data(), &n, sizeof n);
  const int done = LZ4_compress_default(reinterpret_cast<const char*>(cells.data()),
                                        reinterpret_cast<char*>(out.data() + 4),
                                        static_cast<int>(n), static_cast<int>(out.size() - 4));
  out.resize(4 + static_cast<std::size_t>(done));
  return out;
}

Bytes bz2_bytes(Bytes cells) {
  Bytes out(cells.size() + 1000);
  auto n = static_cast<unsigned>(out.size());
  BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &n,
                           reinterpret_cast<char*>(cells.data()),
                           static_cast<unsigned>(cells.size()), 9, 0, 0);
  out.resize(n);
  return out;
}

TEST(Codec, Lz4AndBz2OfTheirLibrariesAreReadAndCutsAreReported) {
  const Bytes cells = test_bytes(5000);
  const CodecSite site{2, 1, "test"};
  for (const auto& [id, stored] :
       {std::pair("lz4", lz4_bytes(cells)), std::pair("bz2", bz2_bytes(cells))}) {
    const CodecPtr codec = make_codec(Json{{"id", id}}, site);
    Bytes out(cells.size());
    decode_exactly({codec}, stored, out);
    EXPECT_EQ(out, cells) << id;
    Bytes short_out(cells.size() - 1);
    EXPECT_THROW(decode_exactly({codec}, stored, short_out), Error) << id;
    for (std::size_t n = 0; n < stored.size(); n += 11) {
      EXPECT_THROW(decode_exactly({codec}, std::span(stored).first(n), out), Error)
          << id << " cut to " << n;
    }
  }
}

TEST(Codec, FewBytesThatClaimToBeManyAreRefusedBeforeMemoryIsTaken) {
  const CodecPtr codec = make_codec(Json{{"id", "gzip"}}, {2, 1, "test"});
  EXPECT_THROW(check_plausible({codec}, 100, std::size_t{1} << 40), Error);
  EXPECT_NO_THROW(check_plausible({codec}, 1 << 20, 1 << 20));
}

TEST(Codec, UnknownOnesAreUnsupportedByName) {
  for (const char* name : {"pcodec", "zfpy", "sharding_indexed", ""}) {
    try {
      make_codec(Json{{"id", name}}, {2, 4, "test"});
      ADD_FAILURE() << name;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::unsupported);
      EXPECT_NE(e.message().find(fmt::format("'{}'", name)), std::string::npos);
    }
  }
}

TEST(Codec, ConfigurationsOutOfRangeAreDataLoss) {
  for (const char* text : {R"({"id":"gzip","level":99})", R"({"id":"gzip","level":"9"})",
                           R"({"id":"zstd","level":1000})", R"({"id":"blosc","clevel":-1})",
                           R"({"id":"blosc","shuffle":9})", R"({"id":7})", R"({})"}) {
    try {
      make_codec(Json::parse(text), {2, 4, "test"});
      ADD_FAILURE() << text;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::data_loss) << text;
    }
  }
}

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// Written by numcodecs 0.16: int16 0 to 19, as .xz and as .lzma.
TEST(Lzma, BothContainersOfNumcodecsAreRead) {
  Bytes expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back(static_cast<std::byte>(i));
    expected.push_back(std::byte{0});
  }
  const std::pair<int, const char*> stored[] = {
      {1,
       "fd377a585a000004e6d6b4460200210116000000742fe5a3e0002700255d000060027ff3e273323ffeed1de58d"
       "dec6c79f37a5dac8de0848c4664f58463ca385be9ba200000000006b18dd7ae416606100014128956351fc1fb6"
       "f37d010000000004595a"},
      {2,
       "5d00008000ffffffffffffffff000060027ff3e273323ffeed1de58ddec6c79f37a5dac8de0848c4664f58463c"
       "a385cde42c9ffffb9a2000"}};
  for (const auto& [format, text] : stored) {
    const CodecPtr codec = make_codec(Json{{"id", "lzma"}, {"format", format}}, {2, 2, "test"});
    const Bytes bytes = from_hex(text);
    Bytes out(expected.size());
    decode_exactly({codec}, bytes, out);
    EXPECT_EQ(out, expected);
    for (std::size_t n = 0; n < bytes.size(); ++n)
      EXPECT_THROW(decode_exactly({codec}, std::span(bytes).first(n), out), Error) << n;
    Bytes smaller(expected.size() - 1);
    EXPECT_THROW(decode_exactly({codec}, bytes, smaller), Error);
  }
  EXPECT_THROW(make_codec(Json{{"id", "lzma"}, {"format", 3}}, {2, 2, "test"}), Error);
}

TEST(Fletcher32, IsThatOfNumcodecs) {
  const CodecPtr codec = make_codec(Json{{"id", "fletcher32"}}, {2, 1, "test"});
  EXPECT_EQ(codec->encode(from_hex("6162636465")), from_hex("6162636465c729f04f"));
  EXPECT_EQ(codec->encode(from_hex("0102")), from_hex("010202010201"));
  EXPECT_EQ(codec->encode(from_hex("01")), from_hex("0100010001"));
}

}  // namespace
}  // namespace rastream::zarr
