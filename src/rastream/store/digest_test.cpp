// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/digest.h"

#include <gtest/gtest.h>

#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

std::string hex_of(DigestKind kind, std::string_view text) {
  return to_hex(digest_of(kind, bytes_of(std::string(text))).value);
}

/// RFC 1321, FIPS 180-2 and RFC 1950 (the sum of "Wikipedia" is the well-known example).
TEST(Digest, IsThatOfTheStandards) {
  EXPECT_EQ(hex_of(DigestKind::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_of(DigestKind::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_of(DigestKind::sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(DigestKind::adler32, "Wikipedia"), "11e60398");
  EXPECT_EQ(hex_of(DigestKind::adler32, ""), "00000001");
}

TEST(Digest, OfPiecesIsThatOfTheWhole) {
  for (const DigestKind kind : {DigestKind::adler32, DigestKind::md5, DigestKind::sha512}) {
    DigestBuilder builder(kind);
    builder.update(bytes_of("Wiki"));
    builder.update({});
    builder.update(bytes_of("pedia"));
    EXPECT_EQ(builder.finish(), digest_of(kind, bytes_of("Wikipedia")));
  }
}

/// RFC 4231, test case 2.
TEST(Digest, HmacIsThatOfTheStandard) {
  EXPECT_EQ(to_hex(hmac_sha256(bytes_of("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Multihash, GoesBothWaysAndRefusesNonsense) {
  for (const DigestKind kind :
       {DigestKind::md5, DigestKind::sha1, DigestKind::sha256, DigestKind::sha512}) {
    const Digest digest = digest_of(kind, bytes_of("abc"));
    EXPECT_EQ(parse_multihash(to_multihash(digest)), digest);
  }
  EXPECT_EQ(to_multihash(digest_of(DigestKind::sha256, bytes_of("abc"))).substr(0, 4), "1220");
  EXPECT_EQ(to_multihash(digest_of(DigestKind::md5, bytes_of("abc"))).substr(0, 6), "d50110");
  for (const char* text : {"", "12", "1220", "zz", "122000", "80808080808001", "d5011000"})
    EXPECT_EQ(code_of([&] { parse_multihash(text); }), Errc::data_loss) << text;
  EXPECT_EQ(code_of([&] {
              parse_multihash(
                  "9201"
                  "04"
                  "00000000");
            }),
            Errc::unsupported);
}

TEST(DigestField, IsReadInEachOfItsForms) {
  const Digest adler = digest_of(DigestKind::adler32, bytes_of("Wikipedia"));
  const Digest md5 = digest_of(DigestKind::md5, bytes_of("abc"));
  const Digest sha = digest_of(DigestKind::sha256, bytes_of("abc"));
  EXPECT_EQ(parse_digest_field("Digest", "adler32=11e60398"), std::vector{adler});
  EXPECT_EQ(
      parse_digest_field("digest", "ADLER32=11E60398, unixsum=30637,md5=kAFQmDzST7DWlj99KOF/cg=="),
      (std::vector{adler, md5}));
  EXPECT_EQ(parse_digest_field("Digest", "adler32=1"),
            std::vector{digest_of(DigestKind::adler32, {})});
  EXPECT_EQ(parse_digest_field("Content-MD5", "kAFQmDzST7DWlj99KOF/cg=="), std::vector{md5});
  EXPECT_EQ(
      parse_digest_field("Repr-Digest", "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"),
      std::vector{sha});
  for (const char* text : {"", "adler32", "adler32=", "adler32=xyz", "md5=short", "=", ",,,"})
    EXPECT_TRUE(parse_digest_field("Digest", text).empty()) << text;
}

TEST(Etag, IsAnMd5OnlyWhenItLooksLikeOne) {
  EXPECT_EQ(md5_of_etag("\"900150983cd24fb0d6963f7d28e17f72\""),
            digest_of(DigestKind::md5, bytes_of("abc")));
  for (const char* text :
       {"", "\"\"", "W/\"900150983cd24fb0d6963f7d28e17f72\"",
        "\"900150983cd24fb0d6963f7d28e17f72-3\"", "\"zz0150983cd24fb0d6963f7d28e17f72\""})
    EXPECT_FALSE(md5_of_etag(text)) << text;
}

}  // namespace
}  // namespace rastream
