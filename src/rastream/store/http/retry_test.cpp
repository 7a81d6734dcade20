// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/retry.h"

#include <gtest/gtest.h>

#include "tests/suites/errors.h"

namespace rastream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

RetryClock recording(std::vector<milliseconds>& waits, double random = 1.0) {
  return {[&waits](milliseconds t, const std::stop_token&) { waits.push_back(t); },
          [] { return system_clock::time_point(seconds(784'111'777)); },
          [random] { return random; }};
}

TEST(Retry, WaitsDoubleUpToTheCeilingAndTheErrorSaysHowOftenItWasTried) {
  std::vector<milliseconds> waits;
  const RetryPolicy policy{6, milliseconds(100), milliseconds(500)};
  int n = 0;
  try {
    with_retries(policy, recording(waits), {}, [&](int) -> int {
      ++n;
      throw TransientError(Error(Errc::unavailable, "no answer"));
    });
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "no answer (tried 6 times)");
  }
  EXPECT_EQ(n, 6);
  EXPECT_EQ(waits, (std::vector{milliseconds(100), milliseconds(200), milliseconds(400),
                                milliseconds(500), milliseconds(500)}));
}

TEST(Retry, JitterTakesUpToHalfOfAWait) {
  const RetryPolicy policy{3, milliseconds(100), milliseconds(500)};
  EXPECT_EQ(wait_before_retry(policy, 1, {}, 0.0), milliseconds(50));
  EXPECT_EQ(wait_before_retry(policy, 1, {}, 0.999), milliseconds(99));
}

TEST(Retry, WhatTheServerAsksForIsAMinimumAndTooMuchOfItEndsTheTries) {
  const RetryPolicy policy{5, milliseconds(100), milliseconds(500), seconds(60)};
  EXPECT_EQ(wait_before_retry(policy, 1, seconds(7), 1.0), seconds(7));
  EXPECT_EQ(wait_before_retry(policy, 4, milliseconds(1), 1.0), milliseconds(500));
  EXPECT_EQ(wait_before_retry(policy, 1, seconds(61), 1.0), std::nullopt);
}

TEST(Retry, OtherErrorsAreNotTriedAgain) {
  std::vector<milliseconds> waits;
  EXPECT_EQ(code_of([&] {
              with_retries(RetryPolicy{}, recording(waits), {},
                           [](int) -> int { throw Error(Errc::not_found, "x"); });
            }),
            Errc::not_found);
  EXPECT_TRUE(waits.empty());
}

TEST(Retry, AStopEndsTheTries) {
  std::vector<milliseconds> waits;
  std::stop_source source;
  int n = 0;
  EXPECT_EQ(code_of([&] {
              with_retries(RetryPolicy{}, recording(waits), source.get_token(), [&](int) -> int {
                if (++n == 2) source.request_stop();
                throw TransientError(Error(Errc::unavailable, "x"));
              });
            }),
            Errc::unavailable);
  EXPECT_EQ(n, 2);
}

TEST(RetryAfter, IsSecondsOrADate) {
  const auto date = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date, system_clock::time_point(seconds(784'111'777)));
  const auto now = *date - seconds(30);
  EXPECT_EQ(parse_retry_after("120", now), seconds(120));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), seconds(30));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:07 GMT", *date), seconds(0)) << "past";
  EXPECT_GT(parse_retry_after("99999999999999999999", now), std::chrono::hours(24));
  for (const char* text : {"", "-1", "1.5", "soon", "Sun, 06 Nox 1994 08:49:37 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 28:49:37 GMT"})
    EXPECT_FALSE(parse_retry_after(text, now)) << text;
}

TEST(Retry, TransientAreTheCodesThatPass) {
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_TRUE(is_transient_status(status));
  for (const int status : {200, 301, 400, 401, 403, 404, 409, 412, 416, 501, 505, 507})
    EXPECT_FALSE(is_transient_status(status));
}

}  // namespace
}  // namespace rastream
