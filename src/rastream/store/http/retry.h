// SPDX-License-Identifier: Apache-2.0
// When and how often something is tried again: the one place that decides it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "rastream/base/error.h"

namespace rastream {

/// A failure that may be gone a moment later: no connection, a timeout, a reset, a body that broke
/// off, or status 408, 429, 500, 502, 503, 504.
class TransientError : public Error {
 public:
  explicit TransientError(Error error, std::optional<std::chrono::milliseconds> retry_after = {})
      : Error(std::move(error)), retry_after_(retry_after) {}
  /// How long the server asks to be left alone.
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }

 private:
  std::optional<std::chrono::milliseconds> retry_after_;
};

bool is_transient_status(int status);

/// What time is: replaced in tests, so that they do not wait.
struct RetryClock {
  /// Returns early when stopped.
  std::function<void(std::chrono::milliseconds, const std::stop_token&)> wait;
  std::function<std::chrono::system_clock::time_point()> now;
  /// Uniform in [0, 1).
  std::function<double()> random;
  static const RetryClock& real();
};

struct RetryPolicy {
  int max_attempts = 5;
  std::chrono::milliseconds first_wait{500};  ///< doubled after each attempt
  std::chrono::milliseconds longest_wait{30'000};
  /// A server that asks for a longer wait is not tried again: waiting less is not an option.
  std::chrono::milliseconds longest_retry_after{120'000};
};

/// Retry-After (RFC 9110, section 10.2.3): seconds, or a date. Nothing when it is neither.
std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view text, std::chrono::system_clock::time_point now);

/// A date as HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7; the two
/// obsolete forms are not taken).
std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);
/// The same in milliseconds since 1970-01-01 UTC.
std::optional<std::int64_t> parse_http_date_ms(std::string_view text);

/// How long to wait after attempt number `attempt` (from 1) failed: doubled each time up to the
/// longest, the upper half of it random, and never less than the server asks for. Nothing when no
/// attempt is left or the server asks for too much.
std::optional<std::chrono::milliseconds> wait_before_retry(
    const RetryPolicy& policy, int attempt, std::optional<std::chrono::milliseconds> retry_after,
    double random);

/// Calls f(attempt) until it returns, throws something else than TransientError, or no attempt is
/// left; the last error is thrown on and says how often it was tried.
template <typename F>
auto with_retries(const RetryPolicy& policy, const RetryClock& clock, const std::stop_token& stop,
                  F&& f) {
  for (int attempt = 1;; ++attempt) {
    try {
      return f(attempt);
    } catch (TransientError& e) {
      const auto wait = wait_before_retry(policy, attempt, e.retry_after(), clock.random());
      if (!wait || stop.stop_requested()) {
        if (attempt > 1) e.add_context(fmt::format("tried {} times", attempt));
        if (e.retry_after() > policy.longest_retry_after)
          e.add_context(
              fmt::format("the server asks to wait {} s", e.retry_after()->count() / 1000));
        throw;
      }
      clock.wait(*wait, stop);
    }
  }
}

}  // namespace rastream
