// SPDX-License-Identifier: Apache-2.0
// A description of raw cells: ours in JSON, and Doris' result file.
#include "rastream/format/raw/doris.h"
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
  return 0;
}
