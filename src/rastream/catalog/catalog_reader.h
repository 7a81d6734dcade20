// SPDX-License-Identifier: Apache-2.0
// Reads the documents of a catalog, from files and from the web, each as its links ask for it.
#pragma once

#include <memory>
#include <string>

#include "rastream/catalog/document.h"

namespace rastream {

class HttpClient;

struct ReadOptions {
  /// Documents of older versions of STAC become 1.1.0 as they are read (migrate.h). A document of
  /// 1.1.0 is never touched.
  bool migrates = true;
  /// Documents that are read at a time; 0: one a core, and eight from the web.
  int n_threads = 0;
  /// False: nothing is read from the web; a URL is unsupported.
  bool reads_urls = true;
  /// For http(s) URLs; null: default_http_client(). What is in other stores is read by
  /// open_store().
  std::shared_ptr<HttpClient> client = {};
};

/// A document as it was read.
struct ReadDocument {
  Document document;
  std::string identity;  ///< equal for all names of one file or URL
};

/// Thread safe.
class CatalogReader {
 public:
  explicit CatalogReader(ReadOptions options) : options_(std::move(options)) {}
  const ReadOptions& options() const { return options_; }

  /// The document at `location`, an absolute path or a URL, that the document at `from` named, or
  /// the user when that is "". `above`: the nearest collection, whose properties items before
  /// 1.0.0 share; may be null. Throws as read_document, HttpClient and parse_document do;
  /// permission_denied when a document of the web names an address that it must not.
  ReadDocument read(const std::string& location, const std::string& from,
                    const Collection* above) const;
  /// The same for a `text` that was read from `location`.
  Document parse(JsonText text, const std::string& location, const Collection* above) const;
  /// The bytes at `location`, which the user named. Throws as read() does before it parses.
  JsonText text(const std::string& location) const;

 private:
  JsonText text_at(const std::string& location, const std::string& from,
                   std::string& identity) const;
  JsonText shared_properties(const JsonText& item, const std::string& location,
                             const Collection* above) const;
  ReadOptions options_;
};

/// The path or URL of the document that a user means by `target`: itself, or the catalog.json, else
/// collection.json, of a folder of this machine. Throws as resolve_location does.
std::string catalog_file(const std::string& target);

}  // namespace rastream
