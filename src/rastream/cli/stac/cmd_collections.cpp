// SPDX-License-Identifier: Apache-2.0
// rastream stac collections: collections of an API, a catalog or an index.
#include <fmt/format.h>

#include "rastream/base/text_file.h"
#include "rastream/catalog/item_file.h"
#include "rastream/cli/stac/search_arguments.h"
#include "rastream/cli/stac/stac_commands.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

constexpr const char* kFooter = R"(
Examples:
  rastream stac collections https://earth-search.aws.element84.com/v1 --q "sentinel -radar"
  rastream stac collections demo/catalog.json --datetime 1980 --json)";

struct Arguments {
  TargetArguments target;
  SearchArguments search;
  bool wants_matched = false;
  bool is_json = false;
  bool is_lines = false;
  std::string save;
};

std::string shown(std::string_view json) {
  return json.starts_with('"') ? one_line(from_json_string(json)) : std::string("-");
}

void print_table(const std::vector<JsonText>& collections) {
  TextOut out;
  if (!collections.empty()) out.write(fmt::format("{:<44} {}\n", "id", "title"));
  for (const JsonText& text : collections) {
    out.write(fmt::format("{:<44} {}\n", shown(find_member(text.view(), "id")),
                          shown(find_member(text.view(), "title"))));
  }
  const std::size_t n = collections.size();
  out.write(n == 1 ? "1 collection\n" : fmt::format("{} collections\n", n));
  out.flush();
}

std::string json_list(const std::vector<JsonText>& collections) {
  std::string out = "[";
  for (const JsonText& text : collections)
    out += (out.size() > 1 ? ",\n" : "") + one_line(text.view());
  return out + "]\n";
}

int run(const Arguments& a) {
  std::vector<JsonText> found;
  search_collections(a.target.target(), a.search.search(), a.target.options(),
                     [&](const JsonText& text) {
                       found.push_back(text);
                       return true;
                     });
  if (a.wants_matched) {
    fmt::print("{} collections matched\n", found.size());
  } else if (!a.save.empty()) {
    write_text_file(a.save, json_list(found));
    fmt::print("{}: {} collections\n", a.save, found.size());
  } else if (a.is_json) {
    TextOut out;
    out.write(json_list(found));
    out.flush();
  } else if (a.is_lines) {
    TextOut out;
    for (const JsonText& text : found) out.write(one_line(text.view()) + "\n");
    out.flush();
  } else {
    print_table(found);
  }
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  a->target.add_to(app);
  a->search.add_to(app, SearchArguments::For::collections);
  app.add_flag("--matched", a->wants_matched, "print how many match, and no collection");
  app.add_option("--save", a->save, "write a JSON list of them");
  CLI::Option* json = app.add_flag("--json", a->is_json, "print a JSON list");
  app.add_flag("--ndjson", a->is_lines, "print one collection a line")->excludes(json);
  app.footer(kFooter);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_collections_command() {
  return {"collections", "List collections, or find them by words", &set_up};
}

}  // namespace rastream
