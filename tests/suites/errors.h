// SPDX-License-Identifier: Apache-2.0
// What a refusal says. A call that is not refused fails the test.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "rastream/base/error.h"

namespace rastream {

inline Error error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "no Error was thrown";
  return Error(Errc::internal, "");
}

inline Errc code_of(const std::function<void()>& f) { return error_of(f).code(); }

/// The message itself, without its context, holds `word`.
inline void expect_refused(Errc code, const std::string& word, const std::function<void()>& f) {
  const Error e = error_of(f);
  EXPECT_EQ(e.code(), code) << e.what();
  EXPECT_NE(e.message().find(word), std::string::npos) << e.message();
}

}  // namespace rastream
