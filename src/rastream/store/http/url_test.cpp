// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/url.h"

#include <gtest/gtest.h>

#include "tests/suites/errors.h"

namespace rastream {
namespace {

TEST(Url, IsTakenApartAndPutTogether) {
  const Url url = parse_url("HTTPS://me:pw@Host.Example:2880/a%20b/c?x=1&y=/2#part");
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.userinfo, "me:pw");
  EXPECT_EQ(url.host, "host.example");
  EXPECT_EQ(url.port, 2880);
  EXPECT_EQ(url.path, "/a%20b/c");
  EXPECT_EQ(url.query, "x=1&y=/2");
  EXPECT_EQ(url.fragment, "part");
  EXPECT_EQ(url.to_string(), "https://me:pw@host.example:2880/a%20b/c?x=1&y=/2#part");
  EXPECT_EQ(url.origin(), "https://host.example:2880");
  EXPECT_EQ(parse_url("http://h").path, "/");
  EXPECT_EQ(parse_url("http://h").origin(), parse_url("http://H:80/x").origin());
  EXPECT_EQ(parse_url("http://[::1]:8080/x").host, "[::1]");
}

TEST(Url, PrintedItHasNoUserNoQueryAndNoFragment) {
  EXPECT_EQ(parse_url("https://me:secret@h/a?token=secret#secret").without_query_and_secrets(),
            "https://h/a?...");
  EXPECT_EQ(printable_url("https://me:secret@h/a?token=secret"), "https://h/a?...");
  EXPECT_EQ(printable_url("https://me:s@cret@h"), "https://h");
  EXPECT_EQ(printable_url("https://h/a\r\nb"), "https://h/a??b");
}

TEST(Url, WhatIsNoneIsRefusedWithoutShowingItsSecrets) {
  for (const char* text :
       {"", "h/a", "http:/h", "http:", "http://", "http:///a", "http://h:0/", "http://h:65536/",
        "http://h:9x/", "http://h h/", "http://h/a b", "http://h/\x7f", "http://h\\@evil/",
        "http://h%00/", "http://[::1/", "http://[zz]/", "http://h\"/", "1http://h/", "http://ü/"}) {
    EXPECT_EQ(code_of([&] { parse_url(text); }), Errc::invalid_argument) << text;
  }
  try {
    parse_url("http://me:hidden@h h/?token=hidden");
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()).find("hidden"), std::string::npos) << e.what();
  }
}

/// RFC 3986, sections 5.4.1 and 5.4.2 (those with an authority and a path).
TEST(Url, AReferenceIsResolvedAsTheStandardSays) {
  const Url base = parse_url("http://a/b/c/d;p?q");
  const std::pair<const char*, const char*> cases[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g#s", "http://a/b/c/g#s"},
      {"g?y#s", "http://a/b/c/g?y#s"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/../x", "http://a/b/c/g#s/../x"},
      {"https://x/../y", "https://x/y"},
  };
  for (const auto& [reference, expected] : cases)
    EXPECT_EQ(resolve_url(base, reference).to_string(), expected) << reference;
}

TEST(Url, AKeyBecomesPathAndKeepsTheQuery) {
  const Url base = parse_url("http://h/data?authz=t");
  EXPECT_EQ(url_of_key(base, "a b/50%?#x").to_string(), "http://h/data/a%20b/50%25%3F%23x?authz=t");
}

TEST(Url, PercentEncodingGoesBothWays) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a/b", "/"), "a/b");
  EXPECT_FALSE(percent_decode("%zz"));
  EXPECT_FALSE(percent_decode("%4"));
}

}  // namespace
}  // namespace rastream
