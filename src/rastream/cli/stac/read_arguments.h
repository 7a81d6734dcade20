// SPDX-License-Identifier: Apache-2.0
// The arguments of commands that read or write a catalog.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "rastream/catalog/catalog.h"

namespace rastream {

/// The kinds of catalogs as the type of an option.
inline constexpr const char* kCatalogKinds =
    "{self-contained,relative-published,absolute-published}";

struct ReadArguments {
  std::string catalog;
  bool no_migrate = false;
  int n_threads = 0;

  void add_to(CLI::App& app) {
    app.add_option("catalog", catalog, "catalog.json, its folder, an item, or a URL")->required();
    app.add_flag("--no-migrate", no_migrate, "take documents of older versions as they are");
    app.add_option("--threads", n_threads, "documents read at a time; 0: one a core");
  }
  Catalog open() const {
    ReadOptions options;
    options.migrates = !no_migrate;
    options.n_threads = n_threads;
    return Catalog::open(catalog, options);
  }
};

struct WriteArguments {
  std::string kind = "self-contained";
  std::string root_href;
  bool no_sync = false;

  void add_to(CLI::App& app) {
    app.add_option("--kind", kind,
                   "links: self-contained (relative), relative-published (and a self link at the "
                   "root), absolute-published")
        ->type_name(kCatalogKinds)
        ->capture_default_str();
    app.add_option("--root-href", root_href,
                   "URL that the catalog will have: for self links and absolute links");
    app.add_flag("--no-sync", no_sync, "do not wait for the disk");
  }
  /// Lays `catalog` out and writes it below `folder`.
  SaveReport save(Catalog& catalog, const std::string& folder) const {
    SaveOptions options;
    options.kind = catalog_kind_of(kind);
    options.folder = folder;
    options.syncs = !no_sync;
    catalog.normalise_hrefs(root_href.empty() ? folder : root_href);
    return catalog.save(options);
  }
};

/// "catalog/catalog.json: 157 files written, 3 unchanged"
inline std::string report_line(const std::string& folder, const Collection& root,
                               const SaveReport& report) {
  return fmt::format(
      "{}/{}: {} files written{}\n", folder,
      root.is_collection ? "collection.json" : "catalog.json", report.n_written,
      report.n_unchanged == 0 ? "" : fmt::format(", {} unchanged", report.n_unchanged));
}

}  // namespace rastream
