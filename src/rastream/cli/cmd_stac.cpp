// SPDX-License-Identifier: Apache-2.0
// rastream stac: catalogs of scenes. Its subcommands are in cli/stac/.
#include <memory>

#include "rastream/cli/command.h"
#include "rastream/cli/stac/stac_commands.h"

namespace rastream {
namespace {

constexpr void (*kSubcommands[])(CLI::App&, StacAction&) = {
    add_stac_search,
    add_stac_collections,
    add_stac_index,
    add_stac_serve,
    add_stac_copy,
};

std::function<int()> set_up(CLI::App& app) {
  app.require_subcommand(1);
  const auto chosen = std::make_shared<StacAction>();
  for (const auto add : kSubcommands) add(app, *chosen);
  return [chosen] { return (*chosen)(); };
}

}  // namespace

Command make_stac_command() {
  return {"stac", "Find scenes in STAC catalogs and APIs", set_up};
}

}  // namespace rastream
