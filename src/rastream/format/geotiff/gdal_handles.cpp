// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal_handles.h"

#include <cpl_string.h>
#include <sys/stat.h>

#include <cerrno>

#include "rastream/format/geotiff/gdal_remote.h"

namespace rastream::geotiff {
namespace {

/// Of a remote value, or of a file or folder of this machine.
FileStamp stamp_of(const std::string& path) {
  if (is_remote(path)) return open_remote_bytes(path)->stamp();
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw error_from_errno(errno, "cannot open", path);
  FileStamp stamp;
  stamp.size = static_cast<std::uint64_t>(status.st_size);
  stamp.modified_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  stamp.inode = status.st_ino;
  return stamp;
}

}  // namespace

HandlePool::HandlePool(const RasterName& name) : name_(name), stamp_(stamp_of(name.path)) {}

Dataset HandlePool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Dataset dataset = std::move(idle_.back());
      idle_.pop_back();
      return dataset;
    }
  }
  return open();
}

void HandlePool::give_back(Dataset dataset) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(dataset));
}

Dataset HandlePool::open() const {
  const CapturedErrors errors;
  std::vector<const char*> drivers;
  for (const std::string& d : name_.drivers) drivers.push_back(d.c_str());
  drivers.push_back(nullptr);
  CPLStringList options;
  if (name_.overview >= 0)
    options.SetNameValue("OVERVIEW_LEVEL", std::to_string(name_.overview).c_str());
  const std::string path = name_for_gdal(name_.path);
  Dataset dataset(GDALOpenEx(path.c_str(),
                             GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                             drivers.data(), options.List(), nullptr));
  const bool is_overview = name_.overview >= 0;
  errors.check(
      !dataset, is_overview ? Errc::not_found : Errc::data_loss,
      is_overview ? fmt::format("cannot open overview {} of", name_.overview + 1) : "cannot open",
      name_.path);
  if (stamp_of(name_.path) != stamp_)
    throw Error(Errc::data_loss, "'{}' was replaced or changed while it was open", name_.path);
  return dataset;
}

}  // namespace rastream::geotiff
