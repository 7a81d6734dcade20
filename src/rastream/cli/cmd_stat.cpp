// SPDX-License-Identifier: Apache-2.0
// rastream stat: all that is known of a file without reading it.
#include <fmt/format.h>

#include "rastream/cli/command.h"
#include "rastream/cli/file_text.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

struct Arguments {
  std::vector<std::string> places;
  bool json = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream stat dcache://surf/data/tmin_1980.nc    size, times, Adler-32, whether it is on tape
  rastream stat --json webdavs://host/dav/a.nc | jq .[0].size

Exit code 3 says that there is no such file.)";

void show(TextOut& out, const FileInfo& info, const std::string& name) {
  const auto line = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out.write(fmt::format("{:>9}  {}\n", key, printable(value)));
  };
  line("name", name);
  line("type", std::string(info.is_folder ? "folder" : "file") + (info.is_link ? " (link)" : ""));
  if (!info.is_folder) line("size", std::to_string(info.size_bytes));
  if (info.created_ms) line("created", shown_time(info.created_ms));
  if (info.modified_ms) line("modified", shown_time(info.modified_ms));
  line("etag", info.etag);
  for (const Digest& digest : info.digests) line(to_string(digest.kind), to_hex(digest.value));
  if (info.locality) line("locality", std::string(to_string(*info.locality)));
}

int run(const Arguments& a) {
  TextOut out;
  Locations locations;
  Json all = Json::array();
  bool is_first = true;
  for (auto& [at, info] : locations.expand(a.places)) {
    if (!info.is_folder && info.digests.empty()) info.digests = at.files->digests(info.path);
    if (a.json) {
      all.push_back(json_of(info, at.shown(info.path)));
      continue;
    }
    if (!is_first) out.write("\n");
    is_first = false;
    show(out, info, at.shown(info.path));
  }
  if (a.json) out.write(json_lines(all));
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("All that is known of files and folders without reading them.");
  app.footer(kFooter);
  app.add_option("places", a->places, "paths or URLs, also patterns")->required();
  app.add_flag("--json", a->json, "a list of objects");
  return [a] { return run(*a); };
}

}  // namespace

Command make_stat_command() {
  return {"stat", "Show size, times, checksums and locality of files", &set_up};
}

}  // namespace rastream
