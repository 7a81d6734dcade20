// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <new>

#include "rastream/base/error.h"
#include "rastream/cli/box_words.h"
#include "rastream/cli/command.h"
#include "rastream/cli/completion.h"

namespace rastream {
namespace {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      make_spring_index_command(), make_info_command(),    make_head_command(),
      make_dump_command(),         make_convert_command(), make_plot_command(),
      make_verify_command(),       make_lint_command(),    make_make_daymet_command(),
      make_operators_command(),    make_stac_command(),    make_ls_command(),
      make_du_command(),           make_stat_command(),    make_cat_command(),
      make_cp_command(),           make_mv_command(),      make_rm_command(),
      make_mkdir_command(),        make_stage_command(),   make_completion_command(),
  };
  return table;
}

constexpr const char* kFooter = R"(
Examples:
  rastream make-daymet demo --stride 20
  rastream info demo/daymet-daily-v4/na-1980/daymet_v4_daily_na_tmin_1980.nc
  rastream spring-index --catalog demo/catalog.json --item na-1980 --out leaf.zarr --plot leaf.png
  rastream head leaf.zarr --group 1980
  rastream convert leaf.zarr leaf.tif --group 1980 --variables first-leaf
  rastream verify leaf.zarr
  rastream ls -l dcache://surf/data
  rastream cp -r leaf.zarr webdavs://host/dav/results/

Exit codes: 0 done, 2 wrong argument, 3 not found, 4 not permitted, 5 unavailable (disk, network),
6 damaged data, 7 unsupported, 70 a bug of ours, 130 interrupted.)";

/// One line that names the word which is no command, or what the command lacks.
std::string usage_error(const CLI::App* app, const CLI::Error& error) {
  const std::vector<std::string> left_over = app->remaining(true);
  std::string command = "rastream";
  for (const CLI::App* at = app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  if (command != "rastream")
    return fmt::format("{}: {} ({} --help lists the options)\n", command, error.what(), command);
  const std::string what =
      left_over.empty() ? "expected a command" : fmt::format("no command '{}'", left_over.front());
  std::vector<std::string_view> names;
  for (const Command& command : commands()) names.push_back(command.name);
  return fmt::format("rastream: {}: there are {}\n", what, fmt::join(names, ", "));
}

int run(int argc, char** argv) {
  CLI::App app{"rastream: remote-sensing arrays, streamed through memory that is known beforehand",
               "rastream"};
  app.failure_message(usage_error);
  app.set_version_flag("--version", "rastream 0.1.0");
  app.footer(kFooter);
  const std::function<int()> chosen = add_commands(app, commands());
  if (argc < 2) {
    fmt::print("{}", app.help());
    return 0;
  }
  if (argv[1] == std::string_view(kCompleteWord)) {
    // The last word is the one that is typed.
    std::vector<std::string> words = with_joined_boxes({argv + 2, argv + std::max(argc - 1, 2)});
    if (argc > 2) words.emplace_back(argv[argc - 1]);
    fmt::print("{}", completion_text(complete_words(app, words)));
    return 0;
  }
  try {
    std::vector<std::string> words = with_joined_boxes({argv + 1, argv + argc});
    std::reverse(words.begin(), words.end());  // as CLI11 has it
    app.parse(std::move(words));
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : exit_code(Errc::invalid_argument);
  }
  return chosen();
}

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  try {
    return rastream::run(argc, argv);
  } catch (const rastream::Error& e) {
    fmt::print(stderr, "rastream: {}\n", e.what());
    return rastream::exit_code(e.code());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr,
               "rastream: the system has no more memory to give; a smaller --memory makes a "
               "smaller plan\n");
    return rastream::exit_code(rastream::Errc::unavailable);
  } catch (const std::exception& e) {
    fmt::print(stderr, "rastream: internal error: {}\n", e.what());
    return rastream::exit_code(rastream::Errc::internal);
  }
}
