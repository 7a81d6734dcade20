// SPDX-License-Identifier: Apache-2.0
// Types of cells beyond the plain numbers: float16, bools of h5py, and what is refused.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>

#include "rastream/array/half.h"
#include "rastream/base/error.h"
#include "rastream/format/hdf5/cells.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/hdf5/sample_file.h"

namespace rastream {
namespace {

/// binary16 as h5py builds it.
hid_t half_type(hid_t base) {
  const hid_t type = H5Tcopy(base);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

struct HalfFile {
  hid_t base = H5T_IEEE_F32LE;
  std::vector<hsize_t> chunk = {};
  bool is_compact = false;
  bool is_deflated = false;
  int n_written = 12;  ///< of 20 rows
};

/// Rows of 5 cells, cell i is i / 4 - 3; fill value 0.5.
std::string write_halves(const HalfFile& h) {
  const std::string path = sample_path("halves.h5");
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t shape[] = {20, 5};
  const hid_t space = H5Screate_simple(2, shape, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const float fill = 0.5F;
  H5Pset_fill_value(creation, H5T_NATIVE_FLOAT, &fill);
  if (!h.chunk.empty()) H5Pset_chunk(creation, 2, h.chunk.data());
  if (h.is_compact) H5Pset_layout(creation, H5D_COMPACT);
  if (h.is_deflated) {
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, 3);
  }
  const hid_t type = half_type(h.base);
  const hid_t dataset = H5Dcreate2(file, "v", type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  std::vector<float> cells(100);
  for (std::size_t i = 0; i < 100; ++i) cells[i] = static_cast<float>(i) / 4 - 3;
  const hsize_t start[] = {0, 0};
  const hsize_t count[] = {static_cast<hsize_t>(h.n_written), 5};
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr);
  EXPECT_GE(H5Dwrite(dataset, H5T_NATIVE_FLOAT, space, space, H5P_DEFAULT, cells.data()), 0);
  for (const hid_t id : {dataset, type}) H5Idec_ref(id);
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  return path;
}

TEST(Hdf5Types, Float16OfEveryLayoutIsReadAsFloat32) {
  for (const hid_t base : {H5T_IEEE_F32LE, H5T_IEEE_F32BE}) {
    for (const HalfFile& h : {HalfFile{base}, HalfFile{base, {}, true}, HalfFile{base, {3, 5}},
                              HalfFile{base, {4, 3}}, HalfFile{base, {4, 2}, false, true}}) {
      const auto file = netcdf4_format().open(write_halves(h), "");
      ASSERT_EQ(file->variables().size(), 1);
      EXPECT_EQ(file->variables()[0].schema.dtype, DType::float32);
      EXPECT_EQ(file->variables()[0].fill_value, 0.5);
      for (const DType dtype : {DType::float32, DType::float64}) {
        const OwnedBlock block({{0, 0}, {20, 5}}, dtype);
        file->read(0, block.view());
        for_each_index(block.view().region, [&](const Extents& i) {
          const double wanted =
              i[0] < h.n_written ? static_cast<double>(5 * i[0] + i[1]) / 4 - 3 : 0.5;
          EXPECT_EQ(cell_as_double(block.view(), i), wanted) << to_string(i);
        });
      }
      const OwnedBlock part({{3, 1}, {11, 4}}, DType::int32);
      file->read(0, part.view());
      EXPECT_EQ(cell_as_double(part.view(), {3, 1}), 1);
    }
  }
}

TEST(Hdf5Types, EveryFloat16HasItsValue) {
  EXPECT_EQ(widened_half(0x3c00), 1.0F);
  EXPECT_EQ(widened_half(0xc000), -2.0F);
  EXPECT_EQ(widened_half(0x7bff), 65504.0F);
  EXPECT_EQ(widened_half(0x0001), 0x1p-24F);
  EXPECT_EQ(widened_half(0x0400), 0x1p-14F);
  EXPECT_EQ(widened_half(0x7c00), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(widened_half(0x7e01)));
  EXPECT_TRUE(std::signbit(widened_half(0x8000)));
  float last = -1;
  for (std::uint16_t half = 0; half < 0x7c00; ++half) {
    EXPECT_GT(widened_half(half), last);
    last = widened_half(half);
  }
}

/// Compounds of r and i as h5py writes them: 6 x 4 cells, 4 rows written, fill value 0.5 - 2i.
std::string write_complex(hid_t part, bool is_chunked) {
  const std::string path = sample_path("complex.h5");
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t shape[] = {6, 4};
  const hsize_t chunk[] = {2, 3};
  const hid_t space = H5Screate_simple(2, shape, nullptr);
  const auto compound = [](hid_t member) {
    const std::size_t n = H5Tget_size(member);
    const hid_t type = H5Tcreate(H5T_COMPOUND, 2 * n);
    H5Tinsert(type, "r", 0, member);
    H5Tinsert(type, "i", n, member);
    return type;
  };
  const hid_t stored = compound(part);
  const hid_t memory = compound(H5T_NATIVE_DOUBLE);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const double fill[] = {0.5, -2};
  H5Pset_fill_value(creation, memory, fill);
  if (is_chunked) {
    H5Pset_chunk(creation, 2, chunk);
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, 2);
  }
  const hid_t dataset = H5Dcreate2(file, "v", stored, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  std::vector<std::complex<double>> cells;
  for (int i = 0; i < 24; ++i) cells.emplace_back(i, -i / 4.0);
  const hsize_t start[] = {0, 0};
  const hsize_t count[] = {4, 4};
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr);
  EXPECT_GE(H5Dwrite(dataset, memory, space, space, H5P_DEFAULT, cells.data()), 0);
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Tclose(stored);
  H5Tclose(memory);
  H5Sclose(space);
  H5Fclose(file);
  return path;
}

TEST(Hdf5Types, ACompoundOfRAndIIsComplex) {
  for (const hid_t part : {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE}) {
    for (const bool is_chunked : {false, true}) {
      const auto file = netcdf4_format().open(write_complex(part, is_chunked), "");
      ASSERT_EQ(file->variables().size(), 1);
      EXPECT_EQ(file->variables()[0].schema.dtype,
                H5Tget_size(part) == 4 ? DType::complex64 : DType::complex128);
      for (const DType dtype : {DType::complex64, DType::complex128}) {
        const OwnedBlock block({{0, 0}, {6, 4}}, dtype);
        file->read(0, block.view());
        for (std::int64_t i = 0; i < 24; ++i) {
          const auto cell = dtype == DType::complex64
                                ? std::complex<double>(block.view().as<std::complex<float>>()[i])
                                : block.view().as<std::complex<double>>()[i];
          const auto number = static_cast<double>(i);
          EXPECT_EQ(cell, i < 16 ? std::complex<double>(number, -number / 4)
                                 : std::complex<double>(0.5, -2))
              << i;
        }
      }
    }
  }
}

/// One dataset of each type that has no dtype.
std::string write_refused() {
  const std::string path = sample_path("refused.h5");
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t shape[] = {4};
  const hid_t space = H5Screate_simple(1, shape, nullptr);
  const hid_t compound = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(compound, "a", 0, H5T_STD_I32LE);
  H5Tinsert(compound, "b", 4, H5T_IEEE_F32LE);
  const hid_t colours = H5Tenum_create(H5T_STD_I16LE);
  std::int16_t red = 0;
  H5Tenum_insert(colours, "red", &red);
  const hsize_t two = 2;
  const std::vector<std::pair<const char*, hid_t>> types = {
      {"compound", compound},
      {"vlen", H5Tvlen_create(H5T_STD_I32LE)},
      {"opaque", H5Tcreate(H5T_OPAQUE, 5)},
      {"reference", H5Tcopy(H5T_STD_REF_OBJ)},
      {"enumeration", colours},
      {"bitfield", H5Tcopy(H5T_STD_B8LE)},
      {"array", H5Tarray_create2(H5T_STD_I32LE, 1, &two)}};
  for (const auto& [name, type] : types) {
    H5Dclose(H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Tclose(type);
  }
  H5Sclose(space);
  H5Fclose(file);
  return path;
}

TEST(Hdf5Types, ATypeWithoutADtypeIsRefusedByItsName) {
  const auto file = netcdf4_format().open(write_refused(), "");
  EXPECT_TRUE(file->variables().empty());
  for (const char* name :
       {"compound", "vlen", "opaque", "reference", "enumeration", "bitfield", "array"}) {
    const auto reason = file->unsupported_reason(name);
    ASSERT_TRUE(reason) << name;
    EXPECT_NE(reason->find(name), std::string::npos) << *reason;
  }
}

/// Expects that reading variable "v" throws unsupported naming it, the file and `why`.
void expect_refused(const std::string& path, const char* why) {
  const auto file = netcdf4_format().open(path, "");
  const std::size_t v = file->find_variable("v");
  const OwnedBlock block(file->variables()[v].schema.whole(), DType::float64);
  try {
    file->read(v, block.view());
    ADD_FAILURE() << path << " is read";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unsupported);
    for (const std::string& part : {std::string("'v'"), path, std::string(why)})
      EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(Hdf5Types, AVirtualDatasetIsRefusedByName) {
  const std::string path = sample_path("virtual.h5");
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t shape[] = {4};
  const hid_t space = H5Screate_simple(1, shape, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_virtual(creation, space, "/etc/passwd", "v", space);
  H5Dclose(H5Dcreate2(file, "v", H5T_STD_I32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  expect_refused(path, "virtual");
}

TEST(Hdf5Types, CellsInExternalFilesAreRefusedByName) {
  const std::string path = sample_path("external.h5");
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t shape[] = {4};
  const hid_t space = H5Screate_simple(1, shape, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(creation, "/etc/passwd", 0, 16);
  H5Dclose(H5Dcreate2(file, "v", H5T_STD_I32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  expect_refused(path, "external");
}

}  // namespace
}  // namespace rastream
