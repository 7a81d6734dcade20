// SPDX-License-Identifier: Apache-2.0
// rastream lint: what in a file its writer probably did not mean.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "rastream/base/error.h"
#include "rastream/base/json.h"
#include "rastream/cli/command.h"
#include "rastream/cli/lint/lint.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

using lint::Finding;
using lint::Severity;

struct Arguments {
  std::string file, group;
  std::vector<std::string> checks;
  bool json = false, lists = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream lint out.zarr
  rastream lint tmin.nc --check nodata,packing
  rastream lint --list                                 the checks, what they find and how

Exit codes: 0 nothing to mend (there may be notes), 1 warnings or errors were found; others as of every command.)";

void print_checks() {
  for (const lint::Check& check : lint::checks())
    std::cout << fmt::format("{:<13} {}\n{:<13} {}\n", check.name, check.what, "", check.how);
}

void print_text(const std::string& path, const lint::Findings& findings) {
  const auto count = [&](Severity s) {
    return std::count_if(findings.begin(), findings.end(),
                         [&](const Finding& f) { return f.severity == s; });
  };
  for (const Finding& f : findings) {
    std::cout << fmt::format("{}: {}: {}: {}\n    expected  {}\n    mend      {}\n",
                             to_string(f.severity), f.check, f.place, f.found, f.expected, f.mend);
  }
  if (findings.empty()) {
    std::cout << fmt::format("{}: nothing to mend ({} checks)\n", path, lint::checks().size());
  } else {
    std::cout << fmt::format("{}: {} errors, {} warnings, {} notes\n", path, count(Severity::error),
                             count(Severity::warning), count(Severity::note));
  }
}

void print_json(const std::string& path, const lint::Findings& findings) {
  Json json = {{"path", path}, {"findings", Json::array()}};
  for (const Finding& f : findings) {
    json["findings"].push_back({{"check", f.check},
                                {"severity", to_string(f.severity)},
                                {"place", f.place},
                                {"found", f.found},
                                {"expected", f.expected},
                                {"mend", f.mend}});
  }
  std::cout << json_lines(json);
}

int run(const Arguments& a) {
  if (a.lists) {
    print_checks();
    return 0;
  }
  if (a.file.empty()) throw Error(Errc::invalid_argument, "lint: a file is needed (or --list)");
  const lint::Findings findings = lint::run_checks(a.file, a.group, a.checks);
  a.json ? print_json(a.file, findings) : print_text(a.file, findings);
  const bool is_clean = std::all_of(findings.begin(), findings.end(),
                                    [](const Finding& f) { return f.severity == Severity::note; });
  return is_clean ? 0 : 1;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "Warns of what is probably not meant: half-pixel shifts, lost or double packing, nodata that "
      "is data, a "
      "missing CRS,\nunsorted or irregular coordinates, swapped longitude and latitude, times "
      "without units, bad "
      "chunks.");
  app.footer(kFooter);
  app.add_option("file", a->file, "file or store");
  app.add_option("--group", a->group, "group in the file");
  app.add_option("--check", a->checks, "only these checks, separated by commas")->delimiter(',');
  app.add_flag("--json", a->json, "as JSON");
  app.add_flag("--list", a->lists, "list the checks");
  return [a] { return run(*a); };
}

}  // namespace

Command make_lint_command() {
  return {"lint", "Warn of what in a file is probably not meant", &set_up};
}

}  // namespace rastream
