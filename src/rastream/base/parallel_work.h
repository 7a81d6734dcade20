// SPDX-License-Identifier: Apache-2.0
// Independent pieces of work on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace rastream {

/// Calls f(k) for k in [0, n) on `n_threads` threads, begun in that order. Returns false when
/// `stop` was requested before all had begun. The first exception ends the work, after the pieces
/// that have begun, and is thrown again here.
template <typename F>
bool run_parallel(std::int64_t n_threads, std::int64_t n, F f, const std::stop_token& stop = {}) {
  std::atomic<std::int64_t> next = 0;
  std::atomic<bool> is_stopped = false;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto take = [&] {
    try {
      for (std::int64_t k = next++; k < n && !is_stopped; k = next++) {
        if (stop.stop_requested())
          is_stopped = true;
        else
          f(k);
      }
    } catch (...) {
      next = n;
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::int64_t i = 1; i < std::min(n_threads, n); ++i) threads.emplace_back(take);
    take();
  }
  if (failure) std::rethrow_exception(failure);
  return !is_stopped;
}

}  // namespace rastream
