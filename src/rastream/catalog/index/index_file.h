// SPDX-License-Identifier: Apache-2.0
// The mapped bytes of an index, of which nothing is believed before it is checked.
#pragma once

#include <atomic>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rastream/catalog/index/index.h"
#include "rastream/catalog/index/index_layout.h"

namespace rastream {

/// Immutable after it was opened; safe to use from many threads.
class Index::File {
 public:
  File(const std::string& path, bool is_checked);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const IndexHeader& header() const { return header_; }
  std::size_t n_items() const { return header_.n_items; }

  /// The rows of a section, whose checksum is compared at the first call. Throws data_loss.
  template <typename Row>
  std::span<const Row> rows(IndexSection section) const {
    const std::string_view bytes = checked(section);
    return {reinterpret_cast<const Row*>(bytes.data()), bytes.size() / sizeof(Row)};
  }
  std::string_view string(IndexPiece piece) const;
  /// A copy. Throws data_loss when the hash differs.
  JsonText text(IndexPiece piece, std::uint64_t hash) const;
  template <typename Row>
  const Row& row(std::span<const Row> rows, std::uint64_t i) const {
    if (i >= rows.size()) throw damaged("a number points outside its table");
    return rows[i];
  }
  const std::vector<IndexedCollection>& collections() const { return collections_; }
  /// kNoIndex when there is none.
  std::uint32_t find_document(const std::string& href) const;
  Error damaged(std::string_view why) const;

 private:
  std::string_view checked(IndexSection section) const;
  std::string_view slice(std::string_view section, IndexPiece piece) const;
  void map(const std::string& path);
  void check_header();
  void check_sizes() const;
  void read_collections();

  std::string path_;
  bool is_checked_;
  std::string_view bytes_;
  IndexHeader header_;
  std::vector<IndexedCollection> collections_;
  mutable std::array<std::atomic<bool>, kIndexSections> is_section_checked_ = {};
  mutable std::once_flag documents_once_;
  mutable std::unordered_map<std::string_view, std::uint32_t> document_of_;
};

}  // namespace rastream
