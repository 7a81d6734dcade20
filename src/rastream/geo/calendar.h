// SPDX-License-Identifier: Apache-2.0
// The six calendars of CF (CF 1.11, section 4.4.1) and civil date-times in them. Pure values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace rastream {

enum class Calendar {
  standard,             ///< Julian to 4 October 1582, Gregorian from the next day, 15 October
  proleptic_gregorian,  ///< Gregorian at all times
  noleap,               ///< 365 days in each year
  all_leap,             ///< 366 days in each year
  day_360,              ///< 12 months of 30 days
  julian,               ///< a leap year every four years
};

/// From CF's names, synonyms included ("gregorian", "365_day", ...), in any case; "" is standard.
/// Throws unsupported, naming those that are known.
Calendar parse_calendar(std::string_view name);
/// "standard", "360_day", ...
std::string_view to_string(Calendar calendar);

/// A civil date and time. Years are astronomical: there is a year 0. Which calendar it is in, its
/// owner knows.
struct DateTime {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  friend auto operator<=>(const DateTime&, const DateTime&) = default;
};

/// "1980-01-01T12:00:00", with six digits of fraction where that is not zero.
std::string to_iso(const DateTime& t);

/// REQUIRES: 1 <= month <= 12.
int days_in_month(Calendar calendar, std::int64_t year, int month);
/// 1 for 1 January. The ten days that standard left out in October 1582 are counted, as cftime
/// does.
int day_of_year(Calendar calendar, const DateTime& t);

/// Throws invalid_argument for a date-time that the calendar does not have, such as 31 February,
/// the standard calendar's 10 October 1582, or a year beyond +-200000.
void check_date_time(Calendar calendar, const DateTime& t);

/// Days since 1970-01-01 of the same calendar. For standard and proleptic_gregorian that is NumPy's
/// datetime64 day for dates after 1582. REQUIRES: a date that check_date_time accepts.
std::int64_t day_number(Calendar calendar, const DateTime& t);
/// Microseconds since 1970-01-01T00:00:00 of the same calendar. REQUIRES as above.
std::int64_t to_microseconds(Calendar calendar, const DateTime& t);
/// The inverse of to_microseconds, for any number.
DateTime from_microseconds(Calendar calendar, std::int64_t microseconds);

}  // namespace rastream
