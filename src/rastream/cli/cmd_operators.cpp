// SPDX-License-Identifier: Apache-2.0
// rastream operators: the operator table as a reference.
#include <fmt/format.h>

#include <iostream>

#include "rastream/cli/command.h"
#include "rastream/ops/registry.h"

namespace rastream {
namespace {

void print_markdown() {
  std::cout << "# Operators\n\nWritten by `./dev docs` from the operator table.\n\n| operator | "
               "what it does | parameters |\n|---|---|---|\n";
  for (const OperatorInfo& o : operators()) {
    std::string parameters;
    for (const ParameterInfo& p : o.parameters) {
      parameters += fmt::format("{}`{}` ({}): {}", parameters.empty() ? "" : "; ", p.name,
                                p.default_value.dump(), p.help);
    }
    std::cout << fmt::format("| `{}` | {} | {} |\n", o.name, o.summary, parameters);
  }
}

void print_text() {
  for (const OperatorInfo& o : operators()) {
    std::cout << fmt::format("{:<22} {}\n", o.name, o.summary);
    for (const ParameterInfo& p : o.parameters) {
      std::cout << fmt::format("  {:<20}   {} [{}]\n", p.name, p.help, p.default_value.dump());
    }
  }
}

std::function<int()> set_up(CLI::App& app) {
  auto markdown = std::make_shared<bool>(false);
  app.description("Every operator that a plan may name, with its parameters and their defaults.");
  app.add_flag("--markdown", *markdown, "as a Markdown table");
  return [markdown] {
    *markdown ? print_markdown() : print_text();
    return 0;
  };
}

}  // namespace

Command make_operators_command() {
  return {"operators", "List the operators of the array engine", &set_up};
}

}  // namespace rastream
