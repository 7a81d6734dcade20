// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/writer_memory.h"

#include "rastream/format/format.h"
#include "rastream/format/geotiff/writer.h"

namespace rastream {

std::int64_t writer_bytes(const std::string& path, const Schema& variable, std::int64_t n_threads) {
  for (const Format& format : formats()) {
    if (format.name != "geotiff") continue;
    for (const std::string_view suffix : format.suffixes) {
      if (path.ends_with(suffix)) return geotiff::buffer_bytes(variable, n_threads);
    }
  }
  return 0;
}

}  // namespace rastream
