// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/staged_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream::geotiff {

StagedFile::StagedFile(const std::string& target) : target_(target) {
  path_ = temporary_name(target);
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw error_from_errno(errno, "cannot write GeoTIFF", target);
}

StagedFile::~StagedFile() {
  close(descriptor_);
  if (!path_.empty()) unlink(path_.c_str());
}

void StagedFile::commit() {
  if (fsync(descriptor_) != 0) throw error_from_errno(errno, "cannot flush GeoTIFF", target_);
  if (std::rename(path_.c_str(), target_.c_str()) != 0)
    throw error_from_errno(errno, "cannot write GeoTIFF", target_);
  path_.clear();
  const std::filesystem::path folder = std::filesystem::path(target_).parent_path();
  sync_folder(folder.empty() ? "." : folder);
}

}  // namespace rastream::geotiff
