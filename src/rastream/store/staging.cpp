// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/staging.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace rastream {
namespace {

constexpr std::chrono::seconds kLongestWait{60};

/// Returns false when stopped.
bool wait_for(std::chrono::seconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

std::optional<StageState> wait_for_stage(const FileSystem& files, const std::string& request,
                                         bool needs_all, const std::stop_token& stop) {
  for (std::chrono::seconds pause{1};; pause = std::min(2 * pause, kLongestWait)) {
    StageState state = files.stage_state(request);
    if (state.n_waiting == 0 || (needs_all && !state.failed.empty())) return state;
    if (!wait_for(pause, stop)) return std::nullopt;
  }
}

}  // namespace rastream
