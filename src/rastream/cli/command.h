// SPDX-License-Identifier: Apache-2.0
// A subcommand of the program: its arguments as data (CLI11), and what it does.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stop_token>
#include <string_view>
#include <vector>

namespace rastream {

struct Command {
  std::string_view name;
  std::string_view summary;
  /// Adds the arguments to `app` and returns what runs when they are parsed: it returns the exit
  /// code or throws Error.
  std::function<int()> (*set_up)(CLI::App& app);
};

/// Makes `app` one that needs one of `commands`, and returns what runs the one that is chosen when
/// the arguments are parsed.
std::function<int()> add_commands(CLI::App& app, const std::vector<Command>& commands);

Command make_cat_command();
Command make_completion_command();
Command make_convert_command();
Command make_cp_command();
Command make_du_command();
Command make_dump_command();
Command make_head_command();
Command make_info_command();
Command make_lint_command();
Command make_ls_command();
Command make_make_daymet_command();
Command make_mkdir_command();
Command make_mv_command();
Command make_operators_command();
Command make_plot_command();
Command make_rm_command();
Command make_spring_index_command();
Command make_stac_command();
Command make_stage_command();
Command make_stat_command();
Command make_verify_command();

/// Stopped by Ctrl-C and SIGTERM; a second Ctrl-C ends the process at once.
std::stop_token interrupt_token();
/// The exit code of a run that was interrupted.
inline constexpr int kInterrupted = 130;

}  // namespace rastream
