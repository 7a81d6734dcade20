// SPDX-License-Identifier: Apache-2.0
// The one door to libhdf5: its lock, its handles, and its error stack as Error. Only the files
// beside this one that read metadata include it. libhdf5 is not made for threads, so whoever calls
// it holds LibraryLock.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

#include "rastream/base/error.h"

namespace rastream {

/// The process-wide mutex of libhdf5, and of netcdf-c, which calls libhdf5.
std::recursive_mutex& hdf5_mutex();

/// Holds hdf5_mutex() and keeps libhdf5 from printing its errors.
class LibraryLock {
 public:
  LibraryLock();

 private:
  std::lock_guard<std::recursive_mutex> lock_;
};

/// The library's own words for the last failure, innermost first; "no reason given" when it has
/// none. Clears them.
std::string take_library_error();

/// Throws data_loss "<what>: <the library's words>".
[[noreturn]] void throw_library_error(const std::string& what);

/// Owns an HDF5 identifier. Constructing it from a failed call throws data_loss.
class Handle {
 public:
  Handle() = default;
  Handle(hid_t id, const std::string& what) : id_(id) {
    if (id_ < 0) throw_library_error("cannot read " + what);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) H5Idec_ref(id_);
  }
  operator hid_t() const { return id_; }
  bool is_open() const { return id_ >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// Throws data_loss when `status` says that a call failed.
inline void check_library(long long status, const std::string& what) {
  if (status < 0) throw_library_error("cannot read " + what);
}

/// Opens a file to read, without a file lock (network file systems often refuse them); a remote one
/// by its URL.
Handle open_library_file(const std::string& path);

}  // namespace rastream
