// SPDX-License-Identifier: Apache-2.0
// rastream stac: catalogs of files, on this machine and on the web.
#include "rastream/cli/stac/stac_commands.h"

namespace rastream {
namespace {

constexpr const char* kFooter = R"(
CATALOG is a catalog.json, its folder, or an http(s) URL.

Examples:
  rastream stac create daymet catalog --years 1980:1989
  rastream stac describe catalog
  rastream stac show catalog pr-1985
  rastream stac subcatalogs catalog '${year}' --out by-year

Run rastream stac COMMAND --help for the options of a command.)";

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      make_stac_describe_command(), make_stac_ls_command(),          make_stac_show_command(),
      make_stac_create_command(),   make_stac_subcatalogs_command(), make_stac_save_command(),
      make_stac_validate_command(),
  };
  return table;
}

std::function<int()> set_up(CLI::App& app) {
  app.description("Catalogs of files (STAC 1.1; older ones are read as such): look, make, change.");
  app.footer(kFooter);
  app.require_subcommand(1);
  const auto chosen = std::make_shared<std::function<int()>>();
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    const std::function<int()> action = command.set_up(*sub);
    sub->callback([chosen, action] { *chosen = action; });
  }
  return [chosen] { return (*chosen)(); };
}

}  // namespace

Command make_stac_command() { return {"stac", "Catalogs of files: look, make, change", &set_up}; }

}  // namespace rastream
