// SPDX-License-Identifier: Apache-2.0
// For tests: HDF5 files with one dataset, written by libhdf5 itself in every layout.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rastream {

struct Sample {
  hid_t file_type = H5T_STD_I32LE;
  std::vector<hsize_t> shape = {7, 10};
  std::vector<hsize_t> limits = {};  ///< largest shape; empty: fixed
  std::vector<hsize_t> chunk = {};   ///< empty: not chunked
  bool is_compact = false;
  bool shuffle = false;
  int deflate = -1;  ///< level
  bool fletcher32 = false;
  int foreign_filter = 0;  ///< szip, scaleoffset, ...
  unsigned szip_mask = H5_SZIP_NN_OPTION_MASK;
  bool is_latest_version = false;  ///< version 4 layouts and their chunk indexes
  hsize_t user_block = 0;
  std::vector<hsize_t> written = {};  ///< cells [0, written) are written; empty: all
};

/// A path in a folder of this process.
std::string sample_path(const std::string& name);
/// Writes dataset "v" whose cell i in C order is sample_cell(i), with fill value -7; returns the
/// path.
std::string write_sample(const std::string& name, const Sample& sample);
std::int32_t sample_cell(std::int64_t i);

std::vector<char> read_bytes(const std::string& path);
void write_bytes(const std::string& path, const std::vector<char>& bytes);
/// Overwrites one byte in place: far faster than writing the file anew, which file systems flush
/// when it is closed.
void patch_byte(const std::string& path, std::size_t at, char value);

/// Calls f(i) while one bit of byte i of the file is flipped, for each `step`-th i of [begin, end).
/// REQUIRES: `bytes` is what the file holds.
template <typename F>
void for_each_flipped_byte(const std::string& path, const std::vector<char>& bytes,
                           std::size_t begin, std::size_t end, std::size_t step, F&& f) {
  for (std::size_t i = begin; i < end; i += step) {
    patch_byte(path, i, static_cast<char>(bytes[i] ^ 1 << i % 8));
    f(i);
    patch_byte(path, i, bytes[i]);
  }
}

}  // namespace rastream
