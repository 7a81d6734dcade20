// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/index/crawl.h"

#include <thread>
#include <unordered_set>

#include "rastream/base/parallel_work.h"
#include "rastream/catalog/catalog_node.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

constexpr std::size_t kDocumentsAtATime = 4096;
constexpr std::int64_t kBytesAtATime = std::int64_t{32} << 20;
/// Of a document whose size is not known before it is read.
constexpr std::int64_t kBytesOfUnknown = std::int64_t{1} << 20;
constexpr std::int64_t kRemoteThreads = 8;
/// What is above a document.
struct Above {
  std::string href;  ///< of the document that has the link; "": the user
  /// The nearest collection or, where there is none, catalog: its id, and its text where items may
  /// share its properties.
  Collection document;
};

/// A link that is to be followed.
struct Visit {
  std::string href;
  std::shared_ptr<const Above> above;
};

struct Reading {
  std::optional<CrawledDocument> document;
  JsonText shared;  ///< its text, of a collection with properties
  std::string identity;
  std::vector<Error> problems;
};

/// Items up to 0.9 have these properties too, so they must be known whatever changed.
bool has_properties(const Collection& document) {
  return document.is_collection && find_member(document.text.view(), "properties").starts_with('{');
}

class Crawl {
 public:
  Crawl(const CrawlOptions& options, bool is_elsewhere)
      : options_(options), reader_(reading_of(options)) {
    const auto n_cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
    n_threads_ = options.n_threads > 0 ? options.n_threads
                 : is_elsewhere        ? kRemoteThreads
                                       : std::max<std::int64_t>(1, n_cores);
  }

  void run(const std::string& root, const std::function<bool(std::span<CrawledDocument>)>& visit) {
    std::vector<Visit> level{{root, std::make_shared<const Above>()}};
    seen_.insert(root);
    for (int depth = 0; !level.empty(); ++depth) {
      if (depth > options_.max_depth) throw too_much(level.front().above->href);
      std::vector<Visit> below;
      for (std::size_t at = 0; at < level.size();) {
        std::vector<CrawledDocument> documents = read(next_piece(level, at), below);
        if (!visit(documents)) return;
      }
      level = std::move(below);
    }
  }

 private:
  /// What is read at a time: some documents, few where they are large. Moves `at` behind it.
  static std::span<const Visit> next_piece(const std::vector<Visit>& level, std::size_t& at) {
    const std::size_t begin = at;
    std::int64_t n_bytes = 0;
    while (at < level.size() && at - begin < kDocumentsAtATime && n_bytes < kBytesAtATime) {
      const std::string& href = level[at].href;
      const auto state = is_remote(href) ? std::nullopt : file_state(href);
      n_bytes += is_remote(href) ? kBytesOfUnknown : state ? state->size_bytes : 0;
      ++at;
    }
    return {level.data() + begin, at - begin};
  }

  /// Puts what the documents link to into `below`.
  std::vector<CrawledDocument> read(std::span<const Visit> visits, std::vector<Visit>& below) {
    std::vector<Reading> readings(visits.size());
    const auto read_one = [&](std::int64_t k) {
      const auto i = static_cast<std::size_t>(k);
      with_problems(readings[i].problems, [&] { read_document_of(visits[i], readings[i]); });
    };
    const auto n = static_cast<std::int64_t>(visits.size());
    if (!run_parallel(n_threads_, n, read_one, options_.stop))
      throw Error(Errc::unavailable, "the walk through the catalog was stopped");
    std::vector<CrawledDocument> documents;
    for (std::size_t i = 0; i < visits.size(); ++i) {
      for (const Error& e : readings[i].problems) options_.problem(e);
      if (!readings[i].document || !identities_.insert(std::move(readings[i].identity)).second)
        continue;
      follow(visits[i], readings[i], below);
      documents.push_back(*std::move(readings[i].document));
    }
    return documents;
  }

  template <typename F>
  void with_problems(std::vector<Error>& problems, F&& f) const {
    try {
      f();
    } catch (const Error& e) {
      if (!options_.problem) throw;
      problems.push_back(e);
    }
  }

  void read_document_of(const Visit& visit, Reading& reading) const {
    const Collection& above = visit.above->document;
    auto known = options_.known ? options_.known(visit.href) : std::nullopt;
    StampedDocument read =
        reader_.read_if_new(visit.href, visit.above->href, above.is_collection ? &above : nullptr,
                            known ? known->stamp : DocumentStamp());
    CrawledDocument out;
    out.href = visit.href;
    out.above = above.id;
    out.stamp = std::move(read.stamp);
    out.is_unchanged = !read.document;
    out.document = std::move(read.document);
    if (out.is_unchanged) {
      out.links = std::move(known->links);
      out.id = std::move(known->id);
      out.is_collection = known->is_collection;
    } else if (const auto* collection = std::get_if<Collection>(&*out.document)) {
      describe(*collection, out, reading);
    }
    reading.identity = std::move(read.identity);
    reading.document = std::move(out);
  }

  void describe(const Collection& collection, CrawledDocument& out, Reading& reading) const {
    out.id = collection.id;
    out.is_collection = collection.is_collection;
    for (const Link& link : collection.links) {
      if (!is_branch(link)) continue;
      with_problems(reading.problems, [&] { out.links.push_back(link_location(link, out.href)); });
    }
    if (has_properties(collection)) reading.shared = collection.text;
    // What has a bad link is to say so each time.
    if (has_properties(collection) || !reading.problems.empty()) out.stamp = {};
  }

  void follow(const Visit& visit, const Reading& reading, std::vector<Visit>& below) {
    const CrawledDocument& document = *reading.document;
    if (document.links.empty()) return;
    auto above = std::make_shared<Above>(Above{document.href, visit.above->document});
    // A catalog below a collection does not hide it.
    if (document.is_collection || !above->document.is_collection) {
      above->document.id = document.id;
      above->document.is_collection = document.is_collection;
      above->document.text = reading.shared;
    }
    for (const std::string& href : document.links) {
      if (!seen_.insert(href).second) continue;
      if (static_cast<std::int64_t>(seen_.size()) > options_.max_documents)
        throw too_much(document.href);
      below.push_back({href, above});
    }
  }

  Error too_much(const std::string& href) const {
    return Error(Errc::data_loss, "{}: the catalog has more than {} documents or {} levels",
                 printable_url(href), options_.max_documents, options_.max_depth);
  }

  const CrawlOptions& options_;
  CatalogReader reader_;
  std::int64_t n_threads_ = 1;
  std::unordered_set<std::string> seen_;        ///< paths and URLs
  std::unordered_set<std::string> identities_;  ///< of the documents that they led to
};

}  // namespace

ReadOptions reading_of(const CrawlOptions& options) {
  ReadOptions reading;
  reading.n_threads = static_cast<int>(options.n_threads);
  reading.client = options.client;
  reading.stop = options.stop;
  return reading;
}

void crawl(const std::string& root, const CrawlOptions& options,
           const std::function<bool(std::span<CrawledDocument>)>& visit) {
  const std::string file = catalog_file(root);
  Crawl(options, is_remote(file)).run(file, visit);
}

}  // namespace rastream
