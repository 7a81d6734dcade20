// SPDX-License-Identifier: Apache-2.0
// rastream stac index: one file in which all items of a catalog are found at once.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>

#include "rastream/catalog/index/index.h"
#include "rastream/cli/command.h"
#include "rastream/cli/stac/stac_commands.h"

namespace rastream {
namespace {

constexpr const char* kFooter = R"(
The index holds the text of every item, so that the catalog is not needed to search. Made again, it
reads only documents whose size and time (or ETag) changed.

Examples:
  rastream stac index archive/catalog.json -o archive.index
  rastream stac search archive.index --bbox 5 52 6 53 --datetime 2020/..
  rastream stac serve archive.index)";

struct Arguments {
  std::string catalog;
  std::string out = "catalog.index";
  std::int64_t n_threads = 0;
  bool is_new = false;
  bool keeps_going = false;
  bool is_json = false;
};

void print_report(const Arguments& a, const IndexReport& report, double seconds) {
  if (a.is_json) {
    fmt::print(R"({{"file":{},"items":{},"documents":{},"read":{},"problems":{}}})"
               "\n",
               to_json_string(a.out), report.n_items, report.n_documents, report.n_read,
               report.n_problems);
    return;
  }
  fmt::print("{}: {} items of {} documents, {} read, in {:.1f} s\n", a.out, report.n_items,
             report.n_documents, report.n_read, seconds);
  if (report.n_problems > 0) fmt::print("{} documents could not be read\n", report.n_problems);
}

int run(const Arguments& a) {
  IndexOptions options;
  options.is_new = a.is_new;
  options.crawl.n_threads = a.n_threads;
  options.crawl.stop = interrupt_token();
  if (a.keeps_going)
    options.crawl.problem = [](const Error& e) { fmt::print(stderr, "rastream: {}\n", e.what()); };
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const IndexReport report = build_index(a.catalog, a.out, options, [&](std::int64_t n) {
    if (is_terminal)
      fmt::print(stderr, "\r{} documents, {:.0f} a second ", n, static_cast<double>(n) / seconds());
  });
  if (is_terminal) fmt::print(stderr, "\n");
  print_report(a, report, seconds());
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  app.add_option("catalog", a->catalog, "a catalog's file, folder or URL, or a file of items")
      ->required();
  app.add_option("-o,--out", a->out, "the index")->capture_default_str();
  app.add_option("--threads", a->n_threads, "documents read at a time; 0: one a core");
  app.add_flag("--new", a->is_new, "read every document again");
  app.add_flag("--keep-going", a->keeps_going, "leave out documents that cannot be read");
  app.add_flag("--json", a->is_json, "report in JSON");
  app.footer(kFooter);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_index_command() {
  return {"index", "Make or update an index of a static catalog", &set_up};
}

}  // namespace rastream
