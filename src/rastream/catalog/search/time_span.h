// SPDX-License-Identifier: Apache-2.0
// Times of items and of conditions on them: instants and intervals, as RFC 3339 and STAC write
// them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rastream {

/// 100-nanosecond steps since 1970-01-01T00:00:00Z; years 0000 to 9999. Finer digits are cut off,
/// of items and of conditions alike.
using Ticks = std::int64_t;
inline constexpr Ticks kTicksPerSecond = 10'000'000;
inline constexpr Ticks kBeforeAll = std::numeric_limits<Ticks>::min();
inline constexpr Ticks kAfterAll = std::numeric_limits<Ticks>::max();

/// From `begin` to `end`, both included. Open ends are kBeforeAll and kAfterAll.
struct TimeSpan {
  Ticks begin = kBeforeAll;
  Ticks end = kAfterAll;
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

/// True when they have an instant in common.
inline bool intersects(const TimeSpan& a, const TimeSpan& b) {
  return a.begin <= b.end && b.begin <= a.end;
}

/// Of "2020-01-31T12:00:00.5Z" or "...+01:00" (RFC 3339, section 5.6; 't', 'z' and a blank instead
/// of 'T' too). Without a zone, as older catalogs write it, it is UTC. Nothing for all else.
std::optional<Ticks> parse_instant(std::string_view text);

/// The day of "2020-01-31". Nothing for all else.
std::optional<TimeSpan> parse_day(std::string_view text);

/// "2020-01-31T12:00:00Z", with a fraction only where there is one. REQUIRES: a finite instant.
std::string instant_text(Ticks ticks);

/// A condition on time: what is sent to a server, and what it means here.
struct TimeCondition {
  std::string text;  ///< "2017-01-01T00:00:00Z/2017-12-31T23:59:59Z", "../2018-01-01T00:00:00Z"
  TimeSpan span;
  friend bool operator==(const TimeCondition&, const TimeCondition&) = default;
};

/// An instant, a year, month or day (all of it), or two of them with '/' between, where ".." or
/// nothing is an open end: "2017", "2017-06", "2017-06-10", "2017/2018-03", "../2018",
/// "2017-06-10T12:00:00Z/..". Throws invalid_argument.
TimeCondition parse_time_condition(std::string_view text);

}  // namespace rastream
