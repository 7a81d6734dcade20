// SPDX-License-Identifier: Apache-2.0
// Work in parallel whose results are taken in order, so that a file's bytes do not depend on
// timing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace rastream {

/// Calls prepare(k) for k in [0, n) on `n_threads` threads, then commit(k, result), in the order of
/// k and never two at once. At most `n_threads` results exist at a time. The first exception ends
/// the work and is thrown again here.
template <typename Prepare, typename Commit>
void run_ordered(int n_threads, std::int64_t n, Prepare prepare, Commit commit) {
  std::atomic<std::int64_t> next = 0;
  std::mutex mutex;
  std::condition_variable turn;
  std::int64_t n_committed = 0;
  std::exception_ptr failure;
  const auto step = [&](std::int64_t k) {
    auto result = prepare(k);
    std::unique_lock lock(mutex);
    turn.wait(lock, [&] { return n_committed == k || failure; });
    if (failure) return;
    commit(k, std::move(result));
    ++n_committed;
  };
  const auto work = [&] {
    for (std::int64_t k = next++; k < n; k = next++) {
      try {
        step(k);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
      turn.notify_all();
      const std::lock_guard lock(mutex);
      if (failure) return;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 1; i < n_threads; ++i) threads.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace rastream
