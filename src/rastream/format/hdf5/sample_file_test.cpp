// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/sample_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace rastream {
namespace {

hid_t creation_of(const Sample& s) {
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const std::int32_t fill = -7;
  H5Pset_fill_value(creation, H5T_NATIVE_INT32, &fill);
  if (s.is_compact) H5Pset_layout(creation, H5D_COMPACT);
  if (!s.chunk.empty()) H5Pset_chunk(creation, static_cast<int>(s.chunk.size()), s.chunk.data());
  if (s.shuffle) H5Pset_shuffle(creation);
  if (s.foreign_filter == H5Z_FILTER_SCALEOFFSET) H5Pset_scaleoffset(creation, H5Z_SO_INT, 0);
  if (s.foreign_filter == H5Z_FILTER_NBIT) H5Pset_nbit(creation);
  if (s.foreign_filter == H5Z_FILTER_SZIP) H5Pset_szip(creation, s.szip_mask, 8);
  if (s.deflate >= 0) H5Pset_deflate(creation, static_cast<unsigned>(s.deflate));
  if (s.fletcher32) H5Pset_fletcher32(creation);
  return creation;
}

void write_cells(hid_t dataset, const Sample& s) {
  std::int64_t n = 1;
  for (const auto size : s.shape) n *= static_cast<std::int64_t>(size);
  std::vector<std::int32_t> cells(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) cells[static_cast<std::size_t>(i)] = sample_cell(i);
  const auto count = s.written.empty() ? s.shape : s.written;
  const std::vector<hsize_t> start(s.shape.size());
  const hid_t space = H5Dget_space(dataset);
  const hid_t memory = H5Screate_simple(static_cast<int>(s.shape.size()), s.shape.data(), nullptr);
  for (const hid_t id : {space, memory}) {
    H5Sselect_hyperslab(id, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  }
  EXPECT_GE(H5Dwrite(dataset, H5T_NATIVE_INT32, memory, space, H5P_DEFAULT, cells.data()), 0);
  H5Sclose(space);
  H5Sclose(memory);
}

}  // namespace

std::int32_t sample_cell(std::int64_t i) { return static_cast<std::int32_t>(i * 37 % 1009 - 300); }

std::string sample_path(const std::string& name) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("rastream_hdf5_test_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  return (folder / name).string();
}

std::string write_sample(const std::string& name, const Sample& s) {
  const std::string path = sample_path(name);
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (s.is_latest_version) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const hid_t file_creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_userblock(file_creation, s.user_block);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, file_creation, access);
  const hid_t space = H5Screate_simple(static_cast<int>(s.shape.size()), s.shape.data(),
                                       s.limits.empty() ? nullptr : s.limits.data());
  const hid_t creation = creation_of(s);
  const hid_t dataset =
      H5Dcreate2(file, "v", s.file_type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  EXPECT_GE(dataset, 0) << name;
  if (s.written.empty() || s.written[0] > 0) write_cells(dataset, s);
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  H5Pclose(file_creation);
  H5Pclose(access);
  return path;
}

std::vector<char> read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void patch_byte(const std::string& path, std::size_t at, char value) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(value);
}

}  // namespace rastream
