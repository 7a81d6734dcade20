// SPDX-License-Identifier: Apache-2.0
// The bytes of an index file (docs/stac-search.md). All numbers are little endian, all sections
// begin at multiples of 8.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace rastream {

static_assert(std::endian::native == std::endian::little, "an index is mapped as it is");

inline constexpr std::array<char, 8> kIndexMagic = {'R', 'A', 'S', 'T', 'R', 'I', 'D', 'X'};
inline constexpr std::uint32_t kIndexVersion = 2;
inline constexpr std::uint32_t kNoIndex = 0xFFFFFFFF;  ///< of a collection or document: none

enum class IndexSection : std::uint32_t {
  texts,         ///< of items, one behind the other; each has a hash of its own
  strings,       ///< hrefs, ETags, ids and names
  documents,     ///< IndexDocument
  links,         ///< u32: which document a link leads to
  collections,   ///< IndexCollection
  items,         ///< IndexItem
  times,         ///< IndexTime of each item
  time_order,    ///< u32: items by when they begin
  time_blocks,   ///< IndexTime of each kTimeBlock items of time_order: first begin, last end
  tree_order,    ///< u32: items by the Hilbert value of their boxes' centres
  tree_boxes,    ///< BBox of tree_order, then of each level of kTreeNode of the level below
  ids,           ///< IndexId, sorted
  columns,       ///< IndexColumn
  column_cells,  ///< float64 of each item for each column, then a bit each: it is no number
};
inline constexpr std::size_t kIndexSections = 14;

struct IndexSectionEntry {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;  ///< XXH3-64; of `texts` 0
};

struct IndexHeader {
  std::array<char, 8> magic = kIndexMagic;
  std::uint32_t version = kIndexVersion;
  std::uint32_t n_sections = kIndexSections;
  std::uint64_t file_bytes = 0;
  std::uint64_t n_items = 0;
  std::uint64_t n_tree = 0;  ///< items that have a box
  std::array<IndexSectionEntry, kIndexSections> sections = {};
  std::uint64_t hash = 0;  ///< XXH3-64 of all before it
};
static_assert(sizeof(IndexHeader) == 48 + 24 * kIndexSections);

/// A piece of `strings` or `texts`.
struct IndexPiece {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

struct IndexDocument {
  IndexPiece href;
  IndexPiece etag;
  std::int64_t mtime_ns = 0;
  std::int64_t size = 0;
  std::uint32_t collection = kNoIndex;  ///< that it is; of items none
  std::uint32_t first_link = 0;
  std::uint32_t n_links = 0;
  std::uint32_t first_item = 0;
  std::uint32_t n_items = 0;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(IndexDocument) == 72);

/// A collection or catalog.
struct IndexCollection {
  IndexPiece id;
  IndexPiece text;  ///< of `texts`; empty for an id that only items name
  std::uint32_t document = kNoIndex;
  std::uint32_t is_collection = 0;
  std::uint64_t text_hash = 0;
  std::uint64_t n_items = 0;  ///< that name it or, naming none, lie nearest below it
  std::array<double, 4> box = {180, 90, -180, -90};  ///< around them
  std::array<std::int64_t, 2> time = {};             ///< first and last of them; 0, 0: none has one
};
static_assert(sizeof(IndexCollection) == 104);

struct IndexItem {
  IndexPiece text;
  std::uint64_t text_hash = 0;
  std::uint32_t document = 0;
  std::uint32_t collection = kNoIndex;  ///< that it names
  std::uint32_t above = kNoIndex;       ///< nearest above it
  std::uint32_t flags = 0;
};
static_assert(sizeof(IndexItem) == 40);
inline constexpr std::uint32_t kItemIsBox = 1;       ///< its geometry is its box
inline constexpr std::uint32_t kItemBoxIsLoose = 2;  ///< the box in the tree is larger than its own

/// Ticks. An item without a time begins after it ends.
struct IndexTime {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct IndexId {
  std::uint64_t hash = 0;
  std::uint64_t item = 0;
};

struct IndexColumn {
  IndexPiece name;
};

inline constexpr std::size_t kTimeBlock = 64;
inline constexpr std::size_t kTreeNode = 16;

/// Boxes of the tree over `n` items: of the items, and of all levels above.
constexpr std::uint64_t tree_box_count(std::uint64_t n) {
  std::uint64_t total = n;
  while (n > 1) {
    n = (n + kTreeNode - 1) / kTreeNode;
    total += n;
  }
  return total;
}

/// Of one column.
constexpr std::uint64_t column_bytes(std::uint64_t n_items) {
  return n_items * 8 + (n_items + 63) / 64 * 8;
}

}  // namespace rastream
