// SPDX-License-Identifier: Apache-2.0
// Where a JSON object or list ends.
#pragma once

namespace rastream {

/// Behind the object or list that begins at `begin`. REQUIRES: it is valid JSON, and 63 bytes
/// behind it can be read.
const char* skip_brackets(const char* begin);

}  // namespace rastream
