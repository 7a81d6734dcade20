// SPDX-License-Identifier: Apache-2.0
// Where a run writes until it is finished: a hidden folder beside the target, renamed to it as a
// whole.
//
//   OUT.zarr/.1980.rastream-partial/{lock,run,journal,commit,data/}   for group 1980 of OUT.zarr
//   .OUT.zarr.rastream-partial/...                             for OUT.zarr itself
//
// The outer folder has no Zarr documents, so no Zarr tool takes it for a group.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "rastream/format/zarr/folder_lock.h"

namespace rastream::zarr {

inline constexpr std::string_view kPartialSuffix = ".rastream-partial";
/// Held in a store's folder while consolidated metadata are brought up to date.
inline constexpr const char* kStoreLockName = ".rastream.lock";

/// The staging folder of `target`, whether it exists or not.
std::filesystem::path partial_folder(const std::filesystem::path& target);

/// The id of the run that has put `target` in its place and died before it had tidied up; nothing
/// when there is none.
std::optional<std::string> committed_run(const std::filesystem::path& target);

/// Not thread safe, but many processes with one run_id may stage together: the folder is locked
/// shared, and each of them may commit.
class Staging {
 public:
  /// Opens or makes the staging folder of `target`. What a dead run with another id left is
  /// removed. Throws invalid_argument when the target exists and `overwrite` is false, before
  /// anything is touched; unavailable when a live run with another id is writing the same target.
  Staging(std::filesystem::path target, std::string run_id, bool overwrite);

  std::filesystem::path data() const { return folder_ / "data"; }
  std::filesystem::path journal() const { return folder_ / "journal"; }
  /// True when what was staged here is under the final name: the run died while tidying up, or its
  /// twin was faster.
  bool is_committed() const;
  /// Syncs data() and renames it to the target; an old target is swapped out in the same step where
  /// the file system can do that. Post-condition: is_committed(), durable. REQUIRES: data()
  /// is whole.
  void commit();
  /// Removes the staging folder. REQUIRES: is_committed().
  void remove();

 private:
  void lock();
  void prepare();
  bool target_exists() const;
  void swap_target();

  std::filesystem::path target_;
  std::filesystem::path folder_;
  std::string run_id_;
  bool overwrite_;
  std::optional<FolderLock> lock_;
};

}  // namespace rastream::zarr
