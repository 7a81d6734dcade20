// SPDX-License-Identifier: Apache-2.0
// CF time coordinates: "days since 1950-01-01 00:00:00" in a calendar, numbers to dates and back;
// and partial dates such as "1980-05" as ranges of time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rastream/array/attributes.h"
#include "rastream/geo/calendar.h"

namespace rastream {

/// How numbers mean times. Immutable value.
class TimeUnits {
 public:
  /// Parses `units` (CF 1.11, section 4.4): microseconds, milliseconds, seconds, minutes, hours,
  /// days or weeks, with UDUNITS' short names, "since" a date, time and zone ("UTC", "Z", "+01:00",
  /// "-6"). Months are read only in the 360_day calendar, where they have a fixed length. Throws
  /// data_loss for text that is no time unit, unsupported for an unknown calendar and for months
  /// and years.
  static TimeUnits parse(std::string_view units, std::string_view calendar = "standard");
  /// True when `units` has the form "... since ...", so that a variable holds times.
  static bool looks_like(std::string_view units);

  /// Of a variable with the attributes `units` and `calendar`, "standard" where that is left out;
  /// nothing when it holds no times. Throws as parse().
  static std::optional<TimeUnits> of(const Attributes& attributes);

  Calendar calendar() const { return calendar_; }
  /// Microseconds since 1970-01-01T00:00:00 UTC of the calendar, rounded to the nearest one; exact
  /// for whole and half days. Throws data_loss for a value that is not finite or beyond +-200000
  /// years.
  std::int64_t decode_microseconds(double value) const;
  DateTime decode(double value) const {
    return from_microseconds(calendar_, decode_microseconds(value));
  }
  /// The inverse of decode. Throws invalid_argument for a date that the calendar does not have.
  double encode(const DateTime& t) const;
  double encode_microseconds(std::int64_t microseconds) const;

 private:
  Calendar calendar_ = Calendar::standard;
  std::int64_t unit_us_ = 1;
  std::int64_t origin_us_ = 0;
};

/// Half-open [begin, end).
struct TimeRange {
  DateTime begin;
  DateTime end;
  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

/// "1980", "1980-05", "1980-05-03", "1980-05-03T12", "...T12:30" and "...T12:30:15" as the year,
/// month, day, hour, minute or second that they name. Throws invalid_argument.
TimeRange parse_partial_date(std::string_view text, Calendar calendar);

/// "1980-05-03", "1980-05-03T12:30:15.25Z": one moment; what is left out is the first of its kind.
/// Throws invalid_argument.
DateTime parse_date_time(std::string_view text, Calendar calendar);

}  // namespace rastream
