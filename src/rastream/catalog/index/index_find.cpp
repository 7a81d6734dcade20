// SPDX-License-Identifier: Apache-2.0
// Search in an index: each condition that has a table of its own makes a set of items, and what is
// in all sets is looked at more closely, from the tables where they know the answer, else from the
// item's text.
#include <algorithm>
#include <bit>
#include <cmath>

#include "rastream/catalog/index/column_bounds.h"
#include "rastream/catalog/index/index_file.h"
#include "rastream/catalog/index/item_digest.h"

namespace rastream {
namespace {

/// A set of items, a bit each.
class ItemSet {
 public:
  ItemSet(std::size_t n, bool is_full) : words_((n + 63) / 64, is_full ? ~std::uint64_t{0} : 0) {
    if (is_full && n % 64 != 0) words_.back() >>= 64 - n % 64;
  }
  void add(std::uint64_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  bool has(std::uint64_t i) const { return words_[i / 64] >> (i % 64) & 1; }
  void keep(const ItemSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }
  /// Calls f(i) ascending from `from`, until it returns false.
  template <typename F>
  void for_each(std::uint64_t from, F&& f) const {
    for (std::size_t w = from / 64; w < words_.size(); ++w) {
      std::uint64_t word = words_[w];
      if (w == from / 64) word &= ~std::uint64_t{0} << (from % 64);
      for (; word != 0; word &= word - 1)
        if (!f(w * 64 + static_cast<std::size_t>(std::countr_zero(word)))) return;
    }
  }

 private:
  std::vector<std::uint64_t> words_;
};

/// A bound and the column that knows it.
struct BoundColumn {
  NumberBound bound;
  const double* values = nullptr;
  const std::uint64_t* is_other = nullptr;
};

}  // namespace

class Index::Finder {
 public:
  Finder(const Index& index, const ItemMatcher& matcher)
      : index_(index),
        file_(*index.file_),
        matcher_(matcher),
        items_(file_.rows<IndexItem>(IndexSection::items)),
        set_(file_.n_items(), true),
        sure_(0, false) {
    keep_ids();
    keep_places();
    keep_times();
    find_collections();
    find_columns();
  }

  void run(std::int64_t from, const std::function<bool(std::int64_t)>& visit) const {
    set_.for_each(static_cast<std::uint64_t>(from), [&](std::uint64_t i) {
      return !matches(i) || visit(static_cast<std::int64_t>(i));
    });
  }

 private:
  void keep_ids() {
    const auto& wanted = matcher_.search().ids;
    if (wanted.empty()) return;
    ItemSet found(file_.n_items(), false);
    const auto ids = file_.rows<IndexId>(IndexSection::ids);
    for (const std::string& id : wanted) {
      const std::uint64_t hash = id_hash(id);
      auto at = std::lower_bound(ids.begin(), ids.end(), hash,
                                 [](const IndexId& a, std::uint64_t h) { return a.hash < h; });
      for (; at != ids.end() && at->hash == hash; ++at) found.add(checked(at->item));
    }
    set_.keep(found);
  }

  void keep_places() {
    if (matcher_.places().empty()) return;
    ItemSet found(file_.n_items(), false);
    sure_ = ItemSet(file_.n_items(), false);
    const auto boxes = file_.rows<BBox>(IndexSection::tree_boxes);
    std::vector<std::size_t> begins;  // of each level in `boxes`, the items' first
    std::vector<std::size_t> sizes;
    std::size_t begin = 0;
    for (std::size_t n = file_.header().n_tree; n > 0;
         n = n == 1 ? 0 : (n + kTreeNode - 1) / kTreeNode) {
      begins.push_back(begin);
      sizes.push_back(n);
      begin += n;
    }
    if (!begins.empty())
      for (const BBox& place : matcher_.places())
        descend(boxes, begins, sizes, begins.size() - 1, 0, place, found);
    set_.keep(found);
  }

  void descend(std::span<const BBox> boxes, const std::vector<std::size_t>& begins,
               const std::vector<std::size_t>& sizes, std::size_t level, std::size_t node,
               const BBox& place, ItemSet& found) {
    const BBox& box = boxes[begins[level] + node];
    if (!overlap(box, place)) return;
    if (level == 0) return take_leaf(node, box, place, found);
    const std::size_t end = std::min((node + 1) * kTreeNode, sizes[level - 1]);
    for (std::size_t child = node * kTreeNode; child < end; ++child)
      descend(boxes, begins, sizes, level - 1, child, place, found);
  }

  void take_leaf(std::size_t position, const BBox& box, const BBox& place, ItemSet& found) {
    const auto order = file_.rows<std::uint32_t>(IndexSection::tree_order);
    const std::uint64_t i = checked(order[position]);
    found.add(i);
    const std::uint32_t flags = items_[i].flags;
    const bool is_exact = matcher_.is_box() && !matcher_.has_heights() &&
                          (flags & kItemBoxIsLoose) == 0;
    if (is_exact && ((flags & kItemIsBox) != 0 || is_within(box, place))) sure_.add(i);
  }

  void keep_times() {
    const auto& condition = matcher_.search().datetime;
    if (!condition) return;
    const TimeSpan& span = condition->span;
    ItemSet found(file_.n_items(), false);
    const auto times = file_.rows<IndexTime>(IndexSection::times);
    const auto order = file_.rows<std::uint32_t>(IndexSection::time_order);
    const auto blocks = file_.rows<IndexTime>(IndexSection::time_blocks);
    for (std::size_t b = 0; b < blocks.size() && blocks[b].begin <= span.end; ++b) {
      if (blocks[b].end < span.begin) continue;
      for (std::size_t k = b * kTimeBlock; k < std::min((b + 1) * kTimeBlock, order.size()); ++k) {
        const std::uint64_t i = checked(order[k]);
        if (times[i].begin <= span.end && times[i].end >= span.begin) found.add(i);
      }
    }
    set_.keep(found);
  }

  void find_collections() {
    for (const IndexedCollection& collection : index_.collections())
      is_wanted_.push_back(matcher_.has_collection(collection.id));
  }

  void find_columns() {
    if (!matcher_.filter()) return;
    const FilterBounds bounds = bounds_of(*matcher_.filter());
    bool is_all = bounds.is_all;
    const auto columns = file_.rows<IndexColumn>(IndexSection::columns);
    const auto cells = file_.rows<char>(IndexSection::column_cells);
    for (const NumberBound& bound : bounds.bounds) {
      const auto found = std::find_if(columns.begin(), columns.end(), [&](const IndexColumn& c) {
        return file_.string(c.name) == bound.property;
      });
      if (found == columns.end()) {
        is_all = false;
        continue;
      }
      const auto at = static_cast<std::size_t>(found - columns.begin()) *
                      column_bytes(file_.n_items());
      const auto* values = reinterpret_cast<const double*>(cells.data() + at);
      columns_.push_back({bound, values,
                          reinterpret_cast<const std::uint64_t*>(values + file_.n_items())});
    }
    is_filter_sure_ = is_all;
  }

  bool matches(std::uint64_t i) const {
    const IndexItem& row = items_[i];
    if (!has_collection(row)) return false;
    bool needs_filter = matcher_.filter() && !is_filter_sure_;
    for (const BoundColumn& column : columns_) {
      const bool is_other = column.is_other[i / 64] >> (i % 64) & 1;
      // A property that is missing makes the comparison unknown.
      if (!is_other && !column.bound.has(column.values[i])) return false;
      needs_filter = needs_filter || is_other;
    }
    const bool needs_place = !matcher_.places().empty() && !sure_.has(i);
    const bool needs_id = !matcher_.search().ids.empty();
    return !(needs_filter || needs_place || needs_id) ||
           matches_text(i, needs_filter, needs_place);
  }

  bool matches_text(std::uint64_t i, bool needs_filter, bool needs_place) const {
    const IndexedItem stored = index_.item(static_cast<std::int64_t>(i));
    const Item item = parse_item(stored.text, stored.href);
    return matcher_.has_id(item.id) && (!needs_place || matcher_.has_place(item)) &&
           (!needs_filter || matcher_.has_properties(item));
  }

  bool has_collection(const IndexItem& row) const {
    if (matcher_.search().collections.empty()) return true;
    return (row.collection < is_wanted_.size() && is_wanted_[row.collection]) ||
           (row.above < is_wanted_.size() && is_wanted_[row.above]);
  }

  std::uint64_t checked(std::uint64_t item) const {
    if (item >= file_.n_items()) throw file_.damaged("a number points outside its table");
    return item;
  }

  const Index& index_;
  const File& file_;
  const ItemMatcher& matcher_;
  std::span<const IndexItem> items_;
  ItemSet set_;   ///< items that may match
  ItemSet sure_;  ///< items whose place does match
  std::vector<bool> is_wanted_;  ///< of each collection
  std::vector<BoundColumn> columns_;
  bool is_filter_sure_ = false;  ///< the columns say all of the filter
};

void Index::find(const ItemMatcher& matcher, std::int64_t from,
                 const std::function<bool(std::int64_t)>& visit) const {
  if (from < n_items()) Finder(*this, matcher).run(std::max<std::int64_t>(from, 0), visit);
}

}  // namespace rastream
