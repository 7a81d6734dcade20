// SPDX-License-Identifier: Apache-2.0
// Expected dates are cftime 1.6's for the same numbers, units and calendars.
#include "rastream/geo/calendar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

#include "rastream/base/error.h"
#include "rastream/geo/time_units.h"

namespace rastream {
namespace {

constexpr Calendar kAll[] = {Calendar::standard, Calendar::proleptic_gregorian,
                             Calendar::noleap,   Calendar::all_leap,
                             Calendar::day_360,  Calendar::julian};

struct Row {
  const char* calendar;
  const char* units;
  double value;
  const char* iso;
  int day_of_year;
};

// clang-format off
constexpr Row kRows[] = {
    {"standard", "days since 1950-01-01 00:00:00", 10957.5, "1980-01-01T12:00:00", 1},
    {"standard", "hours since 1900-1-1", 1000000.25, "2014-01-29T16:15:00", 29},
    {"standard", "days since 1-1-1", 500000.0, "1369-12-05T00:00:00", 339},
    {"standard", "days since 1582-10-01", 10.0, "1582-10-21T00:00:00", 294},
    {"standard", "seconds since 1970-01-01T00:00:00Z", 951782400.5, "2000-02-29T00:00:00.500000", 60},
    {"standard", "days since 2000-02-28 12:00:00 +01:00", 1.75, "2000-03-01T05:00:00", 61},
    {"standard", "minutes since 1600-01-01 00:00:00 -06:00", -10000000.0, "1580-12-16T19:20:00", 351},
    {"standard", "days since 1900-3-1", -1.0, "1900-02-28T00:00:00", 59},
    {"standard", "weeks since 1999-12-25 06:30", 1.0, "2000-01-01T06:30:00", 1},
    {"standard", "milliseconds since 1970-1-1", 1.0, "1970-01-01T00:00:00.001000", 1},
    {"standard", "msec since 2100-02-28 23:59:59.5", 86400750.0, "2100-03-02T00:00:00.250000", 61},
    {"proleptic_gregorian", "days since 1950-01-01 00:00:00", 10957.5, "1980-01-01T12:00:00", 1},
    {"proleptic_gregorian", "hours since 1900-1-1", 1000000.25, "2014-01-29T16:15:00", 29},
    {"proleptic_gregorian", "days since 1-1-1", 500000.0, "1369-12-15T00:00:00", 349},
    {"proleptic_gregorian", "days since 1582-10-01", 10.0, "1582-10-11T00:00:00", 284},
    {"proleptic_gregorian", "seconds since 1970-01-01T00:00:00Z", 951782400.5, "2000-02-29T00:00:00.500000", 60},
    {"proleptic_gregorian", "days since 2000-02-28 12:00:00 +01:00", 1.75, "2000-03-01T05:00:00", 61},
    {"proleptic_gregorian", "minutes since 1600-01-01 00:00:00 -06:00", -10000000.0, "1580-12-26T19:20:00", 361},
    {"proleptic_gregorian", "days since 1900-3-1", -1.0, "1900-02-28T00:00:00", 59},
    {"proleptic_gregorian", "weeks since 1999-12-25 06:30", 1.0, "2000-01-01T06:30:00", 1},
    {"proleptic_gregorian", "milliseconds since 1970-1-1", 1.0, "1970-01-01T00:00:00.001000", 1},
    {"proleptic_gregorian", "msec since 2100-02-28 23:59:59.5", 86400750.0, "2100-03-02T00:00:00.250000", 61},
    {"noleap", "days since 1950-01-01 00:00:00", 10957.5, "1980-01-08T12:00:00", 8},
    {"noleap", "hours since 1900-1-1", 1000000.25, "2014-02-26T16:15:00", 57},
    {"noleap", "days since 1-1-1", 500000.0, "1370-11-12T00:00:00", 316},
    {"noleap", "days since 1582-10-01", 10.0, "1582-10-11T00:00:00", 284},
    {"noleap", "seconds since 1970-01-01T00:00:00Z", 951782400.5, "2000-03-08T00:00:00.500000", 67},
    {"noleap", "days since 2000-02-28 12:00:00 +01:00", 1.75, "2000-03-02T05:00:00", 61},
    {"noleap", "minutes since 1600-01-01 00:00:00 -06:00", -10000000.0, "1580-12-22T19:20:00", 356},
    {"noleap", "days since 1900-3-1", -1.0, "1900-02-28T00:00:00", 59},
    {"noleap", "weeks since 1999-12-25 06:30", 1.0, "2000-01-01T06:30:00", 1},
    {"noleap", "milliseconds since 1970-1-1", 1.0, "1970-01-01T00:00:00.001000", 1},
    {"noleap", "msec since 2100-02-28 23:59:59.5", 86400750.0, "2100-03-02T00:00:00.250000", 61},
    {"all_leap", "days since 1950-01-01 00:00:00", 10957.5, "1979-12-09T12:00:00", 344},
    {"all_leap", "hours since 1900-1-1", 1000000.25, "2013-11-04T16:15:00", 309},
    {"all_leap", "days since 1-1-1", 500000.0, "1367-02-14T00:00:00", 45},
    {"all_leap", "days since 1582-10-01", 10.0, "1582-10-11T00:00:00", 285},
    {"all_leap", "seconds since 1970-01-01T00:00:00Z", 951782400.5, "2000-02-06T00:00:00.500000", 37},
    {"all_leap", "days since 2000-02-28 12:00:00 +01:00", 1.75, "2000-03-01T05:00:00", 61},
    {"all_leap", "minutes since 1600-01-01 00:00:00 -06:00", -10000000.0, "1581-01-10T19:20:00", 10},
    {"all_leap", "days since 1900-3-1", -1.0, "1900-02-29T00:00:00", 60},
    {"all_leap", "weeks since 1999-12-25 06:30", 1.0, "2000-01-01T06:30:00", 1},
    {"all_leap", "milliseconds since 1970-1-1", 1.0, "1970-01-01T00:00:00.001000", 1},
    {"all_leap", "msec since 2100-02-28 23:59:59.5", 86400750.0, "2100-03-01T00:00:00.250000", 61},
    {"360_day", "days since 1950-01-01 00:00:00", 10957.5, "1980-06-08T12:00:00", 158},
    {"360_day", "hours since 1900-1-1", 1000000.25, "2015-09-27T16:15:00", 267},
    {"360_day", "days since 1-1-1", 500000.0, "1389-11-21T00:00:00", 321},
    {"360_day", "days since 1582-10-01", 10.0, "1582-10-11T00:00:00", 281},
    {"360_day", "seconds since 1970-01-01T00:00:00Z", 951782400.5, "2000-08-07T00:00:00.500000", 217},
    {"360_day", "days since 2000-02-28 12:00:00 +01:00", 1.75, "2000-02-30T05:00:00", 60},
    {"360_day", "minutes since 1600-01-01 00:00:00 -06:00", -10000000.0, "1580-09-16T19:20:00", 256},
    {"360_day", "days since 1900-3-1", -1.0, "1900-02-30T00:00:00", 60},
    {"360_day", "weeks since 1999-12-25 06:30", 1.0, "2000-01-02T06:30:00", 2},
    {"360_day", "milliseconds since 1970-1-1", 1.0, "1970-01-01T00:00:00.001000", 1},
    {"360_day", "msec since 2100-02-28 23:59:59.5", 86400750.0, "2100-02-30T00:00:00.250000", 60},
    {"julian", "days since 1950-01-01 00:00:00", 10957.5, "1980-01-01T12:00:00", 1},
    {"julian", "hours since 1900-1-1", 1000000.25, "2014-01-28T16:15:00", 28},
    {"julian", "days since 1-1-1", 500000.0, "1369-12-05T00:00:00", 339},
    {"julian", "days since 1582-10-01", 10.0, "1582-10-11T00:00:00", 284},
    {"julian", "seconds since 1970-01-01T00:00:00Z", 951782400.5, "2000-02-29T00:00:00.500000", 60},
    {"julian", "days since 2000-02-28 12:00:00 +01:00", 1.75, "2000-03-01T05:00:00", 61},
    {"julian", "minutes since 1600-01-01 00:00:00 -06:00", -10000000.0, "1580-12-26T19:20:00", 361},
    {"julian", "days since 1900-3-1", -1.0, "1900-02-29T00:00:00", 60},
    {"julian", "weeks since 1999-12-25 06:30", 1.0, "2000-01-01T06:30:00", 1},
    {"julian", "milliseconds since 1970-1-1", 1.0, "1970-01-01T00:00:00.001000", 1},
    {"julian", "msec since 2100-02-28 23:59:59.5", 86400750.0, "2100-03-01T00:00:00.250000", 61},
};
// clang-format on

TEST(TimeUnits, NumbersAreTheDatesOfCftimeAndBack) {
  for (const Row& row : kRows) {
    const TimeUnits units = TimeUnits::parse(row.units, row.calendar);
    const DateTime t = units.decode(row.value);
    EXPECT_EQ(to_iso(t), row.iso) << row.calendar << ' ' << row.units;
    EXPECT_EQ(day_of_year(units.calendar(), t), row.day_of_year) << row.calendar << ' ' << row.iso;
    EXPECT_EQ(units.encode(t), row.value) << row.calendar << ' ' << row.units;
  }
}

TEST(TimeUnits, OfAVariableAreNothingWhereItHoldsNoTimes) {
  Attributes attributes;
  EXPECT_FALSE(TimeUnits::of(attributes));
  attributes.set("units", "degrees C");
  EXPECT_FALSE(TimeUnits::of(attributes));
  attributes.set("units", "days since 2001-01-01");
  EXPECT_EQ(TimeUnits::of(attributes)->calendar(), Calendar::standard);
  attributes.set("calendar", "noleap");
  EXPECT_EQ(TimeUnits::of(attributes)->calendar(), Calendar::noleap);
  attributes.set("calendar", "mayan");
  EXPECT_THROW(TimeUnits::of(attributes), Error);
}

TEST(TimeUnits, NoonStampsInFloat32AreExact) {
  const TimeUnits units = TimeUnits::parse("days since 1950-01-01 00:00:00", "standard");
  for (int year = 1980; year <= 2023; ++year) {
    const double first = units.encode({year, 1, 1, 12});
    for (int day = 0; day < 365; ++day) {
      const auto stored = static_cast<float>(first + day);
      const DateTime t = units.decode(stored);
      EXPECT_EQ(t.hour, 12);
      EXPECT_EQ(day_of_year(Calendar::standard, t), day + 1);
      EXPECT_EQ(static_cast<float>(units.encode(t)), stored);
    }
  }
  EXPECT_EQ(to_iso(units.decode(11321.5F)), "1980-12-30T12:00:00");
}

TEST(Calendar, EveryDayFollowsTheOneBeforeInEveryCalendar) {
  for (const Calendar c : kAll) {
    DateTime before = from_microseconds(c, -800'000 * 86'400'000'000);
    for (std::int64_t n = -799'999; n < 100'000; ++n) {
      const DateTime t = from_microseconds(c, n * 86'400'000'000);
      ASSERT_LT(before, t);
      ASSERT_EQ(day_number(c, t), n) << to_string(c) << ' ' << to_iso(t);
      if (t.day == 1) {
        ASSERT_EQ(before.day, days_in_month(c, before.year, before.month)) << to_iso(t);
      }
      before = t;
    }
  }
}

TEST(Calendar, NumbersOfTheGregorianDaysAreThoseOfNumpy) {
  EXPECT_EQ(day_number(Calendar::standard, {1970, 1, 1}), 0);
  EXPECT_EQ(day_number(Calendar::standard, {2000, 3, 1}), 11017);
  EXPECT_EQ(day_number(Calendar::proleptic_gregorian, {1, 1, 1}), -719162);
  EXPECT_EQ(to_microseconds(Calendar::standard, {2000, 3, 1, 0, 0, 1, 5}), 951868801000005);
}

TEST(Calendar, TheStandardCalendarHasNoFifthToFourteenthOfOctober1582) {
  EXPECT_EQ(day_number(Calendar::standard, {1582, 10, 15}) -
                day_number(Calendar::standard, {1582, 10, 4}),
            1);
  EXPECT_THROW(check_date_time(Calendar::standard, {1582, 10, 5}), Error);
  EXPECT_THROW(check_date_time(Calendar::standard, {1582, 10, 14}), Error);
  EXPECT_NO_THROW(check_date_time(Calendar::proleptic_gregorian, {1582, 10, 10}));
  EXPECT_NO_THROW(check_date_time(Calendar::julian, {1582, 10, 10}));
}

TEST(Calendar, ADateThatACalendarLacksIsRefusedByName) {
  EXPECT_NO_THROW(check_date_time(Calendar::day_360, {2001, 2, 30}));
  EXPECT_NO_THROW(check_date_time(Calendar::all_leap, {2001, 2, 29}));
  EXPECT_NO_THROW(check_date_time(Calendar::julian, {1900, 2, 29}));
  const std::pair<Calendar, DateTime> bad[] = {
      {Calendar::noleap, {2000, 2, 29}},       {Calendar::day_360, {2000, 1, 31}},
      {Calendar::standard, {1900, 2, 29}},     {Calendar::standard, {2000, 13, 1}},
      {Calendar::standard, {2000, 0, 1}},      {Calendar::standard, {2000, 1, 0}},
      {Calendar::standard, {2000, 1, 1, 24}},  {Calendar::standard, {2000, 1, 1, 0, 60}},
      {Calendar::standard, {900000000, 1, 1}},
  };
  for (const auto& [calendar, t] : bad) {
    try {
      check_date_time(calendar, t);
      ADD_FAILURE() << to_iso(t);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument);
      EXPECT_NE(e.message().find(to_string(calendar)), std::string::npos);
    }
  }
}

TEST(Calendar, NamesAndSynonymsAreRead) {
  for (const Calendar c : kAll) EXPECT_EQ(parse_calendar(to_string(c)), c);
  EXPECT_EQ(parse_calendar("Gregorian"), Calendar::standard);
  EXPECT_EQ(parse_calendar(""), Calendar::standard);
  EXPECT_EQ(parse_calendar("365_day"), Calendar::noleap);
  EXPECT_EQ(parse_calendar("366_DAY"), Calendar::all_leap);
  EXPECT_THROW(parse_calendar("mayan"), Error);
}

TEST(TimeUnits, ManyWaysToWriteTheSameOrigin) {
  const TimeUnits expected = TimeUnits::parse("hours since 2000-06-15 12:00:00");
  for (const char* units :
       {"hours since 2000-6-15 12:00", "HOURS Since 2000-06-15T12:00:00",
        "h since 2000-06-15T12:00:00Z", "hr since 2000-06-15 12:00:00.000 UTC",
        "hours since 2000-06-15 14:00:00 +02:00", "hours since 2000-06-15 14:00 +2",
        "hours since 2000-06-15 14:00 +0200", "  hours  since  2000-06-15 12 "}) {
    EXPECT_EQ(expected.encode_microseconds(0), TimeUnits::parse(units).encode_microseconds(0))
        << units;
  }
  EXPECT_EQ(TimeUnits::parse("days since 2000").decode_microseconds(0), 946684800000000);
}

TEST(TimeUnits, TextThatIsNotATimeUnitIsDataLoss) {
  for (const char* bad :
       {"", "days", "metres", "days since", "days since yesterday", "days since 2000-13-01",
        "days since 2000-02-30", "furlongs since 2000-01-01", "days since 2000-01-01 25:00",
        "days since 2000-01-01 00:00:00 CEST", "days since 2000-01-01 00:00 +99",
        " since 2000-01-01", "days since 99999999999999-01-01",
        "days since 2000-01-01 0:0:0 junk"}) {
    try {
      TimeUnits::parse(bad);
      ADD_FAILURE() << bad;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::data_loss) << bad;
    }
  }
  EXPECT_FALSE(TimeUnits::looks_like("degrees C"));
  EXPECT_TRUE(TimeUnits::looks_like("days Since 2000-01-01"));
}

TEST(TimeUnits, MonthsHaveALengthOnlyInThe360DayCalendar) {
  EXPECT_EQ(to_iso(TimeUnits::parse("months since 2000-01-01", "360_day").decode(14)),
            "2001-03-01T00:00:00");
  for (const char* units : {"months since 2000-01-01", "years since 2000-01-01"}) {
    try {
      TimeUnits::parse(units);
      ADD_FAILURE() << units;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::unsupported);
    }
  }
}

TEST(TimeUnits, AnAbsurdValueIsDataLoss) {
  const TimeUnits units = TimeUnits::parse("days since 1950-01-01");
  for (const double bad :
       {static_cast<double>(NAN), static_cast<double>(INFINITY), 1e300, -1e12, 9.96921e36}) {
    EXPECT_THROW(units.decode(bad), Error) << bad;
  }
  EXPECT_THROW(TimeUnits::parse("days since 199999-01-01").decode(3e7 + 1e7), Error);
}

TEST(PartialDate, APartOfADateIsTheSpanThatItNames) {
  const Calendar c = Calendar::standard;
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"1980", "1980-01-01T00:00:00", "1981-01-01T00:00:00"},
      {"1980-05", "1980-05-01T00:00:00", "1980-06-01T00:00:00"},
      {"1980-12", "1980-12-01T00:00:00", "1981-01-01T00:00:00"},
      {"1980-02-29", "1980-02-29T00:00:00", "1980-03-01T00:00:00"},
      {"1582-10-04", "1582-10-04T00:00:00", "1582-10-15T00:00:00"},
      {"1980-12-31T23", "1980-12-31T23:00:00", "1981-01-01T00:00:00"},
      {"1980-05-03 12:59", "1980-05-03T12:59:00", "1980-05-03T13:00:00"},
      {"1980-05-03T12:30:59", "1980-05-03T12:30:59", "1980-05-03T12:31:00"},
      {"1980-05-03T12:30:59.5", "1980-05-03T12:30:59.500000", "1980-05-03T12:30:59.500001"},
  };
  for (const auto& [text, begin, end] : cases) {
    const TimeRange r = parse_partial_date(text, c);
    EXPECT_EQ(to_iso(r.begin), begin) << text;
    EXPECT_EQ(to_iso(r.end), end) << text;
  }
  EXPECT_EQ(to_iso(parse_partial_date("1980-02-30", Calendar::day_360).end), "1980-03-01T00:00:00");
  EXPECT_EQ(to_iso(parse_partial_date("1980-02-28", Calendar::noleap).end), "1980-03-01T00:00:00");
}

TEST(PartialDate, TextThatIsNoDateIsRefusedAndShown) {
  for (const char* bad :
       {"", "May", "1980-", "1980-5-", "1980-13", "1980-02-30", "1980-05T12", "1980-05-03T",
        "1980-05-03T12:", "19800503123", "1980-05-03T12:30+01:00"}) {
    try {
      parse_partial_date(bad, Calendar::standard);
      ADD_FAILURE() << bad;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument) << bad;
    }
  }
  EXPECT_EQ(to_iso(parse_date_time("2020-01-01T01:30:00.25+02:00", Calendar::standard)),
            "2019-12-31T23:30:00.250000");
}

/// The dates that ncdump -t printed for a variable "time" counted in whole days from 0.
std::vector<std::string> dumped_days(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const std::string data = all.substr(std::min(all.size(), all.find("data:")));
  const std::regex date("\"([-0-9 :T]+)\"");
  std::vector<std::string> out;
  for (std::sregex_iterator i(data.begin(), data.end(), date), end; i != end; ++i)
    out.push_back((*i)[1]);
  return out;
}

TEST(TimeUnits, LongDumpsOfNcdumpAreReproduced) {
  const std::string folder = "../shared/data/netcdf/netcdf-c/ncdump/";
  if (!std::ifstream(folder + "ref_test_360_day_1900.cdl")) GTEST_SKIP() << folder << " is absent";
  for (const char* calendar : {"360_day", "365_day"}) {
    const auto dates = dumped_days(folder + "ref_test_" + calendar + "_1900.cdl");
    EXPECT_GT(dates.size(), 2000U);
    const TimeUnits units = TimeUnits::parse("days since 1900-1-1", calendar);
    for (std::size_t i = 0; i < dates.size(); ++i) {
      EXPECT_EQ(to_iso(units.decode(static_cast<double>(i))).substr(0, 10), dates[i]);
    }
  }
}

}  // namespace
}  // namespace rastream
