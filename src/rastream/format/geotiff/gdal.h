// SPDX-License-Identifier: Apache-2.0
// What the GeoTIFF reader and writer share of GDAL: handles that close themselves, dtypes, and
// errors that are caught and become Error instead of being printed. Included by this
// folder only.
#pragma once

#include <gdal.h>

#include <memory>
#include <optional>
#include <string>

#include "rastream/array/dtype.h"
#include "rastream/base/error.h"

namespace rastream::geotiff {

/// Registers the GTiff driver, once a process.
void register_drivers();

struct CloseDataset {
  void operator()(void* dataset) const;
};
using Dataset = std::unique_ptr<void, CloseDataset>;

/// Catches what GDAL reports on this thread while it lives. Nothing is printed.
class CapturedErrors {
 public:
  CapturedErrors();
  ~CapturedErrors();
  CapturedErrors(const CapturedErrors&) = delete;
  CapturedErrors& operator=(const CapturedErrors&) = delete;

  bool has_failure() const { return !first_failure_.empty(); }
  /// Throws "<what> '<path>': <GDAL's first failure>" when one was reported or `is_failed`.
  void check(bool is_failed, Errc code, std::string_view what, const std::string& path) const;

 private:
  static void handle(CPLErr level, CPLErrorNum number, const char* message);
  std::string first_failure_;
};

/// A band's dtype (complex integers become complex64 and complex128, which hold them); int8 is
/// GDAL's Byte with a metadata item before GDAL 3.7. Throws unsupported for others.
DType dtype_of_band(GDALRasterBandH band, const std::string& path);

/// GDAL's type with the same cells; Byte for bool and int8.
GDALDataType gdal_type(DType dtype);

}  // namespace rastream::geotiff
