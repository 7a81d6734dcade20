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
  /// Post-condition: the file is whole, durable and under its final name.
  void commit();

 private:
  std::string target_;
  std::string path_;  ///< empty once committed
  int descriptor_ = -1;
};

}  // namespace rastream::geotiff
