// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/retry.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <random>
#include <string>

namespace rastream {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

void wait_unless_stopped(milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
}

double random_share() {
  thread_local std::mt19937_64 generator(std::random_device{}());
  return std::uniform_real_distribution<>(0, 1)(generator);
}

/// Digits of `text` at [at, at + n) as a number; -1 when one is no digit.
int number_at(std::string_view text, std::size_t at, std::size_t n) {
  int value = 0;
  for (const char c : text.substr(at, n)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

int month_at(std::string_view text, std::size_t at) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t found = kMonths.find(text.substr(at, 3));
  return found == kMonths.npos || found % 3 != 0 ? -1 : static_cast<int>(found / 3) + 1;
}

}  // namespace

bool is_transient_status(int status) {
  constexpr std::array kTransient = {408, 429, 500, 502, 503, 504};
  return std::find(kTransient.begin(), kTransient.end(), status) != kTransient.end();
}

const RetryClock& RetryClock::real() {
  static const RetryClock clock{wait_unless_stopped, [] { return system_clock::now(); },
                                random_share};
  return clock;
}

std::optional<system_clock::time_point> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT"
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT") ||
      text[19] != ':' || text[22] != ':')
    return std::nullopt;
  const int day = number_at(text, 5, 2);
  const int month = month_at(text, 8);
  const int year = number_at(text, 12, 4);
  const int hour = number_at(text, 17, 2);
  const int minute = number_at(text, 20, 2);
  const int second = number_at(text, 23, 2);
  if (std::min({day, month, year, hour, minute, second}) < 0 || hour > 23 || minute > 59 ||
      second > 60)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

std::optional<std::int64_t> parse_http_date_ms(std::string_view text) {
  const auto time = parse_http_date(text);
  if (!time) return std::nullopt;
  return std::chrono::duration_cast<milliseconds>(time->time_since_epoch()).count();
}

std::optional<milliseconds> parse_retry_after(std::string_view text, system_clock::time_point now) {
  if (const auto date = parse_http_date(text))
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(*date - now));
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  constexpr int kMostDigits = 9;
  if (text.size() > kMostDigits) return milliseconds(std::chrono::hours(24 * 365));
  return std::chrono::seconds(number_at(text, 0, text.size()));
}

std::optional<milliseconds> wait_before_retry(const RetryPolicy& policy, int attempt,
                                              std::optional<milliseconds> retry_after,
                                              double random) {
  if (attempt >= policy.max_attempts) return std::nullopt;
  if (retry_after > policy.longest_retry_after) return std::nullopt;
  const double doubled = static_cast<double>(policy.first_wait.count()) *
                         static_cast<double>(1LL << std::min(attempt - 1, 30));
  const double most = std::min(doubled, static_cast<double>(policy.longest_wait.count()));
  const milliseconds wait(static_cast<std::int64_t>(most * (0.5 + 0.5 * random)));
  return std::max(wait, retry_after.value_or(milliseconds(0)));
}

}  // namespace rastream
