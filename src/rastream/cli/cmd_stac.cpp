// SPDX-License-Identifier: Apache-2.0
// rastream stac: catalogs of scenes, on this machine and on the web. Its commands are in cli/stac/.
#include "rastream/cli/stac/stac_commands.h"

namespace rastream {
namespace {

constexpr const char* kFooter = R"(
CATALOG is a catalog.json, its folder, or an http(s) URL; a search also takes a STAC API, an index
and a file of items.

Examples:
  rastream stac search https://earth-search.aws.element84.com/v1 -c sentinel-2-l2a --bbox 5 52 6 53
  rastream stac create daymet catalog --years 1980:1989
  rastream stac describe catalog
  rastream stac show catalog pr-1985
  rastream stac subcatalogs catalog '${year}' --out by-year
  rastream stac copy catalog data --asset tmin --item pr-1985
  rastream stac index by-year -o by-year.index
  rastream stac serve by-year.index

Run rastream stac COMMAND --help for the options of a command.)";

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      make_stac_describe_command(),    make_stac_ls_command(),
      make_stac_show_command(),        make_stac_search_command(),
      make_stac_collections_command(), make_stac_queryables_command(),
      make_stac_index_command(),       make_stac_serve_command(),
      make_stac_create_command(),      make_stac_subcatalogs_command(),
      make_stac_save_command(),        make_stac_copy_command(),
      make_stac_validate_command(),
  };
  return table;
}

std::function<int()> set_up(CLI::App& app) {
  app.description("Catalogs of scenes (STAC): find, look, make, change, serve.");
  app.footer(kFooter);
  return add_commands(app, commands());
}

}  // namespace

Command make_stac_command() {
  return {"stac", "Catalogs of scenes: find, look, make, change, serve", &set_up};
}

}  // namespace rastream
