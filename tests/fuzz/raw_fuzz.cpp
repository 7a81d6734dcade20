// SPDX-License-Identifier: Apache-2.0
// A description of raw cells: ours in JSON, Doris' result file, and the header of a NumPy file.
#include "rastream/format/raw/doris.h"
#include "rastream/format/raw/npy.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

void check(const raw::Description& d) {
  fuzz::expect(
      d.files.size() == 1 || static_cast<std::int64_t>(d.files.size()) == d.schema.shape[0],
      "there is one file, or one for each index");
  fuzz::expect(d.file_bytes() >= d.offset, "a file has a size");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  raw::is_doris_result(text);
  fuzz::try_it([&] { check(raw::parse_description(text, "/a/cells.json")); });
  fuzz::try_it([&] { check(raw::parse_doris_result(text, "/a/metadata.res")); });
  fuzz::try_it([&] { check(raw::parse_npy(text, "/a/cells.npy")); });
  const std::string npy =
      fmt::format("{}{}{}{}{}", "\x93NUMPY\1", '\0', static_cast<char>(size & 255),
                  static_cast<char>(size >> 8), text);
  fuzz::try_it([&] { check(raw::parse_npy(npy, "/a/cells.npy")); });
  return 0;
}
