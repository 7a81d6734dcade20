// SPDX-License-Identifier: Apache-2.0
// Any text as JSON: what is parsed, printed and parsed again is the same.
#include "rastream/base/json.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const Json json = parse_json(fuzz::text_of(data, size), "fuzz");
    fuzz::expect(parse_json(json.dump(), "printed") == json, "parse(print(x)) == x");
    json_member<std::string>(json, "a", "fuzz");
  });
  return 0;
}
