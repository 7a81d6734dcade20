// SPDX-License-Identifier: Apache-2.0
// rastream stage: files of dCache from tape to disk.
#include <fmt/format.h>
#include <unistd.h>

#include <map>

#include "rastream/cli/command.h"
#include "rastream/cli/copy_plan.h"

namespace rastream {
namespace {

struct Arguments {
  std::vector<std::string> places;
  std::int64_t days = 7;
  bool wait = false, recursive = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream stage 'dcache://surf/tape/daymet/*.nc'             asks, and returns at once
  rastream stage --wait --days 14 -r dcache://surf/tape/1980   waits until all are on disk
  rastream ls -l dcache://surf/tape/1980                       NEARLINE: on tape alone; ONLINE_AND_NEARLINE: both

Files that are on disk already are asked for too, so that they stay there. dCache needs its api_url in stores.json.)";

int run(const Arguments& a) {
  Locations locations;
  std::map<std::shared_ptr<Store>, std::pair<FileSystem*, std::vector<std::string>>> wanted;
  const auto add = [&](const Location& at, const FileInfo& info) {
    auto& [files, paths] = wanted[at.store];
    files = at.files;
    if (!info.is_folder) paths.push_back(info.path);
  };
  for (const auto& [at, info] : locations.expand(a.places)) {
    if (info.is_folder && !a.recursive)
      throw Error(Errc::invalid_argument, "'{}' is a folder: give -r for the files in it",
                  at.shown(info.path));
    walk(*at.files, info.path, [&](const FileInfo& found) { add(at, found); });
  }
  const std::chrono::hours kept(24 * a.days);
  for (const auto& [store, files_and_paths] : wanted) {
    const auto& [files, paths] = files_and_paths;
    if (paths.empty()) continue;
    if (a.wait) {
      std::FILE* progress = ::isatty(STDERR_FILENO) == 1 ? stderr : nullptr;
      if (!stage_and_wait(*files, paths, kept, progress)) return kInterrupted;
      fmt::print("{} file{} on disk\n", paths.size(), paths.size() == 1 ? "" : "s");
    } else {
      fmt::print("request {}: {} file{}\n", files->stage(paths, kept), paths.size(),
                 paths.size() == 1 ? "" : "s");
    }
  }
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("Brings files of dCache from tape to disk.");
  app.footer(kFooter);
  app.add_option("places", a->places, "dcache:// URLs, also patterns")->required();
  app.add_option("--days", a->days, "how long they are to stay on disk")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650));
  app.add_flag("--wait", a->wait, "return when all are on disk");
  app.add_flag("-r,--recursive", a->recursive, "all files in folders");
  return [a] { return run(*a); };
}

}  // namespace

Command make_stage_command() { return {"stage", "Bring files of dCache from tape", &set_up}; }

}  // namespace rastream
