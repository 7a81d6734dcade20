// SPDX-License-Identifier: Apache-2.0
// Standard output for much text. A reader that has seen enough, as `head` has, is no error.
#pragma once

#include <string>
#include <string_view>

namespace rastream {

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
