// SPDX-License-Identifier: Apache-2.0
// The body of a manifest, which gets the first line that it must have; and the same bytes as lines
// of a journal, with their checksums and without.
#include "rastream/format/zarr/journal.h"
#include "rastream/format/zarr/manifest.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

std::string with_sums(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const auto n = std::min(text.find('\n'), text.size());
    lines += fmt::format("{:016x} {}\n", zarr::checksum(text.substr(0, n)), text.substr(0, n));
    text.remove_prefix(std::min(n + 1, text.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(fuzz::text_of(data, size));
  fuzz::try_it([&] {
    const auto whole = fmt::format("{{\"rastream_manifest\": 1, \"xxh3_64\": \"{:016x}\",\n{}",
                                   zarr::checksum(std::string_view(body)), body);
    const zarr::Manifest manifest = zarr::parse_manifest(whole, "fuzz");
    const std::string text = to_text(manifest);
    fuzz::expect(to_text(zarr::parse_manifest(text, "printed")) == text,
                 "a manifest comes back as it was written");
  });
  fuzz::try_it([&] { zarr::read_journal(fuzz::as_file(std::as_bytes(std::span(body)))); });
  const std::string lines = with_sums(body);
  fuzz::try_it([&] { zarr::read_journal(fuzz::as_file(std::as_bytes(std::span(lines)))); });
  return 0;
}
