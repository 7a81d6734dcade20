// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/text_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "rastream/base/error.h"

namespace rastream {

void write_text_file(const std::string& path, const std::string& text) {
  const std::string temporary = fmt::format("{}.{}.partial", path, ::getpid());
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (!file) throw error_from_errno(errno, "write", path);
  const bool wrote = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int write_error = errno;
  const bool closed = std::fclose(file) == 0;
  if (wrote && closed && std::rename(temporary.c_str(), path.c_str()) == 0) return;
  const int error = wrote ? errno : write_error;
  std::remove(temporary.c_str());
  throw error_from_errno(error, "write", path);
}

}  // namespace rastream
