// SPDX-License-Identifier: Apache-2.0
// Leap-year calendars count days from 1 March of year 0, so that 29 February is a year's last day
// and a month's first day is (153 m + 2) / 5 (Hinnant, "chrono-compatible low-level date
// algorithms"; Richards, Explanatory Supplement to the Astronomical Almanac, section 15.11).
#include "rastream/geo/calendar.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kMaxYear = 200'000;
constexpr std::array<int, 13> kDaysBefore = {0,   0,   31,  59,  90,  120, 151,
                                             181, 212, 243, 273, 304, 334};
constexpr std::int64_t kFirstGregorianDay = -141'427;  // 1582-10-15, in days since 1970-01-01

struct Date {
  std::int64_t year;
  int month;
  int day;
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Day in a year that begins on 1 March.
std::int64_t march_day(int month, int day) { return (153 * ((month + 9) % 12) + 2) / 5 + day - 1; }

Date from_march_day(std::int64_t march_year, std::int64_t day) {
  const std::int64_t m = (5 * day + 2) / 153;
  const int month = static_cast<int>(m < 10 ? m + 3 : m - 9);
  return {march_year + (month <= 2 ? 1 : 0), month, static_cast<int>(day - (153 * m + 2) / 5 + 1)};
}

std::int64_t gregorian_number(const Date& d) {
  const std::int64_t year = d.year - (d.month <= 2 ? 1 : 0);
  const std::int64_t leap_days = floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400);
  return 365 * year + leap_days + march_day(d.month, d.day) - 719'468;
}

Date gregorian_date(std::int64_t n) {
  n += 719'468;
  const std::int64_t era = floor_div(n, 146'097);
  const std::int64_t day_of_era = n - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  return from_march_day(era * 400 + year_of_era, day);
}

/// Counted so that the Julian and the Gregorian number of one physical day are equal.
std::int64_t julian_number(const Date& d) {
  const std::int64_t year = d.year - (d.month <= 2 ? 1 : 0);
  return 365 * year + floor_div(year, 4) + march_day(d.month, d.day) - 719'470;
}

Date julian_date(std::int64_t n) {
  n += 719'470;
  const std::int64_t era = floor_div(n, 1'461);
  const std::int64_t day_of_era = n - era * 1'461;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460) / 365;
  return from_march_day(era * 4 + year_of_era, day_of_era - 365 * year_of_era);
}

/// Calendars whose years all have the same length.
std::int64_t fixed_number(Calendar c, const Date& d) {
  if (c == Calendar::day_360) return 360 * (d.year - 1970) + 30 * (d.month - 1) + d.day - 1;
  const bool has_leap_day = c == Calendar::all_leap;
  const int before =
      kDaysBefore[static_cast<std::size_t>(d.month)] + (has_leap_day && d.month > 2 ? 1 : 0);
  return (has_leap_day ? 366 : 365) * (d.year - 1970) + before + d.day - 1;
}

Date fixed_date(Calendar c, std::int64_t n) {
  const std::int64_t length = c == Calendar::day_360 ? 360 : c == Calendar::all_leap ? 366 : 365;
  const std::int64_t years = floor_div(n, length);
  const int day = static_cast<int>(n - years * length);
  const std::int64_t year = 1970 + years;
  if (c == Calendar::day_360) return {year, day / 30 + 1, day % 30 + 1};
  int month = 12;
  const auto before = [&](int m) {
    return kDaysBefore[static_cast<std::size_t>(m)] + (c == Calendar::all_leap && m > 2 ? 1 : 0);
  };
  while (before(month) > day) --month;
  return {year, month, day - before(month) + 1};
}

bool is_before_reform(const Date& d) {
  return d.year < 1582 || (d.year == 1582 && (d.month < 10 || (d.month == 10 && d.day < 15)));
}

std::int64_t number_of(Calendar c, const Date& d) {
  switch (c) {
    case Calendar::standard: return is_before_reform(d) ? julian_number(d) : gregorian_number(d);
    case Calendar::proleptic_gregorian: return gregorian_number(d);
    case Calendar::julian:
      return julian_number(d) - 13;  // 1970-01-01 of the Julian calendar is 13 days later
    default: return fixed_number(c, d);
  }
}

Date date_of(Calendar c, std::int64_t n) {
  switch (c) {
    case Calendar::standard: return n < kFirstGregorianDay ? julian_date(n) : gregorian_date(n);
    case Calendar::proleptic_gregorian: return gregorian_date(n);
    case Calendar::julian: return julian_date(n + 13);
    default: return fixed_date(c, n);
  }
}

bool is_leap_year(Calendar c, std::int64_t year) {
  const bool is_gregorian =
      c == Calendar::proleptic_gregorian || (c == Calendar::standard && year > 1582);
  if (c == Calendar::noleap) return false;
  if (c == Calendar::all_leap) return true;
  return year % 4 == 0 && (!is_gregorian || year % 100 != 0 || year % 400 == 0);
}

}  // namespace

Calendar parse_calendar(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char ch) { return static_cast<char>(std::tolower(ch)); });
  if (lower.empty() || lower == "standard" || lower == "gregorian") return Calendar::standard;
  if (lower == "proleptic_gregorian") return Calendar::proleptic_gregorian;
  if (lower == "noleap" || lower == "no_leap" || lower == "365_day") return Calendar::noleap;
  if (lower == "all_leap" || lower == "366_day") return Calendar::all_leap;
  if (lower == "360_day") return Calendar::day_360;
  if (lower == "julian") return Calendar::julian;
  throw Error(Errc::unsupported,
              "calendar '{}' is not known: expected standard, proleptic_gregorian, noleap, "
              "all_leap, 360_day "
              "or julian",
              name.substr(0, 60));
}

std::string_view to_string(Calendar calendar) {
  switch (calendar) {
    case Calendar::standard: return "standard";
    case Calendar::proleptic_gregorian: return "proleptic_gregorian";
    case Calendar::noleap: return "noleap";
    case Calendar::all_leap: return "all_leap";
    case Calendar::day_360: return "360_day";
    case Calendar::julian: break;
  }
  return "julian";
}

std::string to_iso(const DateTime& t) {
  std::string text =
      fmt::format("{}{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.year < 0 ? "-" : "",
                  t.year < 0 ? -t.year : t.year, t.month, t.day, t.hour, t.minute, t.second);
  if (t.microsecond != 0) text += fmt::format(".{:06}", t.microsecond);
  return text;
}

int days_in_month(Calendar calendar, std::int64_t year, int month) {
  if (calendar == Calendar::day_360) return 30;
  if (month == 2) return is_leap_year(calendar, year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

int day_of_year(Calendar calendar, const DateTime& t) {
  int day = t.day;
  for (int month = 1; month < t.month; ++month) day += days_in_month(calendar, t.year, month);
  return day;
}

void check_date_time(Calendar calendar, const DateTime& t) {
  const bool is_date = t.year >= -kMaxYear && t.year <= kMaxYear && t.month >= 1 && t.month <= 12 &&
                       t.day >= 1 && t.day <= days_in_month(calendar, t.year, t.month);
  const bool is_skipped =
      calendar == Calendar::standard && t.year == 1582 && t.month == 10 && t.day > 4 && t.day < 15;
  const bool is_time = t.hour >= 0 && t.hour < 24 && t.minute >= 0 && t.minute < 60 &&
                       t.second >= 0 && t.second < 60 && t.microsecond >= 0 &&
                       t.microsecond < 1'000'000;
  if (!is_date || is_skipped || !is_time) {
    throw Error(Errc::invalid_argument, "{} is not a date of the {} calendar", to_iso(t),
                to_string(calendar));
  }
}

std::int64_t day_number(Calendar calendar, const DateTime& t) {
  return number_of(calendar, {t.year, t.month, t.day});
}

std::int64_t to_microseconds(Calendar calendar, const DateTime& t) {
  const std::int64_t seconds = t.hour * 3600 + t.minute * 60 + t.second;
  return day_number(calendar, t) * kDayUs + seconds * 1'000'000 + t.microsecond;
}

DateTime from_microseconds(Calendar calendar, std::int64_t microseconds) {
  const std::int64_t days = floor_div(microseconds, kDayUs);
  const std::int64_t rest = microseconds - days * kDayUs;
  const Date d = date_of(calendar, days);
  const int seconds = static_cast<int>(rest / 1'000'000);
  return {d.year,
          d.month,
          d.day,
          seconds / 3600,
          seconds / 60 % 60,
          seconds % 60,
          static_cast<int>(rest % 1'000'000)};
}

}  // namespace rastream
