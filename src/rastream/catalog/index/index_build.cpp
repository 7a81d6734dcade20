// SPDX-License-Identifier: Apache-2.0
// From a crawl to an index file.
#include <thread>

#include "rastream/base/parallel_work.h"
#include "rastream/catalog/index/index.h"
#include "rastream/catalog/index/index_writer.h"

namespace rastream {
namespace {

/// What goes into the index of one document.
struct Digested {
  JsonText text;
  std::vector<ItemDigest> items;
};

Digested digest(const CrawledDocument& document, const Index* old) {
  Digested out;
  std::vector<JsonText> items;
  if (document.is_unchanged) {
    Index::StoredDocument stored = old->stored_document(document.href);
    items = std::move(stored.items);
    out.text = std::move(stored.text);
  } else if (const auto* item = std::get_if<Item>(&*document.document)) {
    items.push_back(item->text);
  } else if (const auto* page = std::get_if<ItemCollection>(&*document.document)) {
    for (const Item& one : page->items) items.push_back(one.text);
  } else {
    out.text = std::get<Collection>(*document.document).text;
  }
  for (JsonText& text : items) out.items.push_back(digest_item(std::move(text), document.href));
  return out;
}

/// The index that is there, when it is whole and one that this can read.
std::optional<Index> old_index(const std::string& file, const IndexOptions& options) {
  if (options.is_new || !is_index_file(file)) return std::nullopt;
  try {
    return Index::open(file);
  } catch (const Error&) {
    return std::nullopt;  // a damaged one is made anew
  }
}

}  // namespace

IndexReport build_index(const std::string& catalog, const std::string& file,
                        const IndexOptions& options,
                        const std::function<void(std::int64_t)>& progress) {
  const std::optional<Index> old = old_index(file, options);
  CrawlOptions crawling = options.crawl;
  if (old) crawling.known = [&](const std::string& href) { return old->find_document(href); };
  IndexReport report;
  if (crawling.problem) {
    crawling.problem = [&](const Error& e) {
      ++report.n_problems;
      options.crawl.problem(e);
    };
  }
  IndexWriter writer(file);
  const std::int64_t n_threads =
      crawling.n_threads > 0
          ? crawling.n_threads
          : std::max<std::int64_t>(1, static_cast<std::int64_t>(std::thread::hardware_concurrency()));
  crawl(catalog, crawling, [&](std::span<CrawledDocument> documents) {
    std::vector<Digested> digested(documents.size());
    run_parallel(n_threads, static_cast<std::int64_t>(documents.size()), [&](std::int64_t i) {
      const auto k = static_cast<std::size_t>(i);
      digested[k] = digest(documents[k], old ? &*old : nullptr);
    });
    for (std::size_t i = 0; i < documents.size(); ++i) {
      writer.add(documents[i], digested[i].text, digested[i].items);
      report.n_read += documents[i].is_unchanged ? 0 : 1;
    }
    report.n_documents += static_cast<std::int64_t>(documents.size());
    if (progress) progress(report.n_documents);
    return true;
  });
  writer.finish();
  report.n_items = writer.n_items();
  return report;
}

}  // namespace rastream
