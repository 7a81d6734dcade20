// SPDX-License-Identifier: Apache-2.0
// Collects what an index holds, and writes it.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "rastream/catalog/index/crawl.h"
#include "rastream/catalog/index/index_layout.h"
#include "rastream/catalog/index/item_digest.h"

namespace rastream {

/// Texts go to the file as they come; all else, some 100 bytes an item, is kept until finish().
class IndexWriter {
 public:
  /// Makes a temporary file beside `path`. Throws as writing does.
  explicit IndexWriter(std::string path);
  ~IndexWriter();
  IndexWriter(const IndexWriter&) = delete;
  IndexWriter& operator=(const IndexWriter&) = delete;

  /// In the order of the crawl. `text` is that of a catalog or collection, `items` are those of the
  /// document.
  void add(const CrawledDocument& document, const JsonText& text,
           const std::vector<ItemDigest>& items);
  /// Writes the rest and gives the file its name.
  void finish();

  std::int64_t n_items() const { return static_cast<std::int64_t>(items_.size()); }

 private:
  struct Column {
    std::string name;
    std::vector<double> values;
    std::vector<std::uint64_t> is_other;
  };
  IndexPiece add_string(const std::string& text);
  IndexPiece add_text(std::string_view text);
  std::uint32_t collection(const std::string& id);
  void add_item(const ItemDigest& item, std::uint32_t document, const std::string& above);
  void add_column_cells(const ItemDigest& item);
  Column* column(std::string_view name, bool is_number);
  void write(IndexSection section, const void* bytes, std::size_t n);
  template <typename T>
  void write(IndexSection section, const std::vector<T>& rows);
  void write_links();
  void write_times();
  void write_tree();
  void write_columns();
  void put(const void* bytes, std::size_t n);
  void pad();

  std::string path_;
  std::string temporary_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::uint64_t at_ = 0;
  IndexHeader header_;
  std::string strings_;
  std::vector<IndexDocument> documents_;
  std::unordered_map<std::string, std::uint32_t> document_of_;
  std::vector<std::vector<std::string>> links_;  ///< of each document
  std::vector<IndexCollection> collections_;
  std::unordered_map<std::string, std::uint32_t> collection_of_;
  std::vector<IndexItem> items_;
  std::vector<IndexTime> times_;
  std::vector<IndexId> ids_;
  std::vector<std::uint32_t> placed_;  ///< items that have a box
  std::vector<BBox> boxes_;            ///< of placed_
  std::vector<Column> columns_;
};

}  // namespace rastream
