// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/staging.h"

#include <algorithm>

#include "rastream/base/progress.h"
#include "rastream/store/http/retry.h"

namespace rastream {

constexpr std::chrono::seconds kLongestWait{60};

std::optional<StageState> wait_for_stage(const FileSystem& files, const std::string& request,
                                         bool needs_all, const std::stop_token& stop,
                                         std::FILE* progress) {
  std::optional<Progress> shown;
  for (std::chrono::seconds pause{1};; pause = std::min(2 * pause, kLongestWait)) {
    StageState state = files.stage_state(request);
    const auto n_failed = static_cast<std::int64_t>(state.failed.size());
    const std::int64_t n_all = state.n_ready + state.n_waiting + n_failed;
    if (!shown) shown.emplace("stage", static_cast<double>(n_all), "files", progress);
    shown->update(static_cast<double>(state.n_ready));
    if (state.n_waiting == 0 || (needs_all && !state.failed.empty())) return state;
    RetryClock::real().wait(pause, stop);
    if (stop.stop_requested()) return std::nullopt;
  }
}

}  // namespace rastream
