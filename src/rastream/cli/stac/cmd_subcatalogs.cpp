// SPDX-License-Identifier: Apache-2.0
// rastream stac subcatalogs: items moved into sub-catalogs by what they are.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "rastream/base/error.h"
#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/stac_commands.h"

namespace rastream {
namespace {

struct Arguments : ReadArguments, WriteArguments {
  std::string layout, out;
  std::vector<std::string> defaults;
};

constexpr const char* kFooter = R"(
In TEMPLATE, ${year}, ${month}, ${day} and ${date} are of an item's datetime or start_datetime, ${collection} is its
collection, and any other name is a property of it. '/' begins a deeper catalog.

Examples:
  rastream stac subcatalogs catalog '${region}' --out by-region
  rastream stac subcatalogs catalog '${year}/${month}'             changes the catalog itself
  rastream stac subcatalogs catalog '${landsat:path}' --default landsat:path=none)";

std::map<std::string, std::string> defaults_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> out;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos)
      throw Error(Errc::invalid_argument, "--default '{}': expected NAME=VALUE", text);
    out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return out;
}

/// The folder of a catalog that is read.
std::string folder_of(const Catalog& catalog) {
  return catalog.path().substr(0, catalog.path().rfind('/'));
}

int run(const Arguments& a) {
  Catalog catalog = a.open();
  const std::string folder = a.out.empty() ? folder_of(catalog) : a.out;
  const std::size_t n = catalog.generate_subcatalogs(a.layout, defaults_of(a.defaults)).size();
  const SaveReport report = a.save(catalog, folder);
  std::cout << fmt::format("{} new catalogs\n", n)
            << report_line(folder, catalog.document(), report);
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "Moves items into sub-catalogs that a template names from each, and saves the catalog. Old "
      "files of items\nthat moved stay where they were.");
  app.footer(kFooter);
  a->ReadArguments::add_to(app);
  app.add_option("template", a->layout, "such as '${year}/${month}'")->required();
  app.add_option("--out", a->out, "folder to save to; default: where the catalog is");
  app.add_option("--default", a->defaults, "NAME=VALUE for items without such a property");
  a->WriteArguments::add_to(app);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_subcatalogs_command() {
  return {"subcatalogs", "Move items into sub-catalogs by what they are", &set_up};
}

}  // namespace rastream
