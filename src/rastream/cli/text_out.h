// SPDX-License-Identifier: Apache-2.0
// Standard output for much text. A reader that has seen enough, as `head` has, is no error.
#pragma once

#include <string>
#include <string_view>

#include "rastream/base/json.h"

namespace rastream {

/// `json` as commands print and write it: a member a line, ending with a line break. Text that is
/// no UTF-8, such as a name of a file, has U+FFFD there.
std::string json_lines(const Json& json);

class TextOut {
 public:
  TextOut();
  /// False once nobody reads any more: then there is no use in going on. Throws unavailable when
  /// writing fails otherwise.
  bool write(std::string_view text);
  /// Writes what is buffered. Returns and throws as write() does.
  bool flush();

 private:
  std::string buffer_;
  bool is_closed_ = false;
};

}  // namespace rastream
