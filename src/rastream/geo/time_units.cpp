// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/time_units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;
constexpr double kMaxUs = 6.3e18;  // 200000 years, below 2^63

struct UnitName {
  std::int64_t microseconds;
  std::array<std::string_view, 6> names;
};

/// UDUNITS' names of what CF allows.
constexpr std::array<UnitName, 7> kUnits = {{
    {7 * kDayUs, {"weeks", "week"}},
    {kDayUs, {"days", "day", "d"}},
    {3600 * kSecondUs, {"hours", "hour", "hrs", "hr", "h"}},
    {60 * kSecondUs, {"minutes", "minute", "mins", "min"}},
    {kSecondUs, {"seconds", "second", "secs", "sec", "s"}},
    {1000, {"milliseconds", "millisecond", "msecs", "msec", "millisec", "ms"}},
    {1, {"microseconds", "microsecond", "microsecs", "microsec", "us", "µs"}},
}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// Reads a date and time from the front of a text; every take_ leaves the text alone when it fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool is_done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_spaces() {
    while (take(' ') || take('\t')) {
    }
  }
  bool take_word(std::string_view word) {
    if (lower(rest_.substr(0, word.size())) != lower(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool next_is_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  /// An unsigned number of at most `max_digits` digits.
  std::optional<int> take_number(std::size_t max_digits) {
    std::size_t n = 0;
    int value = 0;
    while (n < rest_.size() && n <= max_digits && rest_[n] >= '0' && rest_[n] <= '9') {
      value = value * 10 + (rest_[n++] - '0');
    }
    if (n == 0 || n > max_digits) return std::nullopt;
    rest_.remove_prefix(n);
    return value;
  }
  /// Digits after a decimal point, as microseconds; more than six are cut.
  std::optional<int> take_fraction() {
    int value = 0;
    int n = 0;
    for (; next_is_digit(); ++n, rest_.remove_prefix(1)) {
      if (n < 6) value = value * 10 + (rest_.front() - '0');
    }
    for (int i = n; i < 6; ++i) value *= 10;
    return value;
  }

 private:
  std::string_view rest_;
};

/// How much of a date-time was written.
enum class Precision { year, month, day, hour, minute, second, fraction };

struct Parsed {
  DateTime t;
  Precision precision = Precision::year;
  std::int64_t zone_us = 0;  // to be subtracted for UTC
};

bool scan_part(Scanner& s, char separator, int& part, Precision& precision, Precision reached) {
  if (!s.take(separator)) return true;
  const auto value = s.take_number(2);
  if (!value) return false;
  part = *value;
  precision = reached;
  return true;
}

bool scan_date(Scanner& s, Parsed& out) {
  const bool is_negative = s.take('-');
  const auto year = s.take_number(6);
  if (!year) return false;
  out.t.year = is_negative ? -*year : *year;
  if (!scan_part(s, '-', out.t.month, out.precision, Precision::month)) return false;
  if (out.precision == Precision::year) return true;
  return scan_part(s, '-', out.t.day, out.precision, Precision::day);
}

bool scan_time(Scanner& s, Parsed& out) {
  const auto hour = s.take_number(2);
  if (!hour) return false;
  out.t.hour = *hour;
  out.precision = Precision::hour;
  if (!scan_part(s, ':', out.t.minute, out.precision, Precision::minute)) return false;
  if (out.precision == Precision::hour) return true;
  if (!scan_part(s, ':', out.t.second, out.precision, Precision::second)) return false;
  if (out.precision == Precision::second && s.take('.')) {
    out.t.microsecond = s.take_fraction().value_or(0);
    out.precision = Precision::fraction;
  }
  return true;
}

/// "UTC", "GMT", "Z", "+01:00", "-0630", "-6".
bool scan_zone(Scanner& s, Parsed& out) {
  if (s.take_word("utc") || s.take_word("gmt") || s.take_word("z")) {
    s.skip_spaces();
    if (s.is_done()) return true;
  }
  const bool is_negative = s.take('-');
  if (!is_negative && !s.take('+')) return false;
  auto hours = s.take_number(4);
  int minutes = 0;
  if (!hours) return false;
  if (*hours >= 100) {
    minutes = *hours % 100;
    *hours /= 100;
  }
  if (s.take(':')) minutes = s.take_number(2).value_or(99);
  if (*hours > 18 || minutes > 59) return false;
  out.zone_us = (is_negative ? -1 : 1) * (*hours * 3600 + minutes * 60) * kSecondUs;
  return true;
}

/// The whole text as a date-time; nothing when it is none. Ranges are not checked.
std::optional<Parsed> scan(std::string_view text) {
  Scanner s(text);
  Parsed out;
  s.skip_spaces();
  if (!scan_date(s, out)) return std::nullopt;
  const bool has_t = s.take('T') || s.take('t');
  s.skip_spaces();
  if (s.next_is_digit() || has_t) {
    if (out.precision != Precision::day || !scan_time(s, out)) return std::nullopt;
  }
  s.skip_spaces();
  if (!s.is_done() && !scan_zone(s, out)) return std::nullopt;
  s.skip_spaces();
  if (!s.is_done()) return std::nullopt;
  return out;
}

std::int64_t unit_microseconds(std::string_view name, Calendar calendar, std::string_view units) {
  const std::string word = lower(name);
  for (const auto& unit : kUnits) {
    if (!word.empty() &&
        std::find(unit.names.begin(), unit.names.end(), word) != unit.names.end()) {
      return unit.microseconds;
    }
  }
  const bool is_month = word == "month" || word == "months";
  const bool is_year =
      word == "year" || word == "years" || word == "common_year" || word == "common_years";
  if (calendar == Calendar::day_360 && is_month) return 30 * kDayUs;
  if (is_month || is_year) {
    throw Error(Errc::unsupported,
                "time units '{}': {} have no fixed length: expected days, hours, ...",
                units.substr(0, 80), word);
  }
  throw Error(Errc::data_loss,
              "time units '{}': '{}' is not a unit of time: expected days, hours, seconds, ...",
              units.substr(0, 80), word.substr(0, 40));
}

/// Position of " since " in any case.
std::size_t find_since(std::string_view units) { return lower(units).find(" since "); }

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

Parsed checked(std::string_view text, Calendar calendar, std::string_view expected) {
  const auto parsed = scan(text);
  if (!parsed) {
    throw Error(Errc::invalid_argument, "'{}' is not a date: expected {}", text.substr(0, 80),
                expected);
  }
  check_date_time(calendar, parsed->t);
  return *parsed;
}

/// The first moment after the span that `p` names.
DateTime end_of(const Parsed& p, Calendar calendar) {
  if (p.precision == Precision::year) return {p.t.year + 1, 1, 1};
  if (p.precision == Precision::month) {
    return p.t.month == 12 ? DateTime{p.t.year + 1, 1, 1} : DateTime{p.t.year, p.t.month + 1, 1};
  }
  std::int64_t length = kDayUs;
  if (p.precision == Precision::hour) length = 3600 * kSecondUs;
  if (p.precision == Precision::minute) length = 60 * kSecondUs;
  if (p.precision == Precision::second) length = kSecondUs;
  if (p.precision == Precision::fraction) length = 1;
  return from_microseconds(calendar, to_microseconds(calendar, p.t) + length);
}

}  // namespace

bool TimeUnits::looks_like(std::string_view units) {
  return find_since(units) != std::string_view::npos;
}

std::optional<TimeUnits> TimeUnits::of(const Attributes& attributes) {
  const auto units = attributes.text("units");
  if (!units || !looks_like(*units)) return std::nullopt;
  return parse(*units, attributes.text("calendar").value_or("standard"));
}

TimeUnits TimeUnits::parse(std::string_view units, std::string_view calendar) {
  const auto since = find_since(units);
  if (since == std::string_view::npos) {
    throw Error(Errc::data_loss,
                "'{}' is not a time unit: expected such as 'days since 1950-01-01'",
                units.substr(0, 80));
  }
  TimeUnits out;
  out.calendar_ = parse_calendar(calendar);
  out.unit_us_ = unit_microseconds(trim(units.substr(0, since)), out.calendar_, units);
  try {
    const Parsed origin =
        checked(trim(units.substr(since + 7)), out.calendar_, "such as 1950-01-01 00:00:00");
    out.origin_us_ = to_microseconds(out.calendar_, origin.t) - origin.zone_us;
  } catch (const Error& e) {
    throw Error(Errc::data_loss, "time units '{}': {}", units.substr(0, 80), e.message());
  }
  return out;
}

std::int64_t TimeUnits::decode_microseconds(double value) const {
  // The whole units are multiplied as integers, so that the rounding is of the fraction alone.
  const double whole = std::floor(value);
  if (!(std::abs(whole) * static_cast<double>(unit_us_) < kMaxUs / 2) ||
      std::abs(static_cast<double>(origin_us_)) > kMaxUs) {
    throw Error(Errc::data_loss,
                "the time value {} is not a time within 100000 years of its origin", value);
  }
  const auto rest =
      static_cast<std::int64_t>(std::llround((value - whole) * static_cast<double>(unit_us_)));
  std::int64_t sum = 0;
  if (__builtin_add_overflow(origin_us_, static_cast<std::int64_t>(whole) * unit_us_ + rest,
                             &sum)) {
    throw Error(Errc::data_loss, "the time value {} is out of range", value);
  }
  return sum;
}

double TimeUnits::encode(const DateTime& t) const {
  check_date_time(calendar_, t);
  return encode_microseconds(to_microseconds(calendar_, t));
}

double TimeUnits::encode_microseconds(std::int64_t microseconds) const {
  std::int64_t since = 0;
  if (__builtin_sub_overflow(microseconds, origin_us_, &since)) {
    throw Error(Errc::invalid_argument, "a time {} us after 1970 is out of range", microseconds);
  }
  const std::int64_t whole = since / unit_us_;
  return static_cast<double>(whole) +
         static_cast<double>(since % unit_us_) / static_cast<double>(unit_us_);
}

TimeRange parse_partial_date(std::string_view text, Calendar calendar) {
  const Parsed p = checked(text, calendar, "such as 1980, 1980-05, 1980-05-03 or 1980-05-03T12:30");
  if (p.zone_us != 0)
    throw Error(Errc::invalid_argument, "'{}': expected a date without a time zone", text);
  return {p.t, end_of(p, calendar)};
}

DateTime parse_date_time(std::string_view text, Calendar calendar) {
  const Parsed p = checked(text, calendar, "such as 1980-05-03 or 1980-05-03T12:30:15Z");
  return p.zone_us == 0 ? p.t
                        : from_microseconds(calendar, to_microseconds(calendar, p.t) - p.zone_us);
}

}  // namespace rastream
