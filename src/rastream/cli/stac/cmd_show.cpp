// SPDX-License-Identifier: Apache-2.0
// rastream stac show: one document.
#include <memory>

#include "rastream/base/error.h"
#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/stac_commands.h"
#include "rastream/cli/text_out.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

struct Arguments : ReadArguments {
  std::string id, collection;
  bool json = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream stac show catalog                             the catalog itself
  rastream stac show catalog pr-1985
  rastream stac show catalog region-pr --json)";

constexpr std::size_t kLongestValue = 100;

void field(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out += fmt::format("{:<16} {}\n", name, value);
}

std::string shortened(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.size() > kLongestValue) text = text.substr(0, kLongestValue) + "...";
  return text;
}

template <typename Assets>
void add_assets(std::string& out, const Assets& assets) {
  for (const auto& [key, asset] : assets)
    out += fmt::format("  {:<14} {:<22} {}\n", key, asset.type.empty() ? "-" : asset.type,
                       printable_url(asset.href));
}

std::string text_of(const Item& item) {
  std::string out;
  field(out, "item", item.id);
  field(out, "collection", item.collection);
  field(out, "stac_version", item.stac_version);
  if (item.bbox) field(out, "bbox", to_string(*item.bbox));
  if (!item.properties.empty()) {
    const Json properties = item.properties.parse(item.href);
    for (const auto& [name, value] : properties.items()) field(out, name, shortened(value));
  }
  field(out, "href", printable_url(item.href));
  out += fmt::format("assets ({})\n", item.assets.size());
  add_assets(out, item.assets);
  return out;
}

std::string text_of(const Collection& c) {
  std::string out;
  field(out, c.is_collection ? "collection" : "catalog", c.id);
  field(out, "title", c.title);
  field(out, "description", shortened(c.description));
  field(out, "stac_version", c.stac_version);
  if (!c.text.empty()) {
    const Json document = c.text.parse(c.href);
    for (const auto& [name, value] : document.items()) {
      const bool is_shown = name == "id" || name == "type" || name == "title" || name == "links" ||
                            name == "description" || name == "stac_version" || name == "assets";
      if (!is_shown) field(out, name, shortened(value));
    }
  }
  field(out, "href", printable_url(c.href));
  std::map<std::string, int> n_links;
  for (const Link& link : c.links) ++n_links[link.rel];
  for (const auto& [rel, n] : n_links) field(out, "links " + rel, fmt::format("{}", n));
  if (!c.assets.empty()) add_assets(out += "assets\n", c.assets);
  return out;
}

std::string shown(const Item& item, bool json) { return json ? item_text(item) : text_of(item); }
std::string shown(const Collection& c, bool json) { return json ? collection_text(c) : text_of(c); }

/// An item of this id or, if there is none, a catalog or collection.
std::string found(const Catalog& catalog, const Arguments& a) {
  try {
    return shown(catalog.find_item(a.id, a.collection), a.json);
  } catch (const Error& e) {
    if (e.code() != Errc::not_found) throw;
    try {
      return shown(catalog.find_collection(a.id), a.json);
    } catch (const Error& no_collection) {
      if (no_collection.code() != Errc::not_found) throw;
    }
    throw;
  }
}

int run(const Arguments& a) {
  const Catalog catalog = a.open();
  std::string text;
  if (!a.id.empty()) {
    text = found(catalog, a);
  } else if (!catalog.document().id.empty()) {
    text = shown(catalog.document(), a.json);
  } else {
    for (const Item& item : catalog.items()) text += shown(item, a.json);
  }
  if (!text.ends_with('\n')) text += '\n';
  TextOut out;
  out.write(text);
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("One item, collection or catalog: its fields and assets, or its whole document.");
  app.footer(kFooter);
  a->add_to(app);
  app.add_option("id", a->id,
                 "id of an item, or of a collection or catalog; without: CATALOG itself");
  app.add_option("--collection", a->collection, "the item must be of this collection");
  app.add_flag("--json", a->json, "the document as it is written");
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_show_command() { return {"show", "One item, collection or catalog", &set_up}; }

}  // namespace rastream
