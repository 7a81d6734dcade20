// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/webdav/multistatus.h"

#include <gtest/gtest.h>

#include "tests/suites/errors.h"

namespace rastream {
namespace {

const Url kFolder = parse_url("https://host:2880/data/daymet/");

std::string response(const std::string& href, const std::string& properties = "") {
  return "<d:response><d:href>" + href + "</d:href><d:propstat><d:prop>" + properties +
         "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>";
}

std::string multistatus(const std::string& responses) {
  return "<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\">" +
         response("/data/daymet/", "<d:resourcetype><d:collection/></d:resourcetype>") + responses +
         "</d:multistatus>";
}

std::vector<FileInfo> parsed(const std::string& responses) {
  return parse_multistatus(multistatus(responses), kFolder);
}

void expect_untrusted(const std::string& word, const std::string& xml) {
  expect_refused(Errc::data_loss, word, [&] { parse_multistatus(xml, kFolder); });
}

TEST(Multistatus, GivesNamesSizesTimesAndWhatDCacheAdds) {
  const auto found = parsed(response(
      "/data/daymet/a%20b.nc",
      "<d:resourcetype/><d:getcontentlength>12</d:getcontentlength><d:getetag>\"x_1\"</d:getetag>"
      "<d:getlastmodified>Thu, 04 May 2023 22:47:35 GMT</d:getlastmodified>"
      "<d:creationdate>2023-05-04T22:47:35.736Z</d:creationdate>"
      "<c:Checksums xmlns:c=\"http://www.dcache.org/2013/webdav\">unknown=xyz==,adler32=1c49043e"
      "</c:Checksums><FileLocality xmlns=\"http://srm.lbl.gov/StorageResourceManager\">NEARLINE"
      "</FileLocality>"));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].path, "");
  EXPECT_TRUE(found[0].is_folder);
  EXPECT_EQ(found[1].path, "a b.nc");
  EXPECT_FALSE(found[1].is_folder);
  EXPECT_EQ(found[1].size_bytes, 12);
  EXPECT_EQ(found[1].etag, "\"x_1\"");
  EXPECT_EQ(found[1].modified_ms, 1683240455000);
  EXPECT_EQ(found[1].created_ms, 1683240455736);
  ASSERT_EQ(found[1].digests.size(), 1u);
  EXPECT_EQ(to_string(found[1].digests[0]), "adler32:1c49043e");
  EXPECT_EQ(found[1].locality, Locality::nearline);
}

TEST(Multistatus, TakesHrefsHoweverServersWriteThem) {
  for (const char* href : {"/data/daymet/x", "/data/daymet/x/", "https://host:2880/data/daymet/x",
                           "http://host/data/daymet/x", "x", "./x", "/data/%64aymet/%78",
                           "/data/other/../daymet/x", "//host:2880/data/daymet/x"}) {
    const auto found = parsed(response(href));
    ASSERT_EQ(found.size(), 2u) << href;
    EXPECT_EQ(found[1].path, "x") << href;
  }
}

TEST(Multistatus, RefusesHrefsThatLeadElsewhere) {
  for (const char* href :
       {"/etc/passwd", "../secret", "../../x", "/data/daymet/../x", "/data/daymet2/x",
        "/data/daymet/a/b", "https://evil.example/data/daymet/x", "//evil.example/data/daymet/x",
        "https://host.evil/data/daymet/x", "/data/daymet/%2e%2e", "/data/daymet/%2e%2e%2fx",
        "/data/daymet/..%2Fx", "/data/daymet/a%2Fb", "/data/daymet/x%00y", "/data/daymet/%zz",
        "file:///data/daymet/x", "/data", "/"}) {
    expect_refused(Errc::data_loss, "not to be trusted", [&] { parsed(response(href)); });
  }
}

TEST(Multistatus, RefusesANameThatComesTwice) {
  expect_untrusted("twice", multistatus(response("/data/daymet/x") + response("/data/daymet/%78")));
  expect_untrusted("twice", multistatus(response("/data/daymet/x") + response("x/")));
  expect_untrusted("twice", multistatus(response("/data/daymet")));
}

TEST(Multistatus, RefusesWhatIsNoMultistatus) {
  expect_untrusted("", "");
  expect_untrusted("", "not xml");
  expect_untrusted("no multistatus", "<html><body>Login</body></html>");
  expect_untrusted("no multistatus", "<d:multistatus xmlns:d=\"OTHER:\"/>");
  expect_untrusted("resource itself", "<multistatus xmlns=\"DAV:\"/>");
  expect_untrusted("without href",
                   "<multistatus xmlns=\"DAV:\"><response></response></multistatus>");
}

TEST(Multistatus, RefusesATextThatBreaksOffAnywhere) {
  const std::string xml =
      multistatus(response("/data/daymet/x", "<d:getcontentlength>12</d:getcontentlength>"));
  for (std::size_t n = 0; n < xml.size(); ++n) expect_untrusted("", xml.substr(0, n));
}

TEST(Multistatus, RefusesLengthsThatAreNone) {
  for (const char* length : {"-1", "1e3", "12x", "99999999999999999999", "0x10"}) {
    expect_untrusted("length",
                     multistatus(response("x", "<d:getcontentlength>" + std::string(length) +
                                                   "</d:getcontentlength>")));
  }
}

TEST(Multistatus, RefusesDocumentTypesWhereBombsAndForeignFilesHide) {
  const std::string body = "<d:multistatus xmlns:d=\"DAV:\"/>";
  expect_untrusted(
      "document type",
      "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" + body);
  expect_untrusted("document type",
                   "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>" + body);
}

TEST(Multistatus, BearsAnyDepthAndBoundsTheNumberOfTags) {
  const int deep = 500'000;
  std::string nested;
  for (int i = 0; i < deep; ++i) nested += "<a>";
  std::string closing;
  for (int i = 0; i < deep; ++i) closing += "</a>";
  EXPECT_EQ(parsed(response("x", nested + closing)).size(), 2u);
  std::string many;
  for (int i = 0; i < 4'100'000; ++i) many += "<a/>";
  expect_untrusted("too many tags", multistatus(many));
}

TEST(Multistatus, PropertiesThatTheServerDoesNotHaveAreNotTaken) {
  const auto found = parse_multistatus(
      "<multistatus xmlns=\"DAV:\"><response><href>/data/daymet</href><propstat><prop>"
      "<getcontentlength>7</getcontentlength></prop><status>HTTP/1.1 404 Not Found</status>"
      "</propstat></response></multistatus>",
      kFolder);
  EXPECT_EQ(found.front().size_bytes, 0);
}

}  // namespace
}  // namespace rastream
