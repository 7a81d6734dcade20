// SPDX-License-Identifier: Apache-2.0
// rastream stac ls: items, or collections, a line each.
#include <memory>

#include "rastream/base/error.h"
#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/stac_commands.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

struct Arguments : ReadArguments {
  std::string collection;
  bool collections = false, json = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream stac ls catalog
  rastream stac ls catalog --collection region-pr
  rastream stac ls catalog --json | head                 an object a line)";

std::string time_of(const Item& item) {
  if (item.start_datetime.empty()) return item.datetime.empty() ? "-" : item.datetime;
  return item.start_datetime + "/" + (item.end_datetime.empty() ? ".." : item.end_datetime);
}

std::string keys_of(const Item& item) {
  std::string text;
  for (const auto& [key, asset] : item.assets) text += (text.empty() ? "" : ",") + key;
  return text.empty() ? "-" : text;
}

std::string item_line(const Item& item, const std::string& collection, bool json) {
  if (!json) {
    return fmt::format("{:<24} {:<20} {:<41} {}\n", item.id, collection.empty() ? "-" : collection,
                       time_of(item), keys_of(item));
  }
  Json assets = Json::array();
  for (const auto& [key, asset] : item.assets) assets.push_back(key);
  const Json line = {
      {"id", item.id},
      {"collection", collection.empty() ? Json() : Json(collection)},
      {"datetime", item.datetime.empty() ? Json() : Json(item.datetime)},
      {"start_datetime", item.start_datetime.empty() ? Json() : Json(item.start_datetime)},
      {"end_datetime", item.end_datetime.empty() ? Json() : Json(item.end_datetime)},
      {"assets", assets},
      {"href", item.href}};
  return line.dump() + "\n";
}

std::string collection_line(const Collection& c, bool json) {
  const char* type = c.is_collection ? "Collection" : "Catalog";
  if (!json) return fmt::format("{:<24} {:<10} {}\n", c.id, type, c.title.empty() ? "-" : c.title);
  return Json({{"id", c.id}, {"type", type}, {"title", c.title}, {"href", c.href}}).dump() + "\n";
}

int run(const Arguments& a) {
  const Catalog catalog = a.open();
  TextOut out;
  if (a.collections) {
    if (!a.json) out.write(fmt::format("{:<24} {:<10} {}\n", "id", "type", "title"));
    catalog.for_each_collection(
        [&](const Collection& c) { return out.write(collection_line(c, a.json)); });
    out.flush();
    return 0;
  }
  if (!a.collection.empty()) catalog.find_collection(a.collection);
  if (!a.json)
    out.write(fmt::format("{:<24} {:<20} {:<41} {}\n", "id", "collection", "datetime", "assets"));
  catalog.for_each_item([&](const Item& item, const Collection* above) {
    const std::string of =
        !item.collection.empty() || above == nullptr ? item.collection : above->id;
    const bool is_wanted = a.collection.empty() || of == a.collection ||
                           (above != nullptr && above->id == a.collection);
    return !is_wanted || out.write(item_line(item, of, a.json));
  });
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("All items below a catalog as a table: id, collection, time and assets.");
  app.footer(kFooter);
  a->add_to(app);
  app.add_option("--collection", a->collection, "only items of this collection");
  app.add_flag("--collections", a->collections, "catalogs and collections instead of items");
  app.add_flag("--json", a->json, "an object a line");
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_ls_command() { return {"ls", "Items or collections, a line each", &set_up}; }

}  // namespace rastream
