// SPDX-License-Identifier: Apache-2.0
// rastream stac describe: a catalog as a tree.
#include <memory>

#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/stac_commands.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

struct Arguments : ReadArguments {
  bool hrefs = false, json = false;
};

constexpr const char* kFooter = R"(
Example:
  rastream stac describe catalog
    * <Catalog id=daymet-daily-v4>
        * <Collection id=region-pr>
          * <Item id=pr-1950>)";

/// The same tree as objects.
Json tree_of(Catalog catalog) {
  const Collection& c = catalog.document();
  Json json = {
      {"type", c.is_collection ? "Collection" : "Catalog"}, {"id", c.id}, {"href", c.href}};
  Json children = Json::array(), items = Json::array();
  for (const Catalog& child : catalog.children()) children.push_back(tree_of(child));
  for (const auto& item : catalog.own_items())
    items.push_back({{"type", "Item"}, {"id", item->id}, {"href", item->href}});
  json["children"] = std::move(children);
  json["items"] = std::move(items);
  return json;
}

int run(const Arguments& a) {
  const Catalog catalog = a.open();
  TextOut out;
  out.write(a.json ? json_lines(tree_of(catalog)) : catalog.describe(a.hrefs));
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("All catalogs, collections and items as a tree, in the order of the links.");
  app.footer(kFooter);
  a->add_to(app);
  app.add_flag("--hrefs", a->hrefs, "with the place of each document");
  app.add_flag("--json", a->json, "as JSON, with places");
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_describe_command() { return {"describe", "A catalog as a tree", &set_up}; }

}  // namespace rastream
