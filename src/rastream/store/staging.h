// SPDX-License-Identifier: Apache-2.0
// Waiting for files that come from tape.
#pragma once

#include <cstdio>
#include <optional>
#include <stop_token>
#include <string>

#include "rastream/store/file_system.h"

namespace rastream {

/// Asks, at first after a second and later each minute, until no file of `request` (see
/// FileSystem::stage) is on its way, or with `needs_all` one has failed. Nothing when stopped.
/// `progress` is shown how many are there; nullptr: nobody is. Throws as FileSystem::stage_state.
std::optional<StageState> wait_for_stage(const FileSystem& files, const std::string& request,
                                         bool needs_all, const std::stop_token& stop,
                                         std::FILE* progress = nullptr);

}  // namespace rastream
