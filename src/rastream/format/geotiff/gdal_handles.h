// SPDX-License-Identifier: Apache-2.0
// GDAL's handles on one raster. A handle serves one thread at a time, so reads take one from a
// pool.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "rastream/format/geotiff/gdal.h"
#include "rastream/store/byte_source.h"

namespace rastream::geotiff {

/// Which raster, and by whom it may be opened.
struct RasterName {
  std::string path;
  std::vector<std::string> drivers;  ///< names of GDAL's drivers
  int overview = -1;                 ///< -1: the raster itself; 0: its largest overview
};

/// Opens handles and keeps those that nobody uses. Every handle is on the same bytes: a file that
/// was replaced since the first open is refused.
class HandlePool {
 public:
  /// Throws not_found or permission_denied.
  explicit HandlePool(const RasterName& name);

  const std::string& path() const { return name_.path; }
  std::int64_t file_size() const { return static_cast<std::int64_t>(stamp_.size); }

 private:
  friend class Loan;
  static constexpr std::size_t kMaxIdle = 64;
  Dataset take();
  void give_back(Dataset dataset);
  Dataset open() const;

  RasterName name_;
  FileStamp stamp_;
  std::mutex mutex_;
  std::vector<Dataset> idle_;
};

/// A handle on loan. After an exception it is closed rather than given back.
class Loan {
 public:
  explicit Loan(HandlePool& pool) : pool_(pool), dataset_(pool.take()) {}
  GDALDatasetH get() const { return dataset_.get(); }
  void done() { pool_.give_back(std::move(dataset_)); }

 private:
  HandlePool& pool_;
  Dataset dataset_;
};

}  // namespace rastream::geotiff
