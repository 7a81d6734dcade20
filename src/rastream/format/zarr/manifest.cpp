// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/manifest.h"

#include <xxhash.h>

#include <charconv>

#include "rastream/base/error.h"
#include "rastream/base/json.h"

namespace rastream::zarr {
namespace {

/// The first line; its checksum covers every byte after it, and the whole file is one JSON object.
std::string first_line(std::string_view body) {
  return fmt::format("{{\"rastream_manifest\": 1, \"xxh3_64\": \"{:016x}\",\n", checksum(body));
}

ChunkRecord parse_record(const Json& value, const std::string& what) {
  if (value == "fill") return {ChunkRecord::kFill, 0};
  if (value.is_array() && value.size() == 2 && value[0].is_number_unsigned() &&
      holds_integer<std::int64_t>(value[0]) && value[1].is_string()) {
    const auto text = value[1].get<std::string>();
    ChunkRecord record{value[0].get<std::int64_t>(), 0};
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), record.hash, 16);
    if (error == std::errc() && end == text.data() + text.size()) return record;
  }
  throw Error(Errc::data_loss, "{}: chunk record {}: expected \"fill\" or [length, \"xxh3\"]", what,
              value.dump());
}

}  // namespace

std::uint64_t checksum(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}
std::uint64_t checksum(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::string to_text(const Manifest& manifest) {
  std::string body = fmt::format("\"run_id\": {},\n\"arrays\": {{", Json(manifest.run_id).dump());
  const char* array_separator = "";
  for (const auto& [name, array] : manifest.arrays) {
    body += fmt::format("{}\n{}: {{\"signature\": \"{:016x}\", \"chunks\": [", array_separator,
                        Json(name).dump(), array.signature);
    const char* separator = "";
    for (const ChunkRecord& chunk : array.chunks) {
      body += separator;
      body += chunk.is_stored() ? fmt::format("[{}, \"{:016x}\"]", chunk.length, chunk.hash)
                                : "\"fill\"";
      separator = ",\n";
    }
    body += "]}";
    array_separator = ",";
  }
  body += "}}\n";
  return first_line(body) + body;
}

Manifest parse_manifest(std::string_view text, const std::string& what) {
  const auto newline = text.find('\n');
  if (newline == std::string_view::npos ||
      first_line(text.substr(newline + 1)) != text.substr(0, newline + 1)) {
    throw Error(Errc::data_loss, "{}: the manifest does not match its own checksum", what);
  }
  const Json document = parse_json(text, what);
  Manifest manifest;
  manifest.run_id = json_member<std::string>(document, "run_id", what);
  const Json arrays = json_member<Json>(document, "arrays", what);
  for (const auto& [name, value] : arrays.items()) {
    ManifestArray& array = manifest.arrays[name];
    const auto signature = json_member<std::string>(value, "signature", what);
    std::from_chars(signature.data(), signature.data() + signature.size(), array.signature, 16);
    for (const Json& record : json_member<Json>(value, "chunks", what)) {
      array.chunks.push_back(parse_record(record, what));
    }
  }
  return manifest;
}

}  // namespace rastream::zarr
