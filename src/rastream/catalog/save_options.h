// SPDX-License-Identifier: Apache-2.0
// How a catalog is saved (STAC 1.1, best-practices.md, "Use of links").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rastream {

enum class CatalogKind {
  self_contained,      ///< relative links, no self links: may be moved as a whole
  relative_published,  ///< relative links, and a self link at the root
  absolute_published,  ///< absolute links everywhere, and self links
};

/// "self_contained", ...
std::string_view to_string(CatalogKind kind);
/// Also with '-' for '_'. Throws invalid_argument, naming the three.
CatalogKind catalog_kind_of(std::string_view name);

struct SaveOptions {
  CatalogKind kind = CatalogKind::self_contained;
  /// Where the files go, a folder or the URL of a store that can be written; their places (see
  /// Catalog::normalise_hrefs) when empty.
  std::string folder = {};
  /// On this machine: waits once, before anything gets its name, until the bytes of all files are
  /// on the disk.
  bool syncs = true;
  int n_threads = 0;  ///< 0: one a core, and eight for a store that is not on this machine
};

struct SaveReport {
  std::int64_t n_written = 0;
  std::int64_t n_unchanged = 0;  ///< files that held the same bytes
};

}  // namespace rastream
