// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal.h"

#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal_frmts.h>

#include <mutex>

namespace rastream::geotiff {

void register_drivers() {
  static std::once_flag once;
  std::call_once(once, [] {
    GDALRegister_GTiff();
    GDALSetCacheMax64(GIntBig{64} << 20);
  });
}

void CloseDataset::operator()(void* dataset) const {
  const CapturedErrors errors;
  GDALClose(dataset);
}

CapturedErrors::CapturedErrors() { CPLPushErrorHandlerEx(&CapturedErrors::handle, this); }

CapturedErrors::~CapturedErrors() {
  CPLPopErrorHandler();
  CPLErrorReset();
}

void CapturedErrors::handle(CPLErr level, CPLErrorNum, const char* message) {
  auto* self = static_cast<CapturedErrors*>(CPLGetErrorHandlerUserData());
  if (level >= CE_Failure && self->first_failure_.empty()) self->first_failure_ = message;
}

void CapturedErrors::check(bool is_failed, Errc code, std::string_view what,
                           const std::string& path) const {
  if (!is_failed && !has_failure()) return;
  throw Error(code, "{} '{}': {}", what, path,
              has_failure() ? first_failure_ : "GDAL gives no reason");
}

DType dtype_of_band(GDALRasterBandH band, const std::string& path) {
  const GDALDataType type = GDALGetRasterDataType(band);
  switch (type) {
    case GDT_Byte: {
      const char* pixel_type = GDALGetMetadataItem(band, "PIXELTYPE", "IMAGE_STRUCTURE");
      return pixel_type && EQUAL(pixel_type, "SIGNEDBYTE") ? DType::int8 : DType::uint8;
    }
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 7, 0)
    case GDT_Int8: return DType::int8;
#endif
    case GDT_UInt16: return DType::uint16;
    case GDT_Int16: return DType::int16;
    case GDT_UInt32: return DType::uint32;
    case GDT_Int32: return DType::int32;
    case GDT_UInt64: return DType::uint64;
    case GDT_Int64: return DType::int64;
    case GDT_Float32: return DType::float32;
    case GDT_Float64: return DType::float64;
    case GDT_CInt16:
    case GDT_CFloat32: return DType::complex64;
    case GDT_CInt32:
    case GDT_CFloat64: return DType::complex128;
    default: break;
  }
  throw Error(Errc::unsupported,
              "'{}': bands of dtype {} are not supported: expected integers or floating numbers",
              path, GDALGetDataTypeName(type));
}

GDALDataType gdal_type(DType dtype) {
  switch (dtype) {
    case DType::bool_:
    case DType::uint8: return GDT_Byte;
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 7, 0)
    case DType::int8: return GDT_Int8;
#else
    case DType::int8: return GDT_Byte;
#endif
    case DType::uint16: return GDT_UInt16;
    case DType::int16: return GDT_Int16;
    case DType::uint32: return GDT_UInt32;
    case DType::int32: return GDT_Int32;
    case DType::uint64: return GDT_UInt64;
    case DType::int64: return GDT_Int64;
    case DType::float32: return GDT_Float32;
    case DType::float64: return GDT_Float64;
    case DType::complex64: return GDT_CFloat32;
    case DType::complex128: return GDT_CFloat64;
    case DType::string: break;
  }
  throw Error(Errc::unsupported, "GeoTIFF cannot hold cells of dtype {}", to_string(dtype));
}

}  // namespace rastream::geotiff
