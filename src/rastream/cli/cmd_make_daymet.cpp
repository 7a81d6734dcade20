// SPDX-License-Identifier: Apache-2.0
// rastream make-daymet: Daymet-like files and a catalog of them.
#include <fmt/format.h>

#include <iostream>

#include "rastream/base/progress.h"
#include "rastream/cli/command.h"
#include "rastream/format/daymet_like.h"

namespace rastream {
namespace {

std::function<int()> set_up(CLI::App& app) {
  auto o = std::make_shared<DaymetLikeOptions>();
  app.description(
      "Writes daily tmin, tmax and dayl with Daymet's names, layout and grid, and a STAC catalog "
      "of them. The grid\n"
      "is the real one, the weather is made up. The same options give the same bytes.");
  app.add_option("folder", o->folder, "folder that receives catalog.json and the files")
      ->required();
  app.add_option("--region", o->region, "na, hi or pr")
      ->capture_default_str()
      ->check(CLI::IsMember({"na", "hi", "pr"}));
  app.add_option("--x0", o->x0, "first column of the window on the region's grid")
      ->capture_default_str();
  app.add_option("--y0", o->y0, "first row of the window")->capture_default_str();
  app.add_option("--nx", o->nx, "columns; 0: up to the edge")->capture_default_str();
  app.add_option("--ny", o->ny, "rows; 0: up to the edge")->capture_default_str();
  app.add_option("--stride", o->stride, "keep every n-th cell of the window")
      ->capture_default_str();
  app.add_option("--first-year", o->first_year, "first year")->capture_default_str();
  app.add_option("--last-year", o->last_year, "last year")->capture_default_str();
  app.add_option("--fill", o->fill_share,
                 "share of cells without data, 0 to 1; default: the coast line's");
  app.add_option("--seed", o->seed, "seed of the weather")->capture_default_str();
  app.add_option("--chunk", o->chunk_y, "cells along each side of a stored chunk")
      ->capture_default_str();
  app.add_flag("--shuffle", o->shuffle,
               "with the shuffle filter, which the real files do not have");
  app.add_flag("--overwrite", o->overwrite, "replace files that exist");
  return [o] {
    o->chunk_x = o->chunk_y;
    const double days = 365.0 * (o->last_year - o->first_year + 1);
    Progress progress("make-daymet", days, "days", stderr);
    o->progress = [&](std::int64_t done, std::int64_t) {
      progress.update(static_cast<double>(done));
    };
    make_daymet(*o);
    progress.finish();
    std::cout << fmt::format("{}/catalog.json: items {}-{} to {}-{}\n", o->folder, o->region,
                             o->first_year, o->region, o->last_year);
    return 0;
  };
}

}  // namespace

Command make_make_daymet_command() {
  return {"make-daymet", "Write Daymet-like files and a catalog of them", &set_up};
}

}  // namespace rastream
