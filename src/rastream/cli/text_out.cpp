// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/text_out.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "rastream/base/error.h"

namespace rastream {

std::string json_lines(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

TextOut::TextOut() { std::signal(SIGPIPE, SIG_IGN); }

bool TextOut::write(std::string_view text) {
  constexpr std::size_t kBuffer = std::size_t{1} << 16;
  buffer_ += text;
  return buffer_.size() < kBuffer ? !is_closed_ : flush();
}

bool TextOut::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && !is_closed_) {
    const ssize_t n = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EPIPE) throw error_from_errno(errno, "write", "standard output");
    is_closed_ = n < 0;
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
  }
  buffer_.clear();
  return !is_closed_;
}

}  // namespace rastream
