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
    const auto n_there =
        static_cast<double>(state.n_ready) + static_cast<double>(state.failed.size());
    if (!shown)
      shown.emplace("stage", n_there + static_cast<double>(state.n_waiting), "files", progress);
    shown->update(n_there);
    if (state.n_waiting == 0 || (needs_all && !state.failed.empty())) return state;
    RetryClock::real().wait(pause, stop);
    if (stop.stop_requested()) return std::nullopt;
  }
}

}  // namespace rastream
