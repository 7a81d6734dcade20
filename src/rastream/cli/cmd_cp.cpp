// SPDX-License-Identifier: Apache-2.0
// rastream cp and mv: files from any store to any other.
#include <fmt/format.h>
#include <unistd.h>

#include "rastream/cli/command.h"
#include "rastream/cli/copy_plan.h"

namespace rastream {
namespace {

struct Arguments {
  std::vector<std::string> places;
  CopyRunOptions run;
  bool recursive = false, force = false, quiet = false;
};

constexpr const char* kCopyFooter = R"(
Examples:
  rastream cp https://host/tmin_1980.nc .                      resumed when it was broken off
  rastream cp -r dcache://surf/data/hi-1980 /scratch/daymet     8 files at a time
  rastream cp --stage 'dcache://surf/tape/*.nc' data/           from tape: waits until they are on disk
  rastream cp -r --report report.json maps.zarr webdavs://host/dav/results/

Into TARGET when that is a folder, ends in '/' or takes several sources; missing folders are made. A file has its name
when it is whole and its checksum was compared with the server's, where that has one. What is there and intact is
skipped, so that the same command again finishes what a broken one began.)";

constexpr const char* kMoveFooter = R"(
Examples:
  rastream mv dcache://surf/data/old.nc dcache://surf/data/new.nc    renames, nothing is copied
  rastream mv 'results/*.nc' webdavs://host/dav/results/             copies, compares, then removes

Within one store it is a rename. Between two, a source is removed when its copy is whole and checked.)";

/// A rename per source where all is in one store, as cp would place it.
bool renames(Locations& locations, const Arguments& a, const std::vector<std::string>& sources) {
  const Location to = locations.find(a.places.back());
  const auto found = locations.expand(sources);
  for (const auto& [from, info] : found) {
    if (from.store != to.store) return false;
  }
  const auto there = to.files->stat(to.path);
  const bool goes_into = (there && there->is_folder) || to.ends_in_slash || found.size() > 1;
  if (goes_into) to.files->make_folder(to.path);
  if (!goes_into) to.files->make_folder(parent_of(to.path));
  for (const auto& [from, info] : found) {
    const std::string name(info.name());
    const std::string target = !goes_into        ? to.path
                               : to.path.empty() ? name
                                                 : fmt::format("{}/{}", to.path, name);
    from.files->move(info.path, target);
  }
  return true;
}

int copy(Locations& locations, Arguments a, bool removes) {
  const std::vector<std::string> sources(a.places.begin(), a.places.end() - 1);
  a.run.skips_intact = !a.force;
  if (!a.quiet && ::isatty(STDERR_FILENO)) a.run.progress = stderr;
  const auto found = locations.expand(sources);
  const CopyPlan plan = plan_copy(locations, sources, a.places.back(), a.recursive || removes);
  const CopyOutcome outcome = run_copy(plan, a.run);
  if (!a.quiet) fmt::print("{}\n", summary_of(outcome, removes ? "moved" : "copied"));
  if (!removes) return outcome.exit_code;
  for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
    if (outcome.is_there[i]) plan.jobs[i].from.files->remove(plan.jobs[i].source.path);
  }
  if (outcome.exit_code != 0) return outcome.exit_code;
  // Folders that are empty now, the deepest first.
  for (const auto& [from, info] : found) {
    if (!info.is_folder) continue;
    std::vector<std::string> folders = {info.path};
    walk(*from.files, info.path, [&](const FileInfo& below) { folders.push_back(below.path); });
    for (auto it = folders.rbegin(); it != folders.rend(); ++it) from.files->remove(*it);
  }
  return 0;
}

void check_places(const Arguments& a, std::string_view command) {
  if (a.places.size() < 2)
    throw Error(Errc::invalid_argument, "{}: expected SOURCE... and TARGET", command);
}

void add_options(CLI::App& app, Arguments& a) {
  app.add_option("places", a.places, "SOURCE... TARGET: paths or URLs; sources may be patterns")
      ->required();
  app.add_option("--workers", a.run.n_workers, "files at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_flag("-f,--force", a.force, "copy also what is there and intact");
  app.add_flag("--stage", a.run.stages, "bring files of dCache from tape first, and wait for them");
  app.add_option("--report", a.run.report, "JSON file: what was done and what failed");
  app.add_flag("-q,--quiet", a.quiet, "no progress and no summary");
}

std::function<int()> set_up_copy(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("Copies files and folders between any two stores, in parallel and checked.");
  app.footer(kCopyFooter);
  add_options(app, *a);
  app.add_flag("-r,--recursive", a->recursive, "folders with what is in them");
  return [a] {
    check_places(*a, "cp");
    Locations locations;
    return copy(locations, *a, false);
  };
}

std::function<int()> set_up_move(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("Moves or renames files and folders.");
  app.footer(kMoveFooter);
  add_options(app, *a);
  return [a] {
    check_places(*a, "mv");
    Locations locations;
    const std::vector<std::string> sources(a->places.begin(), a->places.end() - 1);
    return renames(locations, *a, sources) ? 0 : copy(locations, *a, true);
  };
}

}  // namespace

Command make_cp_command() { return {"cp", "Copy files between any two stores", &set_up_copy}; }
Command make_mv_command() { return {"mv", "Move or rename files", &set_up_move}; }

}  // namespace rastream
