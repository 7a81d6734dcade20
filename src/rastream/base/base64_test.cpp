// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/base64.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::optional<std::string> decoded(std::string_view text) {
  const auto bytes = base64_decode(text);
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

TEST(Base64, TheVectorsOfTheStandard) {  // RFC 4648, section 10
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(bytes_of(plain)), encoded);
    EXPECT_EQ(decoded(encoded), plain);
  }
}

TEST(Base64, EveryByteComesBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t skip = 0; skip < 3; ++skip) {
    const std::string part = all.substr(skip);
    EXPECT_EQ(decoded(base64_encode(bytes_of(part))), part);
  }
}

TEST(Base64, WhatIsNotPaddedBase64IsNothing) {
  for (const char* text : {"Z", "Zg", "Zg=", "Z===", "====", "Zm9v=", "Zg==Zg==", "Zm9-", "Zm9 "})
    EXPECT_FALSE(decoded(text)) << text;
}

}  // namespace
}  // namespace rastream
