// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/library.h"

#include "rastream/format/hdf5/library_driver.h"
#include "rastream/store/byte_source.h"

namespace rastream {

std::recursive_mutex& hdf5_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

// Printing is a setting of each thread in a thread-safe build of the library, and netcdf-c and GDAL
// change it too.
LibraryLock::LibraryLock() : lock_(hdf5_mutex()) { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::string take_library_error() {
  std::string text;
  const auto collect = [](unsigned n, const H5E_error2_t* error, void* out) -> herr_t {
    constexpr unsigned kShownLevels = 2;
    auto& words = *static_cast<std::string*>(out);
    if (n >= kShownLevels || error->desc == nullptr || *error->desc == '\0') return 0;
    words += (words.empty() ? "" : ", ") + std::string(error->desc);
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "no reason given" : text;
}

void throw_library_error(const std::string& what) {
  throw Error(Errc::data_loss, "{}: {}", what, take_library_error());
}

Handle open_library_file(const std::string& path) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), "file access properties");
  if (is_remote(path)) {
    use_remote_driver(access);
    return Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), path);
  }
  H5Pset_file_locking(access, false, true);
  const hid_t unlocked = H5Fopen(path.c_str(), H5F_ACC_RDONLY, access);
  if (unlocked >= 0) return Handle(unlocked, path);
  // A file that another library of this process has open can only be opened again in the same way.
  H5Eclear2(H5E_DEFAULT);
  return Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "'" + path + "' as HDF5");
}

}  // namespace rastream
