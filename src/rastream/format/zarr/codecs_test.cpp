// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

Bytes test_bytes(std::size_t n) {
  Bytes bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>((i / 7 * 31 + i % 5) & 0xff);
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
  for (const char* id : {"zlib", "crc32", "adler32"}) codecs.push_back(make_codec(Json{{"id", id}}, v2));
  codecs.push_back(make_codec(Json::parse(R"({"id":"zstd","level":1,"checksum":true})"), v2));
  codecs.push_back(make_codec(Json::parse(R"({"id":"blosc","cname":"zstd","clevel":3,"shuffle":-1})"), v2));
  return codecs;
}

TEST(Codec, DecodingGivesWhatWasEncoded) {
  for (const CodecPtr& codec : writable_codecs()) {
    for (const std::size_t n : {0u, 1u, 4u, 1000u, 100000u}) {
      const Bytes cells = test_bytes(n);
      Bytes out(n);
      ASSERT_NO_THROW(decode_exactly({codec}, codec->encode(cells), out)) << codec->describe() << " " << n;
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
      EXPECT_THROW(decode_exactly({codec}, cut, out), Error) << codec->describe() << " cut to " << i;
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

TEST(Codec, Lz4AndBz2AreRead) {
  const unsigned char lz4[] = {16, 0, 0, 0, 0x1b, 'a', 1, 0, 0x50, 'a', 'a', 'a', 'a', 'a'};
  Bytes out(16);
  const CodecSite site{2, 1, "test"};
  try {
    decode_exactly({make_codec(Json{{"id", "lz4"}}, site)}, std::as_bytes(std::span(lz4)), out);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::data_loss);
  }
  EXPECT_THROW(decode_exactly({make_codec(Json{{"id", "bz2"}}, site)}, std::as_bytes(std::span(lz4)), out), Error);
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
  for (const char* text : {R"({"id":"gzip","level":99})", R"({"id":"gzip","level":"9"})", R"({"id":"zstd","level":1000})",
                           R"({"id":"blosc","clevel":-1})", R"({"id":"blosc","shuffle":9})", R"({"id":7})", R"({})"}) {
    try {
      make_codec(Json::parse(text), {2, 4, "test"});
      ADD_FAILURE() << text;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::data_loss) << text;
    }
  }
}

}  // namespace
}  // namespace rastream::zarr
