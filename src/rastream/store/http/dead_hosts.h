// SPDX-License-Identifier: Apache-2.0
// Hosts that take no connection any more: thousands of requests to one must not each wait through
// all their attempts.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "rastream/store/http/retry.h"

namespace rastream {

/// No connection could be made: refused, unreachable, or no answer within the connect timeout.
class ConnectError : public TransientError {
 public:
  using TransientError::TransientError;
};

struct DeadHostPolicy {
  /// So many attempts in a row, of all requests together, make a host dead, ...
  int n_attempts = 10;
  /// ... once the first of them is this long ago: longer than all attempts of one request take,
  /// five of 20 s and the waits between them, so that what retrying saves is not refused.
  std::chrono::milliseconds shortest_row{120'000};
  /// Attempts further apart are no row.
  std::chrono::milliseconds longest_gap{60'000};
  /// So long a dead host is not asked.
  std::chrono::milliseconds cool_down{30'000};
};

/// A circuit breaker by origin ("http://host:port"). It counts attempts that ended without a
/// connection, and nothing else: an answer of any kind, a reset and a stall come from a host that
/// is there, and are of one request; dCache says 503 of a single file that is on tape. Safe to use
/// from many threads.
class DeadHosts {
 public:
  using Time = std::chrono::system_clock::time_point;

  explicit DeadHosts(const DeadHostPolicy& policy) : policy_(policy) {}

  /// Before an attempt. The seconds for which `origin` is not to be asked; nothing when it may be.
  /// Of a dead host one caller gets through after each cool-down.
  std::optional<std::chrono::seconds> refuses(const std::string& origin, Time now);
  void note_no_connection(const std::string& origin, Time now);
  /// It took a connection: all is forgotten.
  void note_connection(const std::string& origin);

 private:
  struct Row {
    int n_attempts = 0;
    Time first, last;
    std::optional<Time> closed_until = {};
  };

  DeadHostPolicy policy_;
  std::mutex mutex_;
  std::map<std::string, Row> rows_;  ///< of origins whose last attempt failed
};

}  // namespace rastream
