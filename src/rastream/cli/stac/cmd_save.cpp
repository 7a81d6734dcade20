// SPDX-License-Identifier: Apache-2.0
// rastream stac save: a whole catalog as a tree of files.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/stac_commands.h"

namespace rastream {
namespace {

struct Arguments : ReadArguments, WriteArguments {
  std::string folder, assets = "keep";
};

constexpr const char* kFooter = R"(
Examples:
  rastream stac save https://host/stac/catalog.json copy
  rastream stac save old-catalog new-catalog               documents of older versions become 1.1.0
  rastream stac save catalog out --kind absolute-published --root-href https://host/stac)";

int run(const Arguments& a) {
  Catalog catalog = a.open();
  if (a.assets == "absolute") catalog.make_all_asset_hrefs_absolute();
  if (a.assets == "relative") {
    // Relative to where they will be.
    catalog.normalise_hrefs(a.root_href.empty() ? a.folder : a.root_href);
    catalog.make_all_asset_hrefs_relative();
  }
  std::cout << report_line(a.folder, catalog.document(), a.save(catalog, a.folder));
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "Reads a whole catalog and writes it below a folder, laid out as catalog.json, {id}/"
      "catalog.json and\n{id}/{id}.json. Files that would not change are left alone. Assets are "
      "not "
      "copied: what their hrefs name stays\nwhere it is.");
  app.footer(kFooter);
  a->ReadArguments::add_to(app);
  app.add_option("folder", a->folder, "folder that receives catalog.json")->required();
  app.add_option("--assets", a->assets, "hrefs of assets: keep, relative, absolute")
      ->capture_default_str()
      ->check(CLI::IsMember({"keep", "relative", "absolute"}));
  a->WriteArguments::add_to(app);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_save_command() {
  return {"save", "Write a whole catalog as a tree of files", &set_up};
}

}  // namespace rastream
