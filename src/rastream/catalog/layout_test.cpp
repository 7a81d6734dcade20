// SPDX-License-Identifier: Apache-2.0
// Places of documents: names from ids, folders from templates, hrefs from places.
#include "rastream/catalog/layout.h"

#include <gtest/gtest.h>

#include "rastream/base/error.h"
#include "rastream/catalog/document.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/layout_template.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

Item item_with(const std::string& properties) {
  return std::get<Item>(parse_document(
      JsonText(
          R"({"type":"Feature","stac_version":"1.1.0","id":"i","collection":"c","properties":)" +
          properties + R"(,"links":[],"assets":{},"top":{"level":7}})"),
      "i.json"));
}

TEST(LayoutTemplates, TakeDatesPropertiesAndDefaults) {
  const Item item = item_with(
      R"({"datetime":null,"start_datetime":"2020-01-09T23:00:00+02:00","landsat:path":12,"f":1.5,"yes":true,"no":null,"a":{"b":"deep"},"list":[1]})");
  const auto made = [&](const std::string& layout) {
    return LayoutTemplate(layout).substitute(item);
  };
  EXPECT_EQ(made("${year}/${month}/${day}/${date}"), "2020/1/9/2020-01-09");
  EXPECT_EQ(made("${collection}-${id}"), "c-i");
  EXPECT_EQ(made("p${landsat:path}/${a.b}/${f}${yes}${no}"), "p12/deep/1.5TrueNone");
  EXPECT_EQ(made("${properties.f}${common_metadata.f}${top.level}${extra_fields.top.level}"),
            "1.51.577");
  EXPECT_EQ(made("plain $ {x}"), "plain $ {x}");
  EXPECT_EQ(LayoutTemplate("${gone}", {{"gone", "d"}}).substitute(item), "d");
  for (const char* bad : {"${gone}", "${list}", "${a.c}"})
    EXPECT_EQ(error_of([&] { made(bad); }).code(), Errc::invalid_argument) << bad;
  for (const char* bad : {"${", "${}", "x${year"})
    EXPECT_EQ(error_of([&] { LayoutTemplate{bad}; }).code(), Errc::invalid_argument) << bad;
  const Item timeless = item_with("{}");
  EXPECT_EQ(error_of([&] {
              LayoutTemplate("${year}", {{"year", "0"}}).substitute(timeless);
            }).code(),
            Errc::invalid_argument);
}

TEST(NameOfId, KeepsWhatIsSafeAndChangesWhatIsNot) {
  EXPECT_EQ(name_of_id("na-1980"), "na-1980");
  EXPECT_EQ(name_of_id("S2A_31TFJ 2020:05"), "S2A_31TFJ 2020:05");
  EXPECT_EQ(name_of_id("a/../b"), "a_.._b");
  EXPECT_EQ(name_of_id(""), "_");
  EXPECT_EQ(name_of_id("."), "_");
  EXPECT_EQ(name_of_id(".."), "._");
  EXPECT_EQ(name_of_id("Nul.json"), "Nul.json_");
  EXPECT_EQ(name_of_id(std::string(199, 'a') + "\xC3\xA9"), std::string(199, 'a'));
}

TEST(Location, UrlsFollowRfc3986AndPathsTheirOwnRules) {
  EXPECT_EQ(resolve_location("../b/c.json", "https://h/a/x/d.json"), "https://h/a/b/c.json");
  EXPECT_EQ(resolve_location("/c.json", "https://h/a/d.json"), "https://h/c.json");
  EXPECT_EQ(resolve_location("https://other/c.json", "/a/b.json"), "https://other/c.json");
  EXPECT_EQ(resolve_location("c.json", "/a/b.json"), "/a/c.json");
  EXPECT_EQ(error_of([] { resolve_location("file:///etc/passwd", "https://h/a"); }).code(),
            Errc::permission_denied);
  EXPECT_EQ(error_of([] { resolve_location("s3://b/k", "https://h/a"); }).code(),
            Errc::permission_denied);
  EXPECT_EQ(resolve_location("../k", "s3://b/a/c.json"), "s3://b/k");
  EXPECT_EQ(relative_location("https://h/a/b/c.json", "https://h/a/d.json"), "./b/c.json");
  EXPECT_EQ(relative_location("https://h/a/b", "http://h/a/d.json"), "https://h/a/b");
  EXPECT_EQ(relative_location("/a/b", "https://h/a/d.json"), "/a/b");
  EXPECT_EQ(absolute_href("s3://b/k", "/a/b.json"), "s3://b/k");
}

}  // namespace
}  // namespace rastream
