// SPDX-License-Identifier: Apache-2.0
// Names, sizes and NumPy 2's promotion of dtypes.
#include "rastream/array/dtype.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr DType kNumbers[] = {DType::bool_,  DType::int8,    DType::int16,  DType::int32,
                              DType::int64,  DType::uint8,   DType::uint16, DType::uint32,
                              DType::uint64, DType::float32, DType::float64};

TEST(DType, NamesComeBack) {
  for (const DType d : kNumbers) EXPECT_EQ(parse_dtype(to_string(d)), d);
  EXPECT_EQ(parse_dtype("string"), DType::string);
}

TEST(DType, NamesThatNumPyDoesNotHaveAreRefused) {
  for (const char* name : {"", "float", "Float32", "float16", " int8", "int8 ", "complex32"}) {
    try {
      parse_dtype(name);
      FAIL() << name;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument);
      EXPECT_NE(e.message().find(name), std::string::npos);
    }
  }
}

TEST(DType, ComplexOnesHaveTwoParts) {
  for (const DType d : {DType::complex64, DType::complex128}) {
    EXPECT_EQ(parse_dtype(to_string(d)), d);
    EXPECT_EQ(item_size(d), 2 * item_size(part_of(d)));
    EXPECT_TRUE(is_complex(d) && !is_floating(d) && !is_integer(d));
    EXPECT_THROW(visit_dtype(d, [](auto) {}), Error) << "few operators take them";
    visit_cell(d, [&]<typename T>(T) { EXPECT_EQ(dtype_of<T>, d); });
  }
  EXPECT_EQ(part_of(DType::int16), DType::int16);
}

// Printed by NumPy 2.4: promote_types("c8", ...).
TEST(DType, ComplexOnesPromoteByTheirParts) {
  for (const DType d : {DType::bool_, DType::int8, DType::int16, DType::uint16, DType::float32}) {
    EXPECT_EQ(promote(DType::complex64, d), DType::complex64) << to_string(d);
    EXPECT_EQ(promote(d, DType::complex64), DType::complex64) << to_string(d);
  }
  for (const DType d : {DType::int32, DType::uint32, DType::uint64, DType::float64}) {
    EXPECT_EQ(promote(DType::complex64, d), DType::complex128) << to_string(d);
  }
  EXPECT_EQ(promote(DType::complex128, DType::complex64), DType::complex128);
  EXPECT_EQ(promote_literal(DType::complex64, true), DType::complex64);
}

TEST(DType, SizesAreThoseOfTheCppTypes) {
  for (const DType d : kNumbers) {
    visit_dtype(d, [&]<typename T>(T) {
      EXPECT_EQ(item_size(d), sizeof(T));
      EXPECT_EQ(dtype_of<T>, d);
      EXPECT_EQ(is_floating(d), std::is_floating_point_v<T>);
      EXPECT_EQ(is_integer(d), (std::is_integral_v<T> && !std::is_same_v<T, bool>));
      EXPECT_EQ(is_signed_integer(d), is_integer(d) && std::is_signed_v<T>);
    });
  }
  EXPECT_EQ(item_size(DType::string), 0u);
}

TEST(DType, TextHasNoKernels) {
  try {
    visit_dtype(DType::string, [](auto) {});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unsupported);
  }
}

TEST(Promote, IsNumPysTable) {
  // numpy.promote_types of each pair, rows and columns in the order of kNumbers.
  const DType b = DType::bool_, i1 = DType::int8, i2 = DType::int16, i4 = DType::int32,
              i8 = DType::int64, u1 = DType::uint8, u2 = DType::uint16, u4 = DType::uint32,
              u8 = DType::uint64, f4 = DType::float32, f8 = DType::float64;
  const DType table[11][11] = {
      {b, i1, i2, i4, i8, u1, u2, u4, u8, f4, f8},  {i1, i1, i2, i4, i8, i2, i4, i8, f8, f4, f8},
      {i2, i2, i2, i4, i8, i2, i4, i8, f8, f4, f8}, {i4, i4, i4, i4, i8, i4, i4, i8, f8, f8, f8},
      {i8, i8, i8, i8, i8, i8, i8, i8, f8, f8, f8}, {u1, i2, i2, i4, i8, u1, u2, u4, u8, f4, f8},
      {u2, i4, i4, i4, i8, u2, u2, u4, u8, f4, f8}, {u4, i8, i8, i8, i8, u4, u4, u4, u8, f8, f8},
      {u8, f8, f8, f8, f8, u8, u8, u8, u8, f8, f8}, {f4, f4, f4, f8, f8, f4, f4, f8, f8, f4, f8},
      {f8, f8, f8, f8, f8, f8, f8, f8, f8, f8, f8}};
  for (std::size_t i = 0; i < 11; ++i) {
    for (std::size_t j = 0; j < 11; ++j) {
      EXPECT_EQ(promote(kNumbers[i], kNumbers[j]), table[i][j])
          << to_string(kNumbers[i]) << " " << to_string(kNumbers[j]);
    }
  }
}

TEST(Promote, TextMixesWithNothingElse) {
  EXPECT_EQ(promote(DType::string, DType::string), DType::string);
  EXPECT_THROW(promote(DType::string, DType::int8), Error);
  EXPECT_THROW(promote(DType::float64, DType::string), Error);
}

TEST(PromoteLiteral, KeepsTheArraysDtypeWhereItCanHoldTheKind) {
  EXPECT_EQ(promote_literal(DType::int8, false), DType::int8);
  EXPECT_EQ(promote_literal(DType::float32, true), DType::float32);
  EXPECT_EQ(promote_literal(DType::uint16, true), DType::float64);
  EXPECT_EQ(promote_literal(DType::bool_, false), DType::int64);
  EXPECT_EQ(promote_literal(DType::bool_, true), DType::float64);
}

}  // namespace
}  // namespace rastream
