// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/time_span.h"

#include <gtest/gtest.h>

#include "tests/suites/errors.h"

namespace rastream {
namespace {

TEST(TimeSpan, InstantsOfEveryZoneAreTheSameInstant) {
  const auto noon = parse_instant("2020-01-31T12:00:00Z");
  ASSERT_TRUE(noon);
  for (const char* text :
       {"2020-01-31t12:00:00z", "2020-01-31T13:00:00+01:00", "2020-01-31T06:30:00-05:30",
        "2020-01-31T12:00:00.000Z", "2020-01-31 12:00:00", "2020-01-31T12:00:00"})
    EXPECT_EQ(parse_instant(text), noon) << text;
  EXPECT_EQ(*parse_instant("2020-01-31T12:00:00.5Z"), *noon + kTicksPerSecond / 2);
  EXPECT_EQ(*parse_instant("1969-12-31T23:59:59Z"), -kTicksPerSecond);
}

TEST(TimeSpan, WhatIsNoInstantIsRefused) {
  for (const char* text :
       {"", "2020", "2020-01-31", "2020-02-30T00:00:00Z", "2020-01-31T24:00:00Z",
        "2020-01-31T12:60:00Z", "2020-01-31T12:00Z", "2020-01-31T12:00:00.Z", "20200131T120000Z",
        "2020-01-31T12:00:00+1", "2020-01-31T12:00:00Zz", "-2020-01-31T12:00:00Z"})
    EXPECT_FALSE(parse_instant(text)) << text;
}

TEST(TimeSpan, TextOfAnInstantReadsBackAsIt) {
  for (const char* text : {"2020-02-29T23:59:59Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.9Z",
                           "1969-12-31T23:59:59.0000001Z", "1600-02-29T00:00:00Z"})
    EXPECT_EQ(instant_text(*parse_instant(text)), text);
}

/// What pystac-client sends, form by form.
TEST(TimeCondition, IsSentAsOtherClientsSendIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"2017", "2017-01-01T00:00:00Z/2017-12-31T23:59:59Z"},
      {"2017-06", "2017-06-01T00:00:00Z/2017-06-30T23:59:59Z"},
      {"2016-02", "2016-02-01T00:00:00Z/2016-02-29T23:59:59Z"},
      {"2017-06-10", "2017-06-10T00:00:00Z/2017-06-10T23:59:59Z"},
      {"2017-06-10T12:00:00Z", "2017-06-10T12:00:00Z"},
      {"2017-06-10T12:00:00", "2017-06-10T12:00:00Z"},
      {"2017-06-10T12:00:00+02:00", "2017-06-10T12:00:00+02:00"},
      {"2017/2018", "2017-01-01T00:00:00Z/2018-12-31T23:59:59Z"},
      {"2017-06/2017-07", "2017-06-01T00:00:00Z/2017-07-31T23:59:59Z"},
      {"2017-06-10/2017-06-11", "2017-06-10T00:00:00Z/2017-06-11T23:59:59Z"},
      {"2017/..", "2017-01-01T00:00:00Z/.."},
      {"../2018", "../2018-12-31T23:59:59Z"},
      {"2017/", "2017-01-01T00:00:00Z/.."},
      {"/2018", "../2018-12-31T23:59:59Z"},
  };
  for (const auto& [text, sent] : cases) EXPECT_EQ(parse_time_condition(text).text, sent) << text;
}

TEST(TimeCondition, AYearEndsWithItsLastMoment) {
  const TimeSpan year = parse_time_condition("2017").span;
  EXPECT_TRUE(intersects(year, {*parse_instant("2017-12-31T23:59:59.9Z"), kAfterAll}));
  EXPECT_FALSE(intersects(year, {*parse_instant("2018-01-01T00:00:00Z"), kAfterAll}));
  EXPECT_TRUE(intersects(parse_time_condition("../2018").span, {kBeforeAll, kBeforeAll + 1}));
}

TEST(TimeCondition, WhatIsNoTimeIsRefusedWithWhatIsExpected) {
  for (const char* text : {"", "..", "../..", "/", "2018/2017", "2017/2018/2019", "20", "2017-13",
                           "yesterday", "2017-06-31", "2017-6"})
    expect_refused(Errc::invalid_argument, "datetime '", [&] { parse_time_condition(text); });
}

}  // namespace
}  // namespace rastream
