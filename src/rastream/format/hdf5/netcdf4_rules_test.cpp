// SPDX-License-Identifier: Apache-2.0
// NetCDF-4's rules on top of HDF5: dimensions across groups, names that collide, texts, bools.
// Files are written by netcdf-c or libhdf5 and held against netcdf-c.
#include <gtest/gtest.h>
#include <hdf5.h>
#include <netcdf.h>

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/hdf5/sample_file.h"
#include "rastream/format/netcdf_oracle.h"

namespace rastream {
namespace {

class NetcdfFile {
 public:
  explicit NetcdfFile(const std::string& name) : path_(sample_path(name)) {
    EXPECT_EQ(nc_create(path_.c_str(), NC_NETCDF4 | NC_CLOBBER, &id_), NC_NOERR);
  }
  int dimension(int group, const char* name, std::size_t size) {
    int d = -1;
    EXPECT_EQ(nc_def_dim(group, name, size, &d), NC_NOERR);
    return d;
  }
  int variable(int group, const char* name, nc_type type, const std::vector<int>& dims) {
    int v = -1;
    EXPECT_EQ(nc_def_var(group, name, type, static_cast<int>(dims.size()), dims.data(), &v),
              NC_NOERR);
    return v;
  }
  void put(int group, int v, const std::vector<std::size_t>& shape) {
    std::size_t n = 1;
    for (const auto s : shape) n *= s;
    std::vector<double> cells(n);
    for (std::size_t i = 0; i < n; ++i) cells[i] = static_cast<double>(i % 100);
    const std::vector<std::size_t> start(shape.size());
    EXPECT_EQ(nc_put_vara_double(group, v, start.data(), shape.data(), cells.data()), NC_NOERR);
  }
  int id() const { return id_; }
  std::string close() {
    EXPECT_EQ(nc_close(id_), NC_NOERR);
    return path_;
  }

 private:
  std::string path_;
  int id_ = -1;
};

TEST(Netcdf4Rules, AnUnlimitedDimensionIsAsLongAsItsLongestVariableAndTheRestIsFill) {
  NetcdfFile nc("unlimited.nc");
  const int time = nc.dimension(nc.id(), "time", NC_UNLIMITED);
  const int x = nc.dimension(nc.id(), "x", 3);
  int child = -1;
  ASSERT_EQ(nc_def_grp(nc.id(), "child", &child), NC_NOERR);
  nc.put(nc.id(), nc.variable(nc.id(), "short_one", NC_SHORT, {time, x}), {2, 3});
  nc.put(nc.id(), nc.variable(nc.id(), "long_one", NC_FLOAT, {time}), {5});
  nc.variable(nc.id(), "empty_one", NC_DOUBLE, {time, x});
  nc.put(child, nc.variable(child, "longest", NC_INT, {x, time}), {3, 9});
  const std::string path = nc.close();
  const auto root = netcdf4_format().open(path, "");
  EXPECT_EQ(expect_equal_to_netcdf(*root), 3);
  EXPECT_EQ(root->dimensions()[0].size, 9);
  EXPECT_EQ(root->groups(), (std::vector<std::string>{"child"}));
  const auto below = netcdf4_format().open(path, "/child/");
  EXPECT_EQ(expect_equal_to_netcdf(*below, "child"), 1);
  EXPECT_EQ(below->dimensions().size(), 2);
}

TEST(Netcdf4Rules, NamesThatCollideWithDimensionsAndCoordinatesOfTwoDimensionsAreResolved) {
  NetcdfFile nc("names.nc");
  const int y = nc.dimension(nc.id(), "y", 4);
  const int x = nc.dimension(nc.id(), "x", 3);
  nc.put(nc.id(), nc.variable(nc.id(), "x", NC_FLOAT, {y}), {4});  // not x's coordinate
  nc.put(nc.id(), nc.variable(nc.id(), "y", NC_FLOAT, {y, x}),
         {4, 3});  // a coordinate of two dimensions
  nc.put(nc.id(), nc.variable(nc.id(), "v", NC_UBYTE, {x, y}), {3, 4});
  const auto file = netcdf4_format().open(nc.close(), "");
  EXPECT_EQ(expect_equal_to_netcdf(*file), 3);
  EXPECT_TRUE(file->variables()[file->find_variable("y")].is_dimension_scale);
}

TEST(Netcdf4Rules, EveryNumericTypeChunkedAndPlainIsNetcdfs) {
  NetcdfFile nc("types.nc");
  const int y = nc.dimension(nc.id(), "y", 7);
  const int x = nc.dimension(nc.id(), "x", 9);
  const std::size_t chunk[] = {3, 4};
  for (const nc_type type : {NC_BYTE, NC_UBYTE, NC_SHORT, NC_USHORT, NC_INT, NC_UINT, NC_INT64,
                             NC_UINT64, NC_FLOAT, NC_DOUBLE}) {
    const std::string name = "v" + std::to_string(type);
    nc.put(nc.id(), nc.variable(nc.id(), name.c_str(), type, {y, x}), {7, 9});
    const int packed = nc.variable(nc.id(), (name + "_packed").c_str(), type, {y, x});
    nc_def_var_chunking(nc.id(), packed, NC_CHUNKED, chunk);
    nc_def_var_deflate(nc.id(), packed, 1, 1, 6);
    nc_def_var_fletcher32(nc.id(), packed, NC_FLETCHER32);
    nc_def_var_endian(nc.id(), packed, type % 2 == 0 ? NC_ENDIAN_BIG : NC_ENDIAN_LITTLE);
    nc.put(nc.id(), packed, {5, 6});
    const double one = 1;
    nc_put_att_double(nc.id(), packed, "number", type, 1, &one);
    nc.variable(nc.id(), (name + "_unwritten").c_str(), type, {y});
  }
  const auto file = netcdf4_format().open(nc.close(), "");
  EXPECT_EQ(expect_equal_to_netcdf(*file), 30);
  EXPECT_EQ(file->variables()[file->find_variable("v3_unwritten")].fill_value, -32767);
  std::vector<std::string> codecs = file->variables()[file->find_variable("v3_packed")].codecs;
  std::sort(codecs.begin(), codecs.end());  // versions of netcdf-c apply them in different orders
  EXPECT_EQ(codecs, (std::vector<std::string>{"deflate 6", "fletcher32", "shuffle"}));
}

TEST(Netcdf4Rules, TextsAndCharsAreStrings) {
  NetcdfFile nc("texts.nc");
  const int n = nc.dimension(nc.id(), "n", 2);
  const int length = nc.dimension(nc.id(), "length", 4);
  const int texts = nc.variable(nc.id(), "texts", NC_STRING, {n});
  const char* words[] = {"wörter", ""};
  EXPECT_EQ(nc_put_var_string(nc.id(), texts, words), NC_NOERR);
  const int chars = nc.variable(nc.id(), "chars", NC_CHAR, {n, length});
  EXPECT_EQ(nc_put_var_text(nc.id(), chars, "ab\0\0wxyz"), NC_NOERR);
  const int letter = nc.variable(nc.id(), "letter", NC_CHAR, {});
  EXPECT_EQ(nc_put_var_text(nc.id(), letter, "q"), NC_NOERR);
  EXPECT_EQ(nc_put_att_string(nc.id(), texts, "list", 2, words), NC_NOERR);
  const auto file = netcdf4_format().open(nc.close(), "");
  EXPECT_EQ(expect_equal_to_netcdf(*file), 3);
  EXPECT_EQ(file->read_strings(file->find_variable("texts")),
            (std::vector<std::string>{"wörter", ""}));
  EXPECT_EQ(file->read_strings(file->find_variable("chars")),
            (std::vector<std::string>{"ab", "wxyz"}));
  EXPECT_EQ(file->read_strings(file->find_variable("letter")), (std::vector<std::string>{"q"}));
  EXPECT_EQ(file->variables()[1].schema.dims, (std::vector<std::string>{"n"}));
  const Attribute* list = file->variables()[0].attributes.find("list");
  EXPECT_EQ(std::get<std::vector<std::string>>(*list), (std::vector<std::string>{"wörter", ""}));
}

TEST(Netcdf4Rules, ADimensionUsedTwiceIsRefusedWithThatReason) {
  NetcdfFile nc("square.nc");
  const int x = nc.dimension(nc.id(), "x", 3);
  nc.variable(nc.id(), "covariance", NC_FLOAT, {x, x});
  const auto file = netcdf4_format().open(nc.close(), "");
  EXPECT_TRUE(file->variables().empty());
  EXPECT_EQ(file->unsupported_reason("covariance"), "has dimension 'x' twice");
}

void add_dataset(hid_t file, const char* name, hid_t type, const void* cells) {
  const hsize_t shape[] = {3};
  const hid_t space = H5Screate_simple(1, shape, nullptr);
  const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  EXPECT_GE(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells), 0);
  H5Dclose(dataset);
  H5Sclose(space);
}

TEST(Hdf5Types, BoolsAndFixedTextsAreReadAndOtherTypesAreRefusedByName) {
  const std::string path = sample_path("h5_types.h5");
  const hid_t file_id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t boolean = H5Tenum_create(H5T_NATIVE_INT8);
  const hid_t colour = H5Tenum_create(H5T_NATIVE_INT8);
  const std::int8_t values[] = {0, 1, 2};
  H5Tenum_insert(boolean, "FALSE", &values[0]);
  H5Tenum_insert(boolean, "TRUE", &values[1]);
  H5Tenum_insert(colour, "RED", &values[2]);
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 5);
  const hid_t opaque = H5Tcreate(H5T_OPAQUE, 1);
  const std::int8_t bools[] = {1, 0, 1};
  add_dataset(file_id, "flags", boolean, bools);
  add_dataset(file_id, "colours", colour, bools);
  add_dataset(file_id, "words", text, "ab\0\0\0cdefghijk\0");
  add_dataset(file_id, "blobs", opaque, bools);
  add_dataset(file_id, "bits", H5T_STD_B8LE, bools);
  for (const hid_t type : {boolean, colour, text, opaque}) H5Tclose(type);
  H5Fclose(file_id);

  const auto file = netcdf4_format().open(path, "");
  const std::size_t flags = file->find_variable("flags");
  EXPECT_EQ(file->variables()[flags].schema.dtype, DType::bool_);
  const OwnedBlock block({{0}, {3}}, DType::bool_);
  file->read(flags, block.view());
  EXPECT_TRUE(block.view().as<bool>()[0] && !block.view().as<bool>()[1] &&
              block.view().as<bool>()[2]);
  EXPECT_EQ(file->read_strings(file->find_variable("words")),
            (std::vector<std::string>{"ab", "cdefg", "hijk"}));
  for (const auto& [name, type] :
       {std::pair("colours", "enumeration"), {"blobs", "opaque"}, {"bits", "bitfield"}}) {
    try {
      file->find_variable(name);
      ADD_FAILURE() << name;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::unsupported);
      EXPECT_NE(e.message().find(type), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace rastream
