// SPDX-License-Identifier: Apache-2.0
// rastream rm and mkdir.
#include <fmt/format.h>

#include "rastream/cli/command.h"
#include "rastream/cli/file_text.h"

namespace rastream {
namespace {

struct Arguments {
  std::vector<std::string> places;
  bool recursive = false, force = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream rm webdavs://host/dav/old.nc
  rastream rm 'dcache://surf/data/tmp-*.nc'
  rastream rm -r dcache://surf/data/scratch

A folder is removed file by file, so that nothing goes that was not listed. There is no way back.)";

void remove_tree_of(const Location& at, const FileInfo& info) {
  if (info.path.empty())
    throw Error(Errc::invalid_argument, "'{}' is the root: it is not removed", at.text);
  std::vector<std::string> paths = {info.path};
  if (info.is_folder && !info.is_link)
    walk(*at.files, info.path, [&](const FileInfo& found) { paths.push_back(found.path); });
  for (auto it = paths.rbegin(); it != paths.rend(); ++it) at.files->remove(*it);
}

int run(const Arguments& a) {
  Locations locations;
  for (const std::string& text : a.places) {
    std::vector<std::pair<Location, FileInfo>> found;
    try {
      found = locations.expand({text});
    } catch (const Error& e) {
      if (e.code() != Errc::not_found || !a.force) throw;
    }
    for (const auto& [at, info] : found) {
      if (info.is_folder && !info.is_link && !a.recursive)
        throw Error(Errc::invalid_argument, "'{}' is a folder: give -r to remove what is in it",
                    at.shown(info.path));
      remove_tree_of(at, info);
    }
  }
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("Removes files, and with -r folders.");
  app.footer(kFooter);
  app.add_option("places", a->places, "paths or URLs, also patterns")->required();
  app.add_flag("-r,--recursive", a->recursive, "folders with what is in them");
  app.add_flag("-f,--force", a->force, "no error for what is not there");
  return [a] { return run(*a); };
}

std::function<int()> set_up_mkdir(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("Makes folders and those above them; no error for those that are there.");
  app.footer("\nExample:\n  rastream mkdir dcache://surf/data/results/2026");
  app.add_option("places", a->places, "paths or URLs")->required();
  return [a] {
    Locations locations;
    for (const std::string& text : a->places) {
      const Location at = locations.find(text);
      at.files->make_folder(at.path);
    }
    return 0;
  };
}

}  // namespace

Command make_rm_command() { return {"rm", "Remove files and folders", &set_up}; }
Command make_mkdir_command() { return {"mkdir", "Make folders in any store", &set_up_mkdir}; }

}  // namespace rastream
