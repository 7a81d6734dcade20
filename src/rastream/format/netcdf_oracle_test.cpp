// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/netcdf_oracle.h"

#include <gtest/gtest.h>
#include <netcdf.h>

#include <cstring>
#include <map>

namespace rastream {
namespace {

DType dtype_of_netcdf(nc_type type) {
  static const std::map<nc_type, DType> types = {
      {NC_BYTE, DType::int8},   {NC_CHAR, DType::string},   {NC_SHORT, DType::int16},
      {NC_INT, DType::int32},   {NC_FLOAT, DType::float32}, {NC_DOUBLE, DType::float64},
      {NC_UBYTE, DType::uint8}, {NC_USHORT, DType::uint16}, {NC_UINT, DType::uint32},
      {NC_INT64, DType::int64}, {NC_UINT64, DType::uint64}, {NC_STRING, DType::string}};
  return types.at(type);
}

class Oracle {
 public:
  Oracle(const DatasetFile& file, const std::string& group) : file_(file) {
    EXPECT_EQ(nc_open(file.path().c_str(), NC_NOWRITE, &root_), NC_NOERR);
    id_ = root_;
    if (group.empty()) return;
    EXPECT_EQ(nc_inq_grp_full_ncid(root_, ("/" + group).c_str(), &id_), NC_NOERR);
  }
  ~Oracle() { nc_close(root_); }

  int compare() {
    int n_variables = 0;
    int n_compared = 0;
    EXPECT_EQ(nc_inq_nvars(id_, &n_variables), NC_NOERR);
    for (int v = 0; v < n_variables; ++v) n_compared += compare_variable(v) ? 1 : 0;
    EXPECT_EQ(static_cast<std::size_t>(n_compared), file_.variables().size()) << file_.path();
    compare_attributes(NC_GLOBAL, file_.attributes());
    return n_compared;
  }

 private:
  bool compare_variable(int v) {
    char name[NC_MAX_NAME + 1];
    EXPECT_EQ(nc_inq_varname(id_, v, name), NC_NOERR);
    SCOPED_TRACE(file_.path() + ": " + name);
    nc_type type = 0;
    EXPECT_EQ(nc_inq_vartype(id_, v, &type), NC_NOERR);
    if (file_.unsupported_reason(name)) return false;
    const std::size_t index = file_.find_variable(name);
    const VariableInfo& info = file_.variables()[index];
    const std::vector<std::size_t> shape = compare_shape(v, type, info);
    if (type >= NC_FIRSTUSERTYPEID) {
      EXPECT_EQ(info.schema.dtype, DType::bool_);
    } else {
      EXPECT_EQ(info.schema.dtype, dtype_of_netcdf(type));
    }
    std::size_t n_cells = 1;
    for (const auto n : shape) n_cells *= n;
    if (type == NC_CHAR) {
      compare_chars(v, index, n_cells);
    } else if (type == NC_STRING) {
      compare_strings(v, index, n_cells);
    } else {
      compare_cells(v, index, n_cells);
    }
    compare_attributes(v, info.attributes);
    return true;
  }

  std::vector<std::size_t> compare_shape(int v, nc_type type, const VariableInfo& info) {
    int rank = 0;
    int dims[NC_MAX_VAR_DIMS];
    EXPECT_EQ(nc_inq_var(id_, v, nullptr, nullptr, &rank, dims, nullptr), NC_NOERR);
    std::vector<std::size_t> shape;
    std::vector<std::string> names;
    for (int i = 0; i < rank; ++i) {
      char name[NC_MAX_NAME + 1];
      shape.push_back(0);
      EXPECT_EQ(nc_inq_dim(id_, dims[i], name, &shape.back()), NC_NOERR);
      names.emplace_back(name);
    }
    const std::size_t n_shown = type == NC_CHAR && rank > 0 ? shape.size() - 1 : shape.size();
    EXPECT_EQ(info.schema.rank(), n_shown);
    for (std::size_t i = 0; i < n_shown; ++i) {
      EXPECT_EQ(info.schema.shape[i], static_cast<std::int64_t>(shape[i]));
      // netcdf-c numbers phony dimensions through all groups of a file, we through the opened one.
      const bool is_phony = names[i].starts_with("phony_dim_");
      EXPECT_EQ(is_phony ? info.schema.dims[i].substr(0, 10) : info.schema.dims[i],
                is_phony ? "phony_dim_" : names[i]);
    }
    return shape;
  }

  void compare_cells(int v, std::size_t index, std::size_t n_cells) {
    const Schema& schema = file_.variables()[index].schema;
    const std::size_t n_bytes = n_cells * item_size(schema.dtype);
    std::vector<std::byte> expected(n_bytes);
    ASSERT_EQ(nc_get_var(id_, v, expected.data()), NC_NOERR);
    const OwnedBlock block(schema.whole(), schema.dtype);
    file_.read(index, block.view());
    if (n_bytes == 0) return;
    EXPECT_EQ(std::memcmp(block.view().data, expected.data(), n_bytes), 0);
  }

  void compare_chars(int v, std::size_t index, std::size_t n_chars) {
    std::vector<char> expected(n_chars);
    ASSERT_EQ(nc_get_var_text(id_, v, expected.data()), NC_NOERR);
    const auto texts = file_.read_strings(index);
    ASSERT_EQ(static_cast<std::int64_t>(texts.size()), file_.variables()[index].schema.n_cells());
    const std::size_t length = texts.empty() ? 0 : n_chars / texts.size();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::string text(expected.data() + i * length, length);
      text.erase(text.find_last_not_of('\0') + 1);
      EXPECT_EQ(texts[i], text);
    }
  }

  void compare_strings(int v, std::size_t index, std::size_t n_cells) {
    std::vector<char*> expected(n_cells);
    ASSERT_EQ(nc_get_var_string(id_, v, expected.data()), NC_NOERR);
    const auto texts = file_.read_strings(index);
    ASSERT_EQ(texts.size(), n_cells);
    for (std::size_t i = 0; i < n_cells; ++i)
      EXPECT_EQ(texts[i], expected[i] == nullptr ? "" : expected[i]);
    nc_free_string(n_cells, expected.data());
  }

  void compare_attributes(int v, const Attributes& attributes) {
    int n = 0;
    EXPECT_EQ(nc_inq_varnatts(id_, v, &n), NC_NOERR);
    for (int i = 0; i < n; ++i) {
      char name[NC_MAX_NAME + 1];
      ASSERT_EQ(nc_inq_attname(id_, v, i, name), NC_NOERR);
      compare_attribute(v, name, attributes.find(name));
    }
  }

  void compare_attribute(int v, const char* name, const Attribute* ours) {
    nc_type type = 0;
    std::size_t n = 0;
    ASSERT_EQ(nc_inq_att(id_, v, name, &type, &n), NC_NOERR);
    if (type > NC_STRING) return;
    ASSERT_NE(ours, nullptr) << name;
    if (type == NC_STRING) {
      EXPECT_EQ(std::holds_alternative<Numbers>(*ours), false) << name;
    } else if (type == NC_CHAR) {
      std::string text(n, '\0');
      ASSERT_EQ(nc_get_att_text(id_, v, name, text.data()), NC_NOERR);
      ASSERT_TRUE(std::holds_alternative<std::string>(*ours)) << name;
      EXPECT_EQ(std::get<std::string>(*ours), text.substr(0, text.find_last_not_of('\0') + 1))
          << name;
    } else {
      ASSERT_TRUE(std::holds_alternative<Numbers>(*ours)) << name;
      const auto& numbers = std::get<Numbers>(*ours);
      EXPECT_EQ(numbers.dtype, dtype_of_netcdf(type)) << name;
      ASSERT_EQ(numbers.size(), n) << name;
      std::vector<double> expected(n);
      const int status = n > 0 ? nc_get_att_double(id_, v, name, expected.data()) : NC_NOERR;
      ASSERT_EQ(status, NC_NOERR);
      for (std::size_t i = 0; i < n; ++i) {
        const double a = numbers.as_double(i);
        EXPECT_TRUE(a == expected[i] || (a != a && expected[i] != expected[i])) << name;
      }
    }
  }

  const DatasetFile& file_;
  int root_ = -1;
  int id_ = -1;
};

}  // namespace

bool netcdf_can_open(const std::string& path) {
  int id = -1;
  if (nc_open(path.c_str(), NC_NOWRITE, &id) != NC_NOERR) return false;
  nc_close(id);
  return true;
}

int expect_equal_to_netcdf(const DatasetFile& file, const std::string& group) {
  return Oracle(file, group).compare();
}

}  // namespace rastream
