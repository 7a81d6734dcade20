// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/public_name.h"

#include <gtest/gtest.h>

#include "rastream/base/error.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

TEST(PublicName, HidesTheQueryAndNothingElse) {
  EXPECT_EQ(public_name("/data/a.nc"), "/data/a.nc");
  EXPECT_EQ(public_name("/data/a?b.nc"), "/data/a?b.nc");
  EXPECT_EQ(public_name("https://host/a%20b.nc"), "https://host/a%20b.nc");
  const std::string url = "https://host:8443/a.nc?sig=c4n4ry&v=1";
  const std::string name = public_name(url);
  EXPECT_TRUE(name.starts_with("https://host:8443/a.nc?kept="));
  EXPECT_EQ(name.find("c4n4ry"), std::string::npos);
  EXPECT_EQ(public_name(name), name);
  EXPECT_EQ(actual_url(name), url);
  EXPECT_NE(public_name("https://host:8443/a.nc?sig=other"), name);
}

TEST(PublicName, OfAnotherProcessHasLostItsQuery) {
  const Error e = error_of([] { actual_url("https://host/a.nc?kept=0123456789abcdef"); });
  EXPECT_EQ(e.code(), Errc::permission_denied);
}

}  // namespace
}  // namespace rastream
