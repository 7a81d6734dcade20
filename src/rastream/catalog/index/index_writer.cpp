// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/index/index_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <numeric>

#include "rastream/base/error.h"
#include "rastream/catalog/index/hilbert.h"

namespace rastream {
namespace {

/// The first that are met: an item has few properties that are numbers.
constexpr std::size_t kMaxColumns = 24;

BBox around(const BBox& a, const BBox& b) {
  return {std::min(a.west, b.west), std::min(a.south, b.south), std::max(a.east, b.east),
          std::max(a.north, b.north)};
}

/// Counts the item to the collection's.
void widen(IndexCollection& collection, const ItemDigest& item) {
  if (item.box) {
    auto& [west, south, east, north] = collection.box;
    const BBox box = around({west, south, east, north}, *item.box);
    collection.box = {box.west, box.south, box.east, box.north};
  }
  if (item.time) {
    const bool is_first = collection.time == std::array<std::int64_t, 2>{};
    auto& [begin, end] = collection.time;
    begin = is_first ? item.time->begin : std::min(begin, item.time->begin);
    end = is_first ? item.time->end : std::max(end, item.time->end);
  }
  ++collection.n_items;
}

/// Appends to `boxes` the levels above its first `n`.
void add_tree_levels(std::vector<BBox>& boxes, std::size_t n) {
  for (std::size_t begin = 0; n > 1;) {
    const std::size_t end = begin + n;
    for (std::size_t i = begin; i < end; i += kTreeNode) {
      BBox node = boxes[i];
      for (std::size_t k = i + 1; k < std::min(i + kTreeNode, end); ++k)
        node = around(node, boxes[k]);
      boxes.push_back(node);
    }
    begin = end;
    n = (n + kTreeNode - 1) / kTreeNode;
  }
}

}  // namespace

IndexWriter::IndexWriter(std::string path)
    : path_(std::move(path)),
      temporary_(fmt::format("{}.{}.tmp", path_, ::getpid())),
      file_(std::fopen(temporary_.c_str(), "wbe"), &std::fclose) {
  if (!file_) throw error_from_errno(errno, "cannot write the index", temporary_);
  std::setvbuf(file_.get(), nullptr, _IOFBF, std::size_t{1} << 20);
  put(&header_, sizeof header_);
  header_.sections[0].offset = at_;
}

IndexWriter::~IndexWriter() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void IndexWriter::put(const void* bytes, std::size_t n) {
  if (n > 0 && std::fwrite(bytes, 1, n, file_.get()) != n)
    throw error_from_errno(errno, "cannot write the index", temporary_);
  at_ += n;
}

void IndexWriter::pad() {
  static constexpr char kZeros[8] = {};
  put(kZeros, (8 - at_ % 8) % 8);
}

IndexPiece IndexWriter::add_string(const std::string& text) {
  const IndexPiece piece{strings_.size(), text.size()};
  strings_ += text;
  return piece;
}

IndexPiece IndexWriter::add_text(std::string_view text) {
  const IndexPiece piece{at_ - header_.sections[0].offset, text.size()};
  put(text.data(), text.size());
  return piece;
}

std::uint32_t IndexWriter::collection(const std::string& id) {
  if (id.empty()) return kNoIndex;
  const auto [it, is_new] =
      collection_of_.try_emplace(id, static_cast<std::uint32_t>(collections_.size()));
  if (is_new) {
    collections_.emplace_back();
    collections_.back().id = add_string(id);
  }
  return it->second;
}

void IndexWriter::add(const CrawledDocument& document, const JsonText& text,
                      const std::vector<ItemDigest>& items) {
  if (items_.size() + items.size() >= kNoIndex || documents_.size() + 1 >= kNoIndex)
    throw Error(Errc::unsupported, "an index holds fewer than {} items and documents", kNoIndex);
  const auto number = static_cast<std::uint32_t>(documents_.size());
  IndexDocument row;
  row.href = add_string(document.href);
  row.etag = add_string(document.stamp.version);
  row.mtime_ns = document.stamp.mtime_ns;
  row.size = document.stamp.size;
  row.first_item = static_cast<std::uint32_t>(items_.size());
  row.n_items = static_cast<std::uint32_t>(items.size());
  row.collection = collection(document.id);
  if (row.collection != kNoIndex) {
    IndexCollection& own = collections_[row.collection];
    // Of two with one id the first stays; a collection is more than a catalog.
    if (own.document == kNoIndex || (document.is_collection && !own.is_collection)) {
      own.document = number;
      own.is_collection = document.is_collection ? 1 : 0;
      own.text = add_text(text.view());
      own.text_hash = bytes_hash(text.view());
    }
  }
  documents_.push_back(row);
  document_of_.emplace(document.href, number);
  links_.push_back(document.links);
  for (const ItemDigest& item : items) add_item(item, number, document.above);
}

void IndexWriter::add_item(const ItemDigest& item, std::uint32_t document,
                           const std::string& above) {
  const auto number = static_cast<std::uint32_t>(items_.size());
  IndexItem row;
  row.text = add_text(item.text.view());
  row.text_hash = bytes_hash(item.text.view());
  row.document = document;
  row.collection = collection(item.collection);
  row.above = collection(above);
  const std::uint32_t of = row.collection != kNoIndex ? row.collection : row.above;
  if (of != kNoIndex) widen(collections_[of], item);
  row.flags = (item.is_box ? kItemIsBox : 0) | (item.is_box_loose ? kItemBoxIsLoose : 0);
  items_.push_back(row);
  times_.push_back(item.time ? IndexTime{item.time->begin, item.time->end}
                             : IndexTime{kAfterAll, kBeforeAll});
  ids_.push_back({id_hash(item.id), number});
  if (item.box) {
    placed_.push_back(number);
    boxes_.push_back(*item.box);
  }
  add_column_cells(item);
}

IndexWriter::Column* IndexWriter::column(std::string_view name, bool is_number) {
  for (Column& column : columns_)
    if (column.name == name) return &column;
  if (!is_number || columns_.size() == kMaxColumns || name.find('\\') != std::string_view::npos)
    return nullptr;
  columns_.push_back({std::string(name), {}, {}});
  return &columns_.back();
}

void IndexWriter::add_column_cells(const ItemDigest& item) {
  const std::size_t i = items_.size() - 1;
  for (const auto& [name, number] : item.properties) {
    Column* found = column(name, number.has_value());
    if (found == nullptr) continue;
    found->values.resize(i + 1, std::numeric_limits<double>::quiet_NaN());
    found->is_other.resize(i / 64 + 1);
    if (number)
      found->values[i] = *number;
    else
      found->is_other[i / 64] |= std::uint64_t{1} << (i % 64);
  }
}

void IndexWriter::write(IndexSection section, const void* bytes, std::size_t n) {
  pad();
  IndexSectionEntry& entry = header_.sections[static_cast<std::size_t>(section)];
  entry = {at_, n, bytes_hash({static_cast<const char*>(bytes), n})};
  put(bytes, n);
}

template <typename T>
void IndexWriter::write(IndexSection section, const std::vector<T>& rows) {
  write(section, rows.data(), rows.size() * sizeof(T));
}

void IndexWriter::write_links() {
  std::vector<std::uint32_t> all;
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    documents_[i].first_link = static_cast<std::uint32_t>(all.size());
    for (const std::string& href : links_[i]) {
      // One that could not be read has no number, and is tried again by an update.
      const auto it = document_of_.find(href);
      if (it != document_of_.end()) {
        all.push_back(it->second);
      } else {
        documents_[i].size = -1;
        documents_[i].etag = {};
      }
    }
    documents_[i].n_links = static_cast<std::uint32_t>(all.size()) - documents_[i].first_link;
  }
  write(IndexSection::links, all);
}

void IndexWriter::write_times() {
  std::vector<std::uint32_t> order(items_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return times_[a].begin < times_[b].begin;
  });
  std::vector<IndexTime> blocks;
  for (std::size_t i = 0; i < order.size(); i += kTimeBlock) {
    IndexTime block = times_[order[i]];
    for (std::size_t k = i; k < std::min(i + kTimeBlock, order.size()); ++k)
      block.end = std::max(block.end, times_[order[k]].end);
    blocks.push_back(block);
  }
  write(IndexSection::times, times_);
  write(IndexSection::time_order, order);
  write(IndexSection::time_blocks, blocks);
}

void IndexWriter::write_tree() {
  std::vector<std::uint32_t> order(placed_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::vector<std::uint32_t> values;
  for (const BBox& box : boxes_) values.push_back(hilbert_value(box));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  std::vector<BBox> boxes;
  boxes.reserve(tree_box_count(order.size()));
  for (const std::uint32_t i : order) boxes.push_back(boxes_[i]);
  add_tree_levels(boxes, order.size());
  for (std::uint32_t& i : order) i = placed_[i];
  header_.n_tree = order.size();
  write(IndexSection::tree_order, order);
  write(IndexSection::tree_boxes, boxes);
}

void IndexWriter::write_columns() {
  const std::size_t n = items_.size();
  std::vector<IndexColumn> names;
  std::string cells;
  for (Column& column : columns_) {
    names.push_back({add_string(column.name)});
    column.values.resize(n, std::numeric_limits<double>::quiet_NaN());
    column.is_other.resize((n + 63) / 64);
    cells.append(reinterpret_cast<const char*>(column.values.data()), n * sizeof(double));
    cells.append(reinterpret_cast<const char*>(column.is_other.data()), column.is_other.size() * 8);
    column.values = {};
  }
  write(IndexSection::columns, names);
  write(IndexSection::column_cells, cells.data(), cells.size());
}

void IndexWriter::finish() {
  header_.sections[0].bytes = at_ - header_.sections[0].offset;
  header_.n_items = items_.size();
  write_columns();
  write_links();
  write(IndexSection::strings, strings_.data(), strings_.size());
  write(IndexSection::documents, documents_);
  write(IndexSection::collections, collections_);
  write(IndexSection::items, items_);
  write_times();
  write_tree();
  std::sort(ids_.begin(), ids_.end(), [](const IndexId& a, const IndexId& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.item < b.item;
  });
  write(IndexSection::ids, ids_);
  header_.file_bytes = at_;
  header_.hash = bytes_hash({reinterpret_cast<const char*>(&header_), offsetof(IndexHeader, hash)});
  std::rewind(file_.get());
  const bool is_written = std::fwrite(&header_, sizeof header_, 1, file_.get()) == 1 &&
                          std::fflush(file_.get()) == 0 && ::fsync(fileno(file_.get())) == 0 &&
                          std::rename(temporary_.c_str(), path_.c_str()) == 0;
  if (!is_written) throw error_from_errno(errno, "cannot write the index", path_);
  temporary_.clear();
}

}  // namespace rastream
