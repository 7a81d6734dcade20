// SPDX-License-Identifier: Apache-2.0
// How libhdf5 reads what is not a file of this machine: a virtual file driver over FileBytes (HDF5
// 1.10, "Virtual File Layer").
#pragma once

#include <hdf5.h>

namespace rastream {

/// Makes `access` open remote values by their URLs, to read. The caller holds LibraryLock.
void use_remote_driver(hid_t access);

}  // namespace rastream
