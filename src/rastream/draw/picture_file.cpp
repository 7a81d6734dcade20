// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/picture_file.h"

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream {

void write_picture(const std::string& path, std::string_view bytes) {
  try {
    write_file_atomically(path, std::as_bytes(std::span(bytes)), Durability::file);
  } catch (Error& e) {
    throw e.add_context("picture");
  }
}

}  // namespace rastream
