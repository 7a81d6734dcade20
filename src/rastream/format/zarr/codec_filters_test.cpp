// SPDX-License-Identifier: Apache-2.0
// Filters against numcodecs 0.16: what it encoded, and what it decodes that to.
#include <gtest/gtest.h>

#include <string>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

struct FilterCase {
  const char* configuration;
  std::int64_t item_size;
  const char* encoded;
  const char* decoded;
};

const std::vector<FilterCase>& cases() {
  static const std::vector<FilterCase> table = {
      {R"({"id":"delta","dtype":"<i4","astype":"<i4"})", 4,
       "0500000002000000fdffffff0000000098ffffff4c040000",
       "050000000700000004000000040000009cffffffe8030000"},
      {R"({"id":"delta","dtype":"<i4","astype":"<i2"})", 4, "05000200fdff000098ff4c04",
       "050000000700000004000000040000009cffffffe8030000"},
      {R"({"id":"delta","dtype":">i4","astype":">i4"})", 4,
       "0000000500000002fffffffd00000000ffffff980000044c",
       "00000005000000070000000400000004ffffff9c000003e8"},
      {R"({"id":"delta","dtype":"<f8","astype":"<f8"})", 8,
       "0000000000000a4000000000008025c00000000000001e400000000080842e41000000c07b842ec100000000000"
       "0c03f0000000000000000",
       "0000000000000a400000000000001ec000000000000000000000000080842e41000000000000014000000000000"
       "002400000000000000240"},
      {R"({"id":"delta","dtype":"|i1","astype":"|i1"})", 1, "6438964d", "649c327f"},
      {R"({"id":"fixedscaleoffset","scale":100,"offset":250,"dtype":"<f4","astype":"<u2"})", 4,
       "59085e08b80bdd05", "5caf8743c3b5874300008c4348818443"},
      {R"({"id":"fixedscaleoffset","scale":0.1,"offset":1000.5,"dtype":"<f8","astype":"<i4"})", 8,
       "9cffffff9bffffff9cffffff3c8601009cffffff9cffffff9cffffff",
       "000000000000e03f00000000000023c0000000000000e03f0000000081842e41000000000000e03f00000000000"
       "0e03f000000000000e03f"},
      {R"({"id":"fixedscaleoffset","scale":2,"offset":10,"dtype":"<i4","astype":"|u1"})", 4,
       "00143c", "0a0000001400000028000000"},
      {R"({"id":"fixedscaleoffset","scale":3,"offset":1,"dtype":"<f4","astype":"<f4"})", 4,
       "00c04a4400c04a440040514400004644", "abaa8743abaa874300008c4300808443"},
      {R"({"id":"astype","encode_dtype":"<f4","decode_dtype":"<f8"})", 8,
       "000050400000f0c00000000000247449000008400000104000001040",
       "0000000000000a400000000000001ec000000000000000000000000080842e41000000000000014000000000000"
       "002400000000000000240"},
      {R"({"id":"astype","encode_dtype":"<f8","decode_dtype":"<f4"})", 4,
       "00000080ebf5704000000060b8f6704000000000008071400000000029907040",
       "5caf8743c3b5874300008c4348818443"},
      {R"({"id":"astype","encode_dtype":"|u1","decode_dtype":"<i4"})", 4, "00c807",
       "00000000c800000007000000"},
      {R"({"id":"quantize","digits":2,"dtype":"<f8","astype":"<f4"})", 8,
       "000050400000f0c00000000000247449000008400000104000001040",
       "0000000000000a400000000000001ec000000000000000000000000080842e41000000000000014000000000000"
       "002400000000000000240"},
      {R"({"id":"bitround","keepbits":8})", 4, "008087430080874300008c4300808443",
       "008087430080874300008c4300808443"},
      {R"({"id":"shuffle","elementsize":4})", 4, "050704049ce800000000ff0300000000ff0000000000ff00",
       "050000000700000004000000040000009cffffffe8030000"},
      {R"({"id":"shuffle","elementsize":8})", 8,
       "0000000000000000000000000000000000000000000000000000000000000080000000000000840000000a1e002"
       "e01020240c00041404040",
       "0000000000000a400000000000001ec000000000000000000000000080842e41000000000000014000000000000"
       "002400000000000000240"},
      {R"({"id":"packbits"})", 1, "059ac0", "0100000101000100010100"},
      {R"({"id":"packbits"})", 1, "009a", "0100000101000100"},
      {R"({"id":"packbits"})", 1, "0780", "01"},
  };
  return table;
}

CodecPtr filter_of(const FilterCase& c) {
  return make_codec(Json::parse(c.configuration), {2, c.item_size, "test"});
}

TEST(Filter, DecodesAsNumcodecsDoes) {
  for (const FilterCase& c : cases()) {
    const Bytes expected = from_hex(c.decoded);
    Bytes out(expected.size());
    ASSERT_NO_THROW(decode_exactly({filter_of(c)}, from_hex(c.encoded), out)) << c.configuration;
    EXPECT_EQ(out, expected) << c.configuration;
  }
}

TEST(Filter, ShuffleEncodesAsNumcodecsDoes) {
  for (const FilterCase& c : cases()) {
    if (std::string_view(c.configuration).find("shuffle") == std::string_view::npos) continue;
    EXPECT_EQ(filter_of(c)->encode(from_hex(c.decoded)), from_hex(c.encoded)) << c.configuration;
  }
}

TEST(Filter, AnotherLengthThanDeclaredIsDataLoss) {
  for (const FilterCase& c : cases()) {
    const Bytes stored = from_hex(c.encoded);
    const std::size_t n = from_hex(c.decoded).size();
    for (const std::size_t declared : {std::size_t{0}, n - 1, n + 1, 9 * n}) {
      Bytes out(declared);
      EXPECT_THROW(decode_exactly({filter_of(c)}, stored, out), Error) << c.configuration;
    }
    Bytes out(n);
    for (std::size_t cut = 0; cut < stored.size(); ++cut) {
      EXPECT_THROW(decode_exactly({filter_of(c)}, std::span(stored).first(cut), out), Error)
          << c.configuration << " cut to " << cut;
    }
  }
}

TEST(Filter, StandsBeforeACompressor) {
  const CodecPtr zlib = make_codec(Json{{"id", "zlib"}}, {2, 1, "test"});
  for (const FilterCase& c : cases()) {
    const Bytes expected = from_hex(c.decoded);
    Bytes out(expected.size());
    decode_exactly({filter_of(c), zlib}, zlib->encode(from_hex(c.encoded)), out);
    EXPECT_EQ(out, expected) << c.configuration;
  }
}

TEST(Filter, IntegersThatCannotHoldACellAreZero) {
  const CodecPtr filter = make_codec(
      Json::parse(R"({"id":"astype","encode_dtype":"<f8","decode_dtype":"|u1"})"), {2, 1, "test"});
  // NaN, 256, -1, 255.5
  Bytes out(4);
  decode_exactly({filter},
                 from_hex("000000000000f87f"
                          "0000000000007040"
                          "000000000000f0bf"
                          "0000000000f06f40"),
                 out);
  EXPECT_EQ(out, from_hex("000000ff"));
}

TEST(Filter, WrongConfigurationsAreNamed) {
  const std::pair<const char*, Errc> wrong[] = {
      {R"({"id":"delta"})", Errc::data_loss},
      {R"({"id":"delta","dtype":"f4"})", Errc::data_loss},
      {R"({"id":"delta","dtype":4})", Errc::data_loss},
      {R"({"id":"delta","dtype":"<f2"})", Errc::unsupported},
      {R"({"id":"delta","dtype":"<M8[D]"})", Errc::unsupported},
      {R"({"id":"astype","encode_dtype":"<f4"})", Errc::data_loss},
      {R"({"id":"fixedscaleoffset","dtype":"<f4","scale":0,"offset":0})", Errc::data_loss},
      {R"({"id":"fixedscaleoffset","dtype":"<f4","scale":"1","offset":0})", Errc::data_loss},
      {R"({"id":"shuffle","elementsize":0})", Errc::data_loss},
      {R"({"id":"shuffle","elementsize":1000000})", Errc::data_loss},
  };
  for (const auto& [text, code] : wrong) {
    try {
      make_codec(Json::parse(text), {2, 4, "the metadata"});
      ADD_FAILURE() << text;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code) << text;
      EXPECT_NE(std::string(e.what()).find("the metadata"), std::string::npos) << e.what();
    }
  }
}

}  // namespace
}  // namespace rastream::zarr
