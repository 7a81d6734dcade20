// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/format.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/base/error.h"
namespace rastream {
const std::vector<Format>& formats() { static const std::vector<Format> t = {netcdf4_format()}; return t; }
std::shared_ptr<DatasetFile> open_file(const std::string& path, const std::string& group) { return formats()[0].open(path, group); }
std::unique_ptr<DatasetWriter> create_file(const std::string& path, const CreateOptions&) { throw Error(Errc::unsupported, "{}", path); }
}
