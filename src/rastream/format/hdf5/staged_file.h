// SPDX-License-Identifier: Apache-2.0
// Where a run keeps what it has until its file is finished: a hidden folder beside the file.
//
//   .OUT.nc.rastream-partial/{lock,run,chunks,file,commit}    for OUT.nc
//   .OUT.nc.1980.rastream-partial/...                         for group 1980 of OUT.nc
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "rastream/format/zarr/folder_lock.h"

namespace rastream {

/// Not thread safe. The folder is locked by one process at a time; the lock dies with it.
class StagedFile {
 public:
  /// Opens or makes the staging folder. What a dead run with another id left is removed. Throws
  /// unavailable when a live run is writing the same file and group.
  StagedFile(std::filesystem::path target, const std::string& group, std::string run_id);
  /// Removes the folder when no later run could go on from it, for want of a run id.
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  const std::filesystem::path& target() const { return target_; }
  std::filesystem::path journal() const { return folder_ / "chunks"; }
  /// The new file, before it has its name.
  std::filesystem::path draft() const { return folder_ / "file"; }
  /// Held while the file is made, for several runs may put groups into one file. Leaves no trace.
  class TargetLock {
   public:
    explicit TargetLock(const StagedFile& file);
    ~TargetLock() { lock_.remove_file(); }

   private:
    zarr::FolderLock lock_;
  };
  /// True when the file that was staged here has its final name: the run died while tidying up.
  bool is_committed() const;
  /// Syncs the draft and renames it to the target. Post-condition: is_committed(), durable.
  void commit();
  /// Removes the staging folder.
  void remove();

 private:
  void lock();
  void prepare() const;
  std::filesystem::path target_;
  std::filesystem::path folder_;
  std::string run_id_;
  std::optional<zarr::FolderLock> lock_;
};

}  // namespace rastream
