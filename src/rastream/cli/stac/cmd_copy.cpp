// SPDX-License-Identifier: Apache-2.0
// rastream stac copy: the files of a catalog's items, to a folder of any store.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "rastream/base/bytes.h"
#include "rastream/base/printable.h"
#include "rastream/base/progress.h"
#include "rastream/base/text_file.h"
#include "rastream/catalog/save_items.h"
#include "rastream/cli/box_words.h"
#include "rastream/cli/command.h"
#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/stac_commands.h"
#include "rastream/cli/text_out.h"
#include "rastream/exec/copy_assets.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/file.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

struct Arguments {
  std::string catalog, folder, bbox, time, out, kind = "self-contained", report, failed;
  std::string memory = "2GiB";
  std::vector<std::string> keys, items;
  int n_workers = 8;
  bool updates = false, skips = false, overwrites = false, stages = false, json = false,
       quiet = false;
};

constexpr const char* kFooter = R"(
Copies are DEST/ITEM/NAME; without DEST they lie beside the items, in --out where that is given. DEST is a folder, or a
URL of a store that is written: webdavs://, dcache://, s3://, http(s):// (see docs/stores.md).

A copy has its name when it is whole and was compared with the checksums of catalog (file:checksum, file:size) and
server. What is there and intact is left alone, so that the same command again finishes what a broken one began. A
failure ends no other copy; --report has a list of them, which --failed runs again.

Examples:
  rastream stac copy catalog /data/daymet --asset tmin --item hi-1980
  rastream stac copy https://host/stac/catalog.json --out here --asset tmin --asset tmax    a catalog with its files
  rastream stac copy catalog dcache://surf/daymet --asset tmin --update                     links now point to dCache
  rastream stac copy catalog part --bbox=-67.3,17.8,-65.2,18.6 --time 2022-01/2022-06       that part of each file
  rastream stac copy found.json data --report report.json       the items that 'stac search --save' found
  rastream stac copy found.json data --failed report.json       what failed, again)";

CopyAssetsOptions options_of(const Arguments& a) {
  CopyAssetsOptions o;
  o.keys = a.keys;
  o.items = a.items;
  o.folder = a.folder;
  o.updates_catalog = a.updates || !a.out.empty();
  o.new_root = a.out;
  o.if_there = a.overwrites ? IfThere::replace
               : a.skips    ? IfThere::keep
                            : IfThere::replace_unless_intact;
  if (!a.bbox.empty()) o.part.bbox = parse_bbox(a.bbox);
  o.part.time = a.time;
  o.stages = a.stages;
  o.n_workers = a.n_workers;
  o.memory_bytes = parse_bytes(a.memory);
  o.stop = interrupt_token();
  if (!a.quiet && ::isatty(STDERR_FILENO) == 1) o.progress = stderr;
  if (!a.failed.empty()) {
    const auto bytes = read_file(a.failed);
    if (!bytes) throw Error(Errc::not_found, "--failed: there is no file '{}'", a.failed);
    o.only = parse_failed_assets(
        parse_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, a.failed));
  }
  return o;
}

/// A catalog of items that were found, or of one item.
Catalog catalog_of(const Catalog& items, const std::string& path) {
  Collection document;
  document.id = std::filesystem::path(path).stem().string();
  document.description = "Items of " + std::filesystem::path(path).filename().string();
  Catalog catalog = Catalog::create(std::move(document));
  catalog.add_items(items.items());
  return catalog;
}

Catalog open_catalog(const Arguments& a) {
  Catalog catalog = Catalog::open(a.catalog);
  if (a.out.empty()) return catalog;
  return catalog.document().id.empty() ? catalog_of(catalog, catalog.path()) : catalog;
}

void save(Catalog& catalog, const Arguments& a, const CopyAssetsReport& report) {
  if (!a.out.empty()) {
    SaveOptions options;
    options.kind = catalog_kind_of(a.kind);
    catalog.save(options);
  } else if (a.updates) {
    save_items(catalog, report.changed);
  }
}

std::string summary_of(const CopyAssetsReport& r) {
  const std::int64_t n = r.count(CopyState::copied);
  std::string text =
      fmt::format("copied {} file{} ({} in all) in {}", n, n == 1 ? "" : "s",
                  format_bytes(static_cast<double>(r.size_bytes())), format_duration(r.seconds));
  if (const auto n_intact = r.count(CopyState::intact))
    text += fmt::format(", {} intact already", n_intact);
  if (const auto n_failed = r.count(CopyState::failed))
    text += fmt::format(", {} failed", n_failed);
  if (const auto n_left = r.count(CopyState::not_begun))
    text += fmt::format(", {} not begun", n_left);
  if (r.n_outside > 0)
    text += fmt::format(", {} item{} outside", r.n_outside, r.n_outside == 1 ? "" : "s");
  return text;
}

int exit_code_of(const CopyAssetsReport& report) {
  if (interrupt_token().stop_requested()) return kInterrupted;
  for (const CopiedAsset& a : report.assets) {
    if (a.state == CopyState::failed) return exit_code(a.code);
  }
  return 0;
}

int run(const Arguments& a) {
  Catalog catalog = open_catalog(a);
  if (a.updates && a.out.empty() && is_http_url(catalog.path()))
    throw Error(Errc::unsupported,
                "--update: '{}' is not on this machine: give --out for a catalog that is",
                printable_url(catalog.path()));
  if (is_remote(a.out))
    throw Error(Errc::unsupported, "--out: '{}' is no folder of this machine",
                printable_url(a.out));
  const CopyAssetsReport report = copy_assets(catalog, options_of(a));
  const std::string json = json_lines(report_to_json(report));
  if (!a.report.empty()) write_text_file(a.report, json);
  if (a.json) fmt::print("{}", json);
  for (const CopiedAsset& asset : report.assets) {
    if (asset.state == CopyState::failed)
      fmt::print(stderr, "rastream: item '{}', asset '{}': {}\n", printable(asset.name.item),
                 printable(asset.name.key), asset.message);
  }
  save(catalog, a, report);
  if (!a.quiet && !a.json) fmt::print("{}\n", summary_of(report));
  return exit_code_of(report);
}

void add_options(CLI::App& app, Arguments& a) {
  app.add_option("catalog", a.catalog,
                 "catalog.json, its folder, an item, a file of items, or a URL of one")
      ->required();
  app.add_option("dest", a.folder, "folder or URL that copies go to; default: beside the items");
  app.add_option("--asset", a.keys, "key of an asset, also several times; default: all")
      ->type_name("KEY");
  app.add_option("--item", a.items, "id of an item, also several times; default: all")
      ->type_name("ID");
  app.add_option("--bbox", a.bbox,
                 fmt::format("{}: items that touch this box, and of NetCDF, GeoTIFF and Zarr files "
                             "only the cells that do",
                             kBoxHelp));
  app.add_option("--time", a.time,
                 "FROM/TO, both included, such as 2001-05/2001-09-30: items of these dates, and of "
                 "NetCDF and Zarr files only\nthese steps");
  app.add_option("--workers", a.n_workers, "files at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--memory", a.memory, "bound on memory of --bbox and --time")
      ->capture_default_str();
  app.add_flag(
      "--update", a.updates,
      "write the places of the copies into the items of CATALOG, which is on this machine");
  app.add_option("--out", a.out,
                 "folder for the whole catalog with the places of the copies; CATALOG stays as it "
                 "is");
  app.add_option("--kind", a.kind, "links of --out")
      ->type_name(kCatalogKinds)
      ->capture_default_str();
  CLI::Option* skip =
      app.add_flag("--skip", a.skips, "leave alone whatever is there, intact or not");
  app.add_flag("--overwrite", a.overwrites, "copy also what is there and intact")->excludes(skip);
  app.add_flag("--stage", a.stages, "bring files of dCache from tape first, and wait for them");
  app.add_option("--report", a.report, "JSON file: what was done and what failed");
  app.add_option("--failed", a.failed, "only what failed by this --report of an earlier run");
  app.add_flag("--json", a.json, "print that report instead of a summary");
  app.add_flag("-q,--quiet", a.quiet, "no progress and no summary");
}

std::function<int()> set_up(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  app.description("Copies the files of a catalog's items, many at a time and checked.");
  app.footer(kFooter);
  add_options(app, *a);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_copy_command() {
  return {"copy", "Copy the files of items, whole or the wanted part", &set_up};
}

}  // namespace rastream
