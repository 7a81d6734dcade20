// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/index/index.h"

#include <fstream>

#include "rastream/catalog/index/index_file.h"

namespace rastream {

bool is_index_file(const std::string& path) {
  std::array<char, 8> magic = {};
  std::ifstream file(path, std::ios::binary);
  return file.read(magic.data(), magic.size()) && magic == kIndexMagic;
}

Index Index::open(const std::string& path, bool is_checked) {
  return Index(std::make_shared<const File>(path, is_checked));
}

std::int64_t Index::n_items() const { return static_cast<std::int64_t>(file_->n_items()); }

const std::vector<IndexedCollection>& Index::collections() const { return file_->collections(); }

std::vector<std::string> Index::columns() const {
  std::vector<std::string> names;
  for (const IndexColumn& column : file_->rows<IndexColumn>(IndexSection::columns))
    names.emplace_back(file_->string(column.name));
  return names;
}

std::string Index::root() const {
  const auto documents = file_->rows<IndexDocument>(IndexSection::documents);
  return documents.empty() ? std::string() : std::string(file_->string(documents[0].href));
}

IndexedItem Index::item(std::int64_t item) const {
  const auto items = file_->rows<IndexItem>(IndexSection::items);
  const IndexItem& row = file_->row(items, static_cast<std::uint64_t>(item));
  const auto documents = file_->rows<IndexDocument>(IndexSection::documents);
  IndexedItem out;
  out.text = file_->text(row.text, row.text_hash);
  out.href = file_->string(file_->row(documents, row.document).href);
  if (row.above < collections().size()) out.above = collections()[row.above].id;
  return out;
}

std::optional<KnownDocument> Index::find_document(const std::string& href) const {
  const std::uint32_t number = file_->find_document(href);
  if (number == kNoIndex) return std::nullopt;
  const auto documents = file_->rows<IndexDocument>(IndexSection::documents);
  const IndexDocument& row = documents[number];
  KnownDocument known;
  known.stamp = {row.mtime_ns, row.size, std::string(file_->string(row.etag))};
  if (row.collection < collections().size()) {
    const IndexedCollection& own = collections()[row.collection];
    // Of several with one id, the index has the text of one.
    if (own.href != href) return std::nullopt;
    known.id = own.id;
    known.is_collection = own.is_collection;
  }
  const auto links = file_->rows<std::uint32_t>(IndexSection::links);
  for (std::uint64_t i = 0; i < row.n_links; ++i) {
    const std::uint32_t to = file_->row(links, row.first_link + i);
    known.links.emplace_back(file_->string(file_->row(documents, to).href));
  }
  return known;
}

Index::StoredDocument Index::stored_document(const std::string& href) const {
  const std::uint32_t number = file_->find_document(href);
  const auto documents = file_->rows<IndexDocument>(IndexSection::documents);
  const IndexDocument& row = file_->row(documents, number);
  const auto items = file_->rows<IndexItem>(IndexSection::items);
  StoredDocument stored;
  for (std::uint64_t i = 0; i < row.n_items; ++i) {
    const IndexItem& item = file_->row(items, row.first_item + i);
    stored.items.push_back(file_->text(item.text, item.text_hash));
  }
  if (row.collection < collections().size()) stored.text = collections()[row.collection].text;
  return stored;
}

std::int64_t Index::count(const ItemMatcher& matcher) const {
  std::int64_t n = 0;
  find(matcher, 0, [&](std::int64_t) { return ++n > 0; });
  return n;
}

}  // namespace rastream
