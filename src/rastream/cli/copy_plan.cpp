// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/copy_plan.h"

#include <algorithm>
#include <set>

namespace rastream {
namespace {

std::string joined(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

class CopyPlanner {
 public:
  CopyPlanner(Locations& locations, const std::string& target, bool recursive)
      : to_(locations.find(target)), recursive_(recursive), there_(to_.files->stat(to_.path)) {}

  CopyPlan plan(const std::vector<std::pair<Location, FileInfo>>& sources) {
    const bool is_folder = there_ && there_->is_folder;
    const bool goes_into = is_folder || to_.ends_in_slash || sources.size() > 1;
    if (goes_into && there_ && !is_folder)
      throw Error(Errc::invalid_argument, "'{}' is a file: expected a folder", to_.text);
    for (const auto& [from, info] : sources) {
      if (!info.is_folder) {
        const std::string target = goes_into ? joined(to_.path, info.name()) : to_.path;
        need_folder(std::string(parent_of(target)));
        add(from, info, target);
      } else {
        add_tree(from, info, goes_into ? joined(to_.path, info.name()) : to_.path);
      }
    }
    return std::move(plan_);
  }

 private:
  void add(const Location& from, const FileInfo& info, const std::string& target) {
    if (from.store == to_.store && info.path == target)
      throw Error(Errc::invalid_argument, "'{}' is both source and target", from.shown(info.path));
    if (target.empty())
      throw Error(Errc::invalid_argument, "'{}': expected the name of a file", to_.text);
    if (!targets_.insert(target).second)
      throw Error(Errc::invalid_argument, "two of the sources would be '{}'", to_.shown(target));
    plan_.jobs.push_back({from, info, to_, target});
  }

  void add_tree(const Location& from, const FileInfo& folder, const std::string& target) {
    if (!recursive_)
      throw Error(Errc::invalid_argument, "'{}' is a folder: give -r to copy what is in it",
                  from.shown(folder.path));
    const bool is_within = from.store == to_.store &&
                           (target + "/").starts_with(folder.path.empty() ? "" : folder.path + "/");
    if (is_within)
      throw Error(Errc::invalid_argument, "'{}' cannot be copied into itself",
                  from.shown(folder.path));
    need_folder(target);
    walk(*from.files, folder.path, [&](const FileInfo& info) {
      const std::size_t prefix = folder.path.empty() ? 0 : folder.path.size() + 1;
      const std::string there = joined(target, info.path.substr(prefix));
      if (!info.is_folder)
        add(from, info, there);
      else if (!info.is_link)
        need_folder(there);
    });
  }

  void need_folder(const std::string& folder) {
    if (!folders_.insert(folder).second) return;
    const auto there = to_.files->stat(folder);
    // Above the target links are the user's own; below it they may lead anywhere.
    const bool is_below = folder.size() > to_.path.size();
    if (there && there->is_link && is_below)
      throw Error(Errc::permission_denied, "'{}' is a symbolic link: nothing is written through it",
                  to_.shown(folder));
    if (there && !there->is_folder)
      throw Error(Errc::invalid_argument, "'{}' is a file: expected a folder", to_.shown(folder));
    if (!there) plan_.folders.emplace_back(to_, folder);
  }

  Location to_;
  bool recursive_;
  std::optional<FileInfo> there_;
  CopyPlan plan_;
  std::set<std::string> targets_;
  std::set<std::string> folders_;
};

}  // namespace

CopyPlan plan_copy(Locations& locations, const std::vector<std::string>& sources,
                   const std::string& target, bool recursive) {
  return CopyPlanner(locations, target, recursive).plan(locations.expand(sources));
}

}  // namespace rastream
