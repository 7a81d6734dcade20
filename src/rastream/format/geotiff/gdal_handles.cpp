// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal_handles.h"

#include <cpl_string.h>

#include <cerrno>
#include <filesystem>

namespace rastream::geotiff {
namespace {

struct stat status_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw error_from_errno(errno, "cannot open", path);
  return status;
}

}  // namespace

HandlePool::HandlePool(const RasterName& name) : name_(name), status_(status_of(name.path)) {}

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
  // An absolute path cannot be taken for one of GDAL's prefixes, such as GTIFF_DIR:.
  const std::string path = std::filesystem::absolute(name_.path).string();
  Dataset dataset(GDALOpenEx(path.c_str(),
                             GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                             drivers.data(), options.List(), nullptr));
  const bool is_overview = name_.overview >= 0;
  errors.check(
      !dataset, is_overview ? Errc::not_found : Errc::data_loss,
      is_overview ? fmt::format("cannot open overview {} of", name_.overview + 1) : "cannot open",
      name_.path);
  const struct stat now = status_of(name_.path);
  const bool is_same = now.st_dev == status_.st_dev && now.st_ino == status_.st_ino &&
                       now.st_size == status_.st_size &&
                       now.st_mtim.tv_sec == status_.st_mtim.tv_sec &&
                       now.st_mtim.tv_nsec == status_.st_mtim.tv_nsec;
  if (!is_same)
    throw Error(Errc::data_loss, "'{}' was replaced or changed while it was open", name_.path);
  return dataset;
}

}  // namespace rastream::geotiff
