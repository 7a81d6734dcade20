// SPDX-License-Identifier: Apache-2.0
// Where a JSON object or list ends.
#pragma once

namespace rastream {

/// Behind the object or list that begins at `begin`, nullptr when it does not end before `end`. The
/// kinds of brackets are not told apart. REQUIRES: 63 bytes behind `end` can be read.
const char* skip_brackets(const char* begin, const char* end);

}  // namespace rastream
