// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal_drivers.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <cpl_vsi_virtual.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <set>
#include <string_view>

#include "rastream/format/geotiff/gdal.h"

namespace rastream::geotiff {
namespace {

std::set<std::string> registered_names() {
  std::set<std::string> names;
  for (int i = 0; i < GDALGetDriverCount(); ++i)
    names.insert(GDALGetDriverShortName(GDALGetDriver(i)));
  return names;
}

void keep_only(const std::set<std::string>& names) {
  for (int i = GDALGetDriverCount() - 1; i >= 0; --i) {
    const GDALDriverH driver = GDALGetDriver(i);
    if (names.contains(GDALGetDriverShortName(driver))) continue;
    GDALDeregisterDriver(driver);
    GDALDestroyDriver(driver);
  }
}

void* refuse_to_open(void*, const char* path, const char*) {
  CPLError(CE_Failure, CPLE_NotSupported,
           "'%s' is not a local file (RASTREAM_GDAL_NETWORK=1 allows others)", path);
  return nullptr;
}

int refuse_to_stat(void*, const char*, VSIStatBufL*, int) { return -1; }

bool is_local(std::string_view prefix) {
  constexpr std::array<std::string_view, 6> kLocal = {"/vsimem/", "/vsizip/",     "/vsigzip/",
                                                      "/vsitar/", "/vsisubfile/", "/vsisparse/"};
  return std::find(kLocal.begin(), kLocal.end(), prefix) != kLocal.end();
}

void close_other_file_systems() {
  VSIFilesystemPluginCallbacksStruct* refusals = VSIAllocFilesystemPluginCallbacksStruct();
  refusals->open = &refuse_to_open;
  refusals->stat = &refuse_to_stat;
  // GDAL keeps the pointers to the names for good.
  static char** const prefixes = VSIGetFileSystemsPrefixes();
  // GDAL forgets the handlers that it had without deleting them. Several names may share one, so
  // they are kept, to the very end of the process.
  static auto* const replaced = new std::vector<VSIFilesystemHandler*>;
  for (char* const* p = prefixes; p && *p; ++p) {
    if (is_local(*p)) continue;
    replaced->push_back(VSIFileManager::GetHandler(*p));
    VSIInstallPluginHandler(*p, refusals);
  }
  VSIFreeFilesystemPluginCallbacksStruct(refusals);
}

bool may_use_network() {
  const char* wish = std::getenv("RASTREAM_GDAL_NETWORK");
  return wish && std::string_view(wish) == "1";
}

}  // namespace

const std::vector<std::string>& raster_drivers() {
  static const std::vector<std::string> names = {"AAIGrid",
                                                 "ADRG",
                                                 "AIG",
                                                 "ARG",
                                                 "BLX",
                                                 "BMP",
                                                 "BSB",
                                                 "BT",
                                                 "BYN",
                                                 "CEOS",
                                                 "COSAR",
                                                 "CPG",
                                                 "CTable2",
                                                 "DIMAP",
                                                 "DIPEx",
                                                 "DOQ1",
                                                 "DOQ2",
                                                 "DTED",
                                                 "EHdr",
                                                 "ENVI",
                                                 "ERS",
                                                 "ESAT",
                                                 "FAST",
                                                 "FIT",
                                                 "FITS",
                                                 "GFF",
                                                 "GIF",
                                                 "GPKG",
                                                 "GRASSASCIIGrid",
                                                 "GRIB",
                                                 "GS7BG",
                                                 "GSAG",
                                                 "GSBG",
                                                 "GSC",
                                                 "GTX",
                                                 "GTiff",
                                                 "GXF",
                                                 "HF2",
                                                 "HFA",
                                                 "ILWIS",
                                                 "ISCE",
                                                 "ISG",
                                                 "ISIS2",
                                                 "ISIS3",
                                                 "JAXAPALSAR",
                                                 "JDEM",
                                                 "JP2OpenJPEG",
                                                 "JPEG",
                                                 "KRO",
                                                 "L1B",
                                                 "LAN",
                                                 "LCP",
                                                 "Leveller",
                                                 "MBTiles",
                                                 "MFF",
                                                 "MFF2",
                                                 "MSGN",
                                                 "NDF",
                                                 "NGSGEOID",
                                                 "NITF",
                                                 "NTv2",
                                                 "NWT_GRC",
                                                 "NWT_GRD",
                                                 "PAux",
                                                 "PCIDSK",
                                                 "PCRaster",
                                                 "PDS",
                                                 "PDS4",
                                                 "PNG",
                                                 "PNM",
                                                 "PRF",
                                                 "RMF",
                                                 "ROI_PAC",
                                                 "RRASTER",
                                                 "RS2",
                                                 "RST",
                                                 "SAFE",
                                                 "SAGA",
                                                 "SAR_CEOS",
                                                 "SDTS",
                                                 "SENTINEL2",
                                                 "SGI",
                                                 "SIGDEM",
                                                 "SNODAS",
                                                 "SRP",
                                                 "SRTMHGT",
                                                 "TGA",
                                                 "TSX",
                                                 "Terragen",
                                                 "USGSDEM",
                                                 "VICAR",
                                                 "VRT",
                                                 "WEBP",
                                                 "XPM",
                                                 "XYZ",
                                                 "ZMap"};
  return names;
}

void register_raster_drivers() {
  static std::once_flag once;
  std::call_once(once, [] {
    register_drivers();
    std::set<std::string> wanted = registered_names();
    wanted.insert(raster_drivers().begin(), raster_drivers().end());
    GDALAllRegister();
    keep_only(wanted);
    // A VRT may bring pixel functions in Python.
    CPLSetConfigOption("GDAL_VRT_ENABLE_PYTHON", "NO");
    if (!may_use_network()) close_other_file_systems();
  });
}

}  // namespace rastream::geotiff
