// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/index/crawl.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>
#include <unordered_set>

#include "rastream/base/parallel_work.h"
#include "rastream/catalog/catalog_reader.h"
#include "rastream/catalog/href.h"
#include "rastream/store/byte_source.h"

namespace rastream {
namespace {

constexpr std::size_t kDocumentsAtATime = 4096;
constexpr std::int64_t kBytesAtATime = std::int64_t{32} << 20;
constexpr std::int64_t kRemoteThreads = 8;
constexpr int kNotModified = 304;

/// A link that is to be followed.
struct Visit {
  std::string href;
  std::string from;  ///< the document that has the link; "": the user
  std::string above;
  bool is_above_collection = false;
};

std::string resolve(const std::string& href, const std::string& base) {
  if (is_http_url(href)) return href;
  if (is_http_url(base)) {
    if (href.find("://") != std::string::npos)
      throw Error(Errc::permission_denied, "{}: a remote catalog may not link to '{}'",
                  printable_url(base), href.substr(0, 100));
    return resolve_url(parse_url(base), href).to_string();
  }
  return resolve_href(href, base);
}

std::vector<std::string> resolved_links(const std::vector<Link>& links, const std::string& base) {
  std::vector<std::string> out;
  for (const Link& link : links)
    if (link.rel == "child" || link.rel == "item") out.push_back(resolve(link.href, base));
  return out;
}

std::optional<DocumentStamp> file_stamp(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return DocumentStamp{status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                       status.st_size, ""};
}

class Crawl {
 public:
  Crawl(const CrawlOptions& options, bool is_remote) : options_(options), client_(options.client) {
    const auto n_cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
    n_threads_ = options.n_threads > 0 ? options.n_threads
                 : is_remote           ? kRemoteThreads
                                       : std::max<std::int64_t>(1, n_cores);
    if (!client_ && is_remote) client_ = default_http_client();
  }

  void run(const std::string& root, const std::function<bool(std::span<CrawledDocument>)>& visit) {
    std::vector<Visit> level{{root, "", "", false}};
    seen_.insert(root);
    for (int depth = 0; !level.empty(); ++depth) {
      if (depth > options_.max_depth) throw too_much(level.front().from);
      std::vector<Visit> below;
      for (std::size_t at = 0; at < level.size();) {
        std::vector<CrawledDocument> documents = read(next_piece(level, at));
        for (const CrawledDocument& document : documents) follow(document, below);
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
      const auto stamp = is_http_url(level[at].href) ? std::nullopt : file_stamp(level[at].href);
      n_bytes += stamp ? stamp->size : 0;
      ++at;
    }
    return {level.data() + begin, at - begin};
  }

  std::vector<CrawledDocument> read(std::span<const Visit> visits) {
    std::vector<std::optional<CrawledDocument>> read(visits.size());
    std::vector<std::optional<Error>> problems(visits.size());
    const auto read_one = [&](std::int64_t k) {
      const auto i = static_cast<std::size_t>(k);
      try {
        read[i] = read_document_of(visits[i]);
      } catch (const Error& e) {
        if (!options_.problem) throw;
        problems[i] = e;
      }
    };
    const auto n = static_cast<std::int64_t>(visits.size());
    if (!run_parallel(n_threads_, n, read_one, options_.stop))
      throw Error(Errc::unavailable, "the walk through the catalog was stopped");
    std::vector<CrawledDocument> documents;
    for (std::size_t i = 0; i < visits.size(); ++i) {
      if (read[i]) documents.push_back(std::move(*read[i]));
      if (problems[i]) options_.problem(*problems[i]);
    }
    return documents;
  }

  CrawledDocument read_document_of(const Visit& visit) const {
    CrawledDocument out;
    out.href = visit.href;
    out.above = visit.above;
    out.is_above_collection = visit.is_above_collection;
    const auto known = options_.known ? options_.known(visit.href) : std::nullopt;
    JsonText text;
    if (is_http_url(visit.href))
      text = fetch(visit, known, out);
    else
      text = load(visit, known, out);
    if (out.is_unchanged) {
      out.links = known->links;
      out.id = known->id;
      out.is_collection = known->is_collection;
      return out;
    }
    out.document = parse_document(std::move(text), visit.href);
    if (const auto* collection = std::get_if<Collection>(&*out.document)) {
      out.id = collection->id;
      out.is_collection = collection->is_collection;
      out.links = resolved_links(collection->links, visit.href);
    }
    return out;
  }

  static JsonText load(const Visit& visit, const std::optional<KnownDocument>& known,
                       CrawledDocument& out) {
    // The stamp is of before the reading: a change meanwhile is seen by the next crawl.
    if (const auto stamp = file_stamp(visit.href)) out.stamp = *stamp;
    out.is_unchanged = known && known->stamp == out.stamp;
    return out.is_unchanged ? JsonText() : read_document(visit.href);
  }

  JsonText fetch(const Visit& visit, const std::optional<KnownDocument>& known,
                 CrawledDocument& out) const {
    HttpRequest request;
    request.url = visit.href;
    request.document_url = is_http_url(visit.from) ? visit.from : "";
    request.stop = options_.stop;
    if (known && !known->stamp.etag.empty())
      request.headers.add("If-None-Match", known->stamp.etag);
    const HttpResponse response = (client_ ? client_ : default_http_client())->send(request);
    out.is_unchanged = known && response.status == kNotModified;
    if (out.is_unchanged) {
      out.stamp = known->stamp;
      return {};
    }
    check_success(request, response);
    out.stamp.etag = response.headers.get("ETag");
    return JsonText(response.body);
  }

  void follow(const CrawledDocument& document, std::vector<Visit>& below) {
    // A catalog below a collection does not hide it.
    const bool is_nearer = document.is_collection || !document.is_above_collection;
    for (const std::string& href : document.links) {
      if (!seen_.insert(href).second) continue;
      if (static_cast<std::int64_t>(seen_.size()) > options_.max_documents)
        throw too_much(document.href);
      below.push_back({href, document.href, is_nearer ? document.id : document.above,
                       is_nearer ? document.is_collection : document.is_above_collection});
    }
  }

  Error too_much(const std::string& href) const {
    return Error(Errc::data_loss, "{}: the catalog has more than {} documents or {} levels",
                 printable_url(href), options_.max_documents, options_.max_depth);
  }

  const CrawlOptions& options_;
  std::shared_ptr<HttpClient> client_;
  std::int64_t n_threads_ = 1;
  std::unordered_set<std::string> seen_;
};

}  // namespace

void crawl(const std::string& root, const CrawlOptions& options,
           const std::function<bool(std::span<CrawledDocument>)>& visit) {
  const std::string file = catalog_file(root);
  if (is_remote(file) && !is_http_url(file))
    throw Error(Errc::unsupported, "'{}' is not a local path", printable_url(file));
  Crawl(options, is_http_url(file)).run(file, visit);
}

}  // namespace rastream
