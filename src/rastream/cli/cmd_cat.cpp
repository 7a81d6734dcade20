// SPDX-License-Identifier: Apache-2.0
// rastream cat: bytes of files to standard output.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "rastream/base/error.h"
#include "rastream/cli/command.h"
#include "rastream/cli/file_text.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

constexpr std::int64_t kPieceBytes = 8 << 20;

struct Arguments {
  std::vector<std::string> places;
  std::string bytes;
};

constexpr const char* kFooter = R"(
Examples:
  rastream cat dcache://surf/catalog/catalog.json
  rastream cat --bytes 0:8 webdavs://host/dav/tmin.nc | xxd    the first 8 bytes
  rastream cat --bytes -4096: s3://bucket/log.txt              the last 4096 bytes)";

/// "A:B" of a value of `size` bytes; either may be missing or count from the end.
ByteRange parse_range(const std::string& text, std::int64_t size) {
  const auto refuse = [&] {
    throw Error(Errc::invalid_argument,
                "--bytes '{}': expected FIRST:END, such as 0:100 or -100:", text);
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) refuse();
  const auto number = [&](std::string_view part, std::int64_t otherwise) {
    if (part.empty()) return otherwise;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size()) refuse();
    return std::clamp(value < 0 ? size + value : value, std::int64_t{0}, size);
  };
  const std::string_view whole = text;
  const ByteRange range{number(whole.substr(0, colon), 0), number(whole.substr(colon + 1), size)};
  return {range.begin, std::max(range.begin, range.end)};
}

/// Piece by piece, all of one version; false when nobody reads any more.
bool print(TextOut& out, const Location& at, const FileInfo& info, const Arguments& a) {
  const auto known = at.store->info(info.path);
  if (!known) throw Error(Errc::not_found, "'{}': no such file", at.shown(info.path));
  const ByteRange range =
      a.bytes.empty() ? ByteRange{0, known->size_bytes} : parse_range(a.bytes, known->size_bytes);
  for (std::int64_t begin = range.begin; begin < range.end; begin += kPieceBytes) {
    const bool is_whole = begin == 0 && range.end == known->size_bytes && range.end <= kPieceBytes;
    const ByteRange piece{begin, is_whole ? -1 : std::min(begin + kPieceBytes, range.end)};
    const auto bytes = at.store->get_version(info.path, piece, known->version);
    if (!bytes)
      throw Error(Errc::data_loss, "'{}' was removed while it was read", at.shown(info.path));
    if (!out.write({reinterpret_cast<const char*>(bytes->data()), bytes->size()}) || !out.flush())
      return false;
  }
  return true;
}

int run(const Arguments& a) {
  TextOut out;
  Locations locations;
  for (const auto& [at, info] : locations.expand(a.places)) {
    if (info.is_folder)
      throw Error(Errc::invalid_argument, "'{}' is a folder: expected a file", at.shown(info.path));
    check_online(info, at.shown(info.path));
    if (!print(out, at, info, a)) return 0;
  }
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("The bytes of files, one after the other.");
  app.footer(kFooter);
  app.add_option("places", a->places, "paths or URLs of files, also patterns")->required();
  app.add_option("--bytes", a->bytes,
                 "only these: FIRST:END, counted from 0, negative from the end");
  return [a] { return run(*a); };
}

}  // namespace

Command make_cat_command() { return {"cat", "Write bytes of files to standard output", &set_up}; }

}  // namespace rastream
