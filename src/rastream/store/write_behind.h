// SPDX-License-Identifier: Apache-2.0
// Files that are made durable a little after they are written, so that the disk writes while the
// next ones are made.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include "rastream/store/file.h"

namespace rastream {

/// At most so many files, and bytes but for the last file's, are on their way to the disk. Thread
/// safe.
class WriteBehind {
 public:
  static constexpr std::size_t kMostFiles = 64;
  static constexpr std::int64_t kMostBytes = 64 << 20;

  /// Takes a file that was written. When too much is on its way, waits for the oldest.
  /// `on_durable` is called once, by whichever thread is in add() or flush(), after the bytes of
  /// this file have reached the disk; never when that failed. Throws what syncing a file throws.
  void add(UnsyncedFile file, std::function<void()> on_durable);
  /// Post-condition: all that was added is durable. REQUIRES: no add() is under way.
  void flush();

 private:
  struct OnItsWay {
    UnsyncedFile file;
    std::function<void()> on_durable;
  };

  void settle(std::size_t most_files, std::int64_t most_bytes);

  std::mutex mutex_;
  std::deque<OnItsWay> files_;
  std::int64_t size_bytes_ = 0;  ///< of files_
};

}  // namespace rastream
