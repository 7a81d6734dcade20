// SPDX-License-Identifier: Apache-2.0
// A new file under a temporary name beside its target, renamed when it is whole.
#pragma once

#include <string>

namespace rastream::geotiff {

/// Is gone again unless it was committed. Errors name the target.
class StagedFile {
 public:
  explicit StagedFile(const std::string& target);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  int descriptor() const { return descriptor_; }
  /// Post-condition: what was written is on the disk.
  void flush();
  /// Post-condition: the file has its final name, durably. Throws invalid_argument when a file has
  /// that name by now and `overwrite` is false. REQUIRES: flush() came after the last write.
  void commit(bool overwrite);

 private:
  std::string target_;
  std::string path_;  ///< empty once committed
  int descriptor_ = -1;
};

}  // namespace rastream::geotiff
