// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/command.h"

#include <memory>

namespace rastream {

std::function<int()> add_commands(CLI::App& app, const std::vector<Command>& commands) {
  app.require_subcommand(1);
  const auto chosen = std::make_shared<std::function<int()>>();
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    const std::function<int()> action = command.set_up(*sub);
    sub->callback([chosen, action] { *chosen = action; });
  }
  return [chosen] { return (*chosen)(); };
}

}  // namespace rastream
