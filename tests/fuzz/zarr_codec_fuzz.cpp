// SPDX-License-Identifier: Apache-2.0
// A chain of Zarr codecs and a chunk. The first line is JSON: {"zarr_format", "item_size", "bytes",
// "codecs"}; what follows is the stored chunk, to become "bytes" bytes.
#include "rastream/format/zarr/codec.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

constexpr std::size_t kMaxChunk = 1 << 16;

bool is_lossless(const Json& codecs, const char* name_key) {
  constexpr std::string_view kLossy[] = {"astype",   "quantize", "fixedscaleoffset",
                                         "bitround", "packbits", "delta"};
  return std::none_of(codecs.begin(), codecs.end(), [&](const Json& codec) {
    const auto name = codec.is_string() ? codec.get<std::string>()
                                        : json_member<std::string>(codec, name_key, "fuzz");
    return std::any_of(std::begin(kLossy), std::end(kLossy),
                       [&](auto lossy) { return name.find(lossy) != std::string::npos; });
  });
}

void round_trip(const std::vector<zarr::CodecPtr>& chain, std::span<const std::byte> cells) {
  const Bytes stored = encode_chain(chain, cells);
  Bytes back(cells.size());
  decode_exactly(chain, stored, back);
  fuzz::expect(std::equal(back.begin(), back.end(), cells.begin(), cells.end()),
               "decode(encode(x)) == x");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto newline = std::min(text.find('\n'), size);
  const auto stored = fuzz::bytes_of(data, size).subspan(std::min(newline + 1, size));
  fuzz::try_it([&] {
    const Json line = parse_json(text.substr(0, newline), "fuzz");
    const auto number = [&](const char* key) {
      return json_member<std::int64_t>(line, key, "fuzz");
    };
    const zarr::CodecSite site{number("zarr_format") == 2 ? 2 : 3,
                               std::int64_t{1} << (number("item_size") & 3), "fuzz"};
    const Json codecs = json_member<Json>(line, "codecs", "fuzz");
    std::vector<zarr::CodecPtr> chain;
    for (const Json& codec : codecs) chain.push_back(make_codec(codec, site));
    if (chain.size() > 4) return;
    Bytes out(static_cast<std::size_t>(number("bytes")) % kMaxChunk);
    fuzz::try_it([&] { decode_exactly(chain, stored, out); });
    fuzz::try_it([&] { decode_any(chain, stored, kMaxChunk); });
    const auto n_whole = stored.size() / static_cast<std::size_t>(site.item_size) *
                         static_cast<std::size_t>(site.item_size);
    if (is_lossless(codecs, site.zarr_format == 2 ? "id" : "name"))
      fuzz::try_it([&] { round_trip(chain, stored.first(n_whole)); });
  });
  return 0;
}
