// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/time_span.h"

#include <fmt/format.h>

#include <chrono>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr Ticks kTicksPerDay = 86'400 * kTicksPerSecond;

/// Digits and marks from the front of a text. After a failure all else fails too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool is_good() const { return is_good_; }
  bool is_at_end() const { return rest_.empty(); }

  int number(std::size_t n_digits) {
    int value = 0;
    for (std::size_t i = 0; i < n_digits; ++i) {
      if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  void mark(std::string_view any_of) {
    if (!take(any_of)) fail();
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Digits behind a point, as ticks.
  Ticks fraction() {
    Ticks unit = kTicksPerSecond;
    Ticks value = 0;
    std::size_t n = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      unit /= 10;
      value += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
      ++n;
    }
    return n > 0 ? value : fail();
  }
  int fail() {
    is_good_ = false;
    return 0;
  }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

std::optional<Ticks> day_ticks(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kTicksPerDay;
}

/// The date at the front.
std::optional<Ticks> scan_date(Scanner& scan) {
  const int year = scan.number(4);
  scan.mark("-");
  const int month = scan.number(2);
  scan.mark("-");
  const int day = scan.number(2);
  return scan.is_good() ? day_ticks(year, month, day) : std::nullopt;
}

/// Ticks to subtract for "Z", "+01:00" or no zone at the end.
Ticks scan_zone(Scanner& scan) {
  if (scan.is_at_end() || scan.take("Zz")) return 0;
  const bool is_west = scan.take("-");
  if (!is_west) scan.mark("+");
  const int hours = scan.number(2);
  scan.mark(":");
  const int minutes = scan.number(2);
  if (hours > 23 || minutes > 59) scan.fail();
  const Ticks shift = (hours * 60 + minutes) * 60 * kTicksPerSecond;
  return is_west ? -shift : shift;
}

Error refuse(std::string_view text, std::string_view why) {
  return Error(Errc::invalid_argument,
               "datetime '{}': {}; expected such as 2017, 2017-06, 2017-06-10, "
               "2017-06-10T12:00:00Z, or two with '/' between, where '..' is an open end",
               text.substr(0, 100), why);
}

/// All of a year, month or day. Nothing when `text` is none.
std::optional<TimeSpan> parse_period(std::string_view text) {
  Scanner scan(text);
  const int year = scan.number(4);
  int month = 1;
  if (text.size() > 4) {
    scan.mark("-");
    month = scan.number(2);
  }
  if (text.size() > 7) return parse_day(text);
  const auto begin = day_ticks(year, month, 1);
  if (!scan.is_good() || !scan.is_at_end() || !begin) return std::nullopt;
  const bool is_last_month = month == 12 || text.size() == 4;
  const auto end = day_ticks(is_last_month ? year + 1 : year, is_last_month ? 1 : month + 1, 1);
  return TimeSpan{*begin, *end - 1};
}

/// One end of a condition: its text at its begin and at its end, and when it is.
struct Component {
  std::string first;
  std::string last;
  TimeSpan span;
};

bool has_zone(std::string_view instant) {
  return instant.find_first_of("Zz+", 10) != std::string_view::npos ||
         instant.find('-', 10) != std::string_view::npos;
}

Component parse_component(std::string_view text, std::string_view whole) {
  if (text.empty() || text == "..") return {"..", "..", {}};
  if (const auto ticks = parse_instant(text)) {
    const std::string sent = std::string(text) + (has_zone(text) ? "" : "Z");
    return {sent, sent, {*ticks, *ticks}};
  }
  const auto span = parse_period(text);
  if (!span) throw refuse(whole, fmt::format("'{}' is no time", text.substr(0, 40)));
  const Ticks last_second = span->end + 1 - kTicksPerSecond;
  return {instant_text(span->begin), instant_text(last_second), *span};
}

}  // namespace

std::optional<Ticks> parse_instant(std::string_view text) {
  Scanner scan(text);
  const auto day = scan_date(scan);
  scan.mark("Tt ");
  const int hour = scan.number(2);
  scan.mark(":");
  const int minute = scan.number(2);
  scan.mark(":");
  const int second = scan.number(2);
  const Ticks fraction = scan.take(".") ? scan.fraction() : 0;
  const Ticks zone = scan_zone(scan);
  if (!day || !scan.is_good() || !scan.is_at_end() || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  return *day + ((hour * 60 + minute) * 60 + second) * kTicksPerSecond + fraction - zone;
}

std::optional<TimeSpan> parse_day(std::string_view text) {
  Scanner scan(text);
  const auto begin = scan_date(scan);
  if (!begin || !scan.is_at_end()) return std::nullopt;
  return TimeSpan{*begin, *begin + kTicksPerDay - 1};
}

std::string instant_text(Ticks ticks) {
  Ticks days = ticks / kTicksPerDay;
  Ticks rest = ticks % kTicksPerDay;
  if (rest < 0) {
    rest += kTicksPerDay;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  const Ticks seconds = rest / kTicksPerSecond;
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (const Ticks fraction = rest % kTicksPerSecond; fraction != 0) {
    text += fmt::format(".{:07}", fraction);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

TimeCondition parse_time_condition(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    if (text.empty() || text == "..") throw refuse(text, "there is no time in it");
    const Component one = parse_component(text, text);
    return {one.first == one.last ? one.first : one.first + "/" + one.last, one.span};
  }
  if (text.find('/', slash + 1) != std::string_view::npos)
    throw refuse(text, "there are more than two times");
  const Component from = parse_component(text.substr(0, slash), text);
  const Component to = parse_component(text.substr(slash + 1), text);
  if (from.first == ".." && to.last == "..") throw refuse(text, "both ends are open");
  if (from.span.begin > to.span.end) throw refuse(text, "it ends before it begins");
  return {from.first + "/" + to.last, {from.span.begin, to.span.end}};
}

}  // namespace rastream
