// SPDX-License-Identifier: Apache-2.0
// Reads the documents of a catalog, from files and from the web, each as its links ask for it.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "rastream/catalog/document.h"

namespace rastream {

class HttpClient;
struct HttpResponse;

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
  std::stop_token stop = {};  ///< ends requests to the web: unavailable
};

/// A document as it was read.
struct ReadDocument {
  Document document;
  std::string identity;  ///< equal for all names of one file or URL
};

/// What tells that a document is still the one that was read. Where all is zero nothing does.
struct DocumentStamp {
  std::int64_t mtime_ns = 0;
  std::int64_t size = 0;
  std::string version;  ///< of what is not on this machine: its ETag, else a time of change
  friend bool operator==(const DocumentStamp&, const DocumentStamp&) = default;
};

/// A document that may have been read before.
struct StampedDocument {
  std::optional<Document> document;  ///< nothing: it is the one whose stamp was given
  std::string identity;
  DocumentStamp stamp;  ///< of before it was read, so that a change meanwhile is seen
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
  /// The same, unless it is the document that `known` is the stamp of. An item that has properties
  /// of its collection, and what a server says nothing of, gets no stamp.
  StampedDocument read_if_new(const std::string& location, const std::string& from,
                              const Collection* above, const DocumentStamp& known) const;
  /// The same for a `text` that was read from `location`.
  Document parse(JsonText text, const std::string& location, const Collection* above) const;
  /// The bytes at `location`, which the user named. Throws as read() does before it parses.
  JsonText text(const std::string& location) const;

 private:
  JsonText text_at(const std::string& location, const std::string& from,
                   std::string& identity) const;
  HttpResponse fetch(const std::string& url, const std::string& from,
                     const DocumentStamp& known) const;
  /// These fill identity and stamp of `out`; nothing: the stamp is `known`.
  std::optional<JsonText> text_if_new(const std::string& location, const std::string& from,
                                      const DocumentStamp& known, StampedDocument& out) const;
  std::optional<JsonText> web_text_if_new(const std::string& url, const std::string& from,
                                          const DocumentStamp& known, StampedDocument& out) const;
  /// Sets `is_shared` when the document depends on another.
  Document parse(JsonText text, const std::string& location, const Collection* above,
                 bool& is_shared) const;
  JsonText shared_properties(const JsonText& item, const std::string& location,
                             const Collection* above) const;
  ReadOptions options_;
};

/// Where `link` of the document at `from` leads to. Throws as resolve_location does, naming both.
std::string link_location(const Link& link, const std::string& from);

/// The path or URL of the document that a user means by `target`: itself, or the catalog.json, else
/// collection.json, of a folder of this machine. Throws as resolve_location does.
std::string catalog_file(const std::string& target);

}  // namespace rastream
