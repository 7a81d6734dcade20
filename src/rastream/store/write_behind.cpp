// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/write_behind.h"

#include <utility>

namespace rastream {

void WriteBehind::add(UnsyncedFile file, std::function<void()> on_durable) {
  {
    const std::lock_guard lock(mutex_);
    size_bytes_ += file.size_bytes();
    files_.push_back({std::move(file), std::move(on_durable)});
  }
  settle(kMostFiles, kMostBytes);
}

void WriteBehind::flush() { settle(0, 0); }

// Syncing waits for the disk, so it happens outside the lock: other threads go on writing.
void WriteBehind::settle(std::size_t most_files, std::int64_t most_bytes) {
  for (std::unique_lock lock(mutex_);
       !files_.empty() && (files_.size() > most_files || size_bytes_ > most_bytes); lock.lock()) {
    const OnItsWay oldest = std::move(files_.front());
    files_.pop_front();
    size_bytes_ -= oldest.file.size_bytes();
    lock.unlock();
    oldest.file.sync();
    oldest.on_durable();
  }
}

}  // namespace rastream
