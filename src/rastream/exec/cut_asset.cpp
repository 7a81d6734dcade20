// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/cut_asset.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/exec/compare_copy.h"
#include "rastream/exec/copy_dataset.h"
#include "rastream/exec/copy_windows.h"

namespace rastream {
namespace {

CopyOptions options_of(const std::string& in, const AssetPart& part) {
  CopyOptions options;
  options.overwrite = true;
  if (part.bbox) options.windows = box_windows(in, "", *part.bbox);
  if (!part.time.empty() && !is_raster_path(in.substr(0, in.find('?'))))
    options.windows.merge(time_windows(in, "", part.time));
  return options;
}

}  // namespace

bool is_cuttable(const Asset& asset) {
  constexpr std::array<std::string_view, 6> kTypes = {
      "image/tiff",        "application/netcdf",   "application/x-netcdf",
      "application/x-hdf", "application/vnd+zarr", "application/vnd.zarr"};
  constexpr std::array<std::string_view, 7> kSuffixes = {".nc",  ".nc4",  ".h5",  ".hdf5",
                                                         ".tif", ".tiff", ".zarr"};
  std::string path = asset.href.substr(0, asset.href.find_first_of("?#"));
  while (path.ends_with('/')) path.pop_back();
  const auto begins = [&](std::string_view type) { return asset.type.starts_with(type); };
  const auto ends = [&](std::string_view suffix) { return path.ends_with(suffix); };
  return std::any_of(kTypes.begin(), kTypes.end(), begins) ||
         std::any_of(kSuffixes.begin(), kSuffixes.end(), ends);
}

bool is_cut_intact(const std::string& in, const std::string& out, const AssetPart& part,
                   const CutOptions& options) {
  std::error_code error;
  if (!std::filesystem::exists(out, error)) return false;
  try {
    const CompareReport report = compare_copy(in, out, options_of(in, part), options.memory_bytes,
                                              options.n_threads, options.stop);
    return report.is_complete && report.differences.empty();
  } catch (const Error& e) {
    // What is there may be anything; what is wrong with the source, cutting it will say.
    return false;
  }
}

void cut_file(const std::string& in, const std::string& out, const AssetPart& part,
              const CutOptions& options) {
  RunOptions run;
  run.plan.memory_bytes = options.memory_bytes;
  run.plan.n_threads = options.n_threads;
  run.stop = options.stop;
  if (!copy_dataset(in, out, options_of(in, part), run).is_complete)
    throw Error(Errc::unavailable, "stopped");
}

}  // namespace rastream
