// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/session_cookies.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

class SetCookies : public testing::Test {
 protected:
  void set(const std::string& cookie, const std::string& url = "https://site/a/b") {
    HttpHeaders headers;
    headers.add("Set-Cookie", cookie);
    cookies_.note(parse_url(url), headers, now_);
  }
  std::string at(const std::string& url) const { return cookies_.field_for(parse_url(url), now_); }

  SessionCookies cookies_;
  std::chrono::system_clock::time_point now_ = std::chrono::system_clock::now();
};

TEST_F(SetCookies, GoBackToTheOriginThatSetThemAndToNoOther) {
  set("session=s3cret; Path=/; Domain=.example.org; HttpOnly");
  EXPECT_EQ(at("https://site/x"), "session=s3cret");
  for (const char* other : {"http://site/x", "https://site:444/x", "https://www.site/x",
                            "https://example.org/x", "https://data.example.org/x"})
    EXPECT_EQ(at(other), "") << other;
}

TEST_F(SetCookies, GoToTheirPathAloneWhichIsTheFolderWhereNothingIsSaid) {
  set("here=1");
  set("all=2; path=/");
  set("there=3; PATH=/c");
  EXPECT_EQ(at("https://site/a/x"), "here=1; all=2");
  EXPECT_EQ(at("https://site/c/x"), "there=3; all=2") << "those for a longer path come first";
  EXPECT_EQ(at("https://site/ab"), "all=2");
}

TEST_F(SetCookies, AreReplacedAndTakenBack) {
  set("a=1; Path=/");
  set("a=two words = one value; Path=/");
  EXPECT_EQ(at("https://site/"), "a=two words = one value");
  set("a=; Path=/; Max-Age=0");
  EXPECT_EQ(at("https://site/"), "");
  set("a=1; Path=/; Expires=Sun, 06 Nov 2094 08:49:37 GMT");
  EXPECT_EQ(at("https://site/"), "a=1");
  set("a=1; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Max-Age=60");
  EXPECT_EQ(at("https://site/"), "a=1") << "Max-Age goes before Expires";
  set("a=1; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(at("https://site/"), "");
}

TEST_F(SetCookies, EndWhenTheyShould) {
  set("a=1; Path=/; Max-Age=60");
  set("b=2; Path=/; Max-Age=99999999999999999");
  set("c=3; Path=/");
  EXPECT_EQ(at("https://site/"), "a=1; b=2; c=3");
  now_ += std::chrono::seconds(61);
  EXPECT_EQ(at("https://site/"), "b=2; c=3");
}

TEST_F(SetCookies, ThatAreNoneAreLeftOut) {
  for (const char* text : {"", ";", "=", "=value", "name", "; a=1", "a\tb=1", "caf\xc3\xa9=1"})
    set(std::string(text) + "; Path=/");
  set("a=" + std::string(5000, 'x') + "; Path=/");
  EXPECT_EQ(at("https://site/"), "");
  set("a=1; Path");
  set("b=2; Path=; Max-Age; Expires=never;;;=");
  EXPECT_EQ(at("https://site/a/"), "a=1; b=2") << "what is odd about a cookie is left out";
}

TEST_F(SetCookies, OfAServerWithoutEndAreTheLastFifty) {
  for (int i = 0; i < 1000; ++i) set(fmt::format("n{}=1; Path=/", i));
  EXPECT_TRUE(at("https://site/").starts_with("n950=1; n951=1"));
  EXPECT_TRUE(at("https://site/").ends_with("n999=1"));
}

}  // namespace
}  // namespace rastream
