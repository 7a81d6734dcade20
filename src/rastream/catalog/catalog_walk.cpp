// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/catalog_walk.h"

#include <algorithm>
#include <list>
#include <thread>
#include <unordered_map>

#include "rastream/base/error.h"
#include "rastream/base/parallel_work.h"
#include "rastream/store/byte_source.h"

namespace rastream {
namespace {

constexpr std::size_t kFirstBatch = 8;
constexpr std::size_t kLargestBatch = 512;
constexpr int kThreadsOfWeb = 8;

/// Branches of one catalog that the walk has yet to reach. Invariant: one that is loaded has a
/// single branch.
struct Slot {
  std::shared_ptr<WalkFrame> frame;
  std::size_t branch = 0;
  std::size_t end = 0;
  bool is_loaded = false;
  std::exception_ptr failure = {};
  std::string identity = {};
  std::shared_ptr<WalkFrame> catalog = {};  ///< one of these three
  ItemPtr item = {};
  std::vector<ItemPtr> items = {};
};

/// Where a document was first seen.
struct Seen {
  std::weak_ptr<CatalogNode> node;
  std::weak_ptr<Item> item;
};

class Walk {
 public:
  Walk(const CatalogReader& reader, const WalkVisitor& visitor)
      : reader_(reader), visitor_(visitor) {}

  void run(const NodePtr& root) {
    n_threads_ = threads_for(root->document.href);
    auto first = open(root, nullptr, 0);
    // A catalog that links to itself by a file name is known by its file alone.
    if (!root->identity.empty()) seen_[root->identity] = {root, {}};
    if (!enter(first)) return;
    slots_.push_back(rest_of(first));
    while (!slots_.empty()) {
      if (!slots_.front().is_loaded) load_ahead();
      if (slots_.empty()) return;
      Slot slot = std::move(slots_.front());
      slots_.pop_front();
      if (!visit(slot)) return;
    }
  }

 private:
  int threads_for(const std::string& href) const {
    if (reader_.options().n_threads > 0) return reader_.options().n_threads;
    if (is_remote(href)) return kThreadsOfWeb;
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  }

  static std::shared_ptr<WalkFrame> open(NodePtr node, std::shared_ptr<WalkFrame> above,
                                         std::size_t branch) {
    auto frame = std::make_shared<WalkFrame>();
    frame->collection = node->document.is_collection ? &node->document
                        : above                      ? above->collection
                                                     : nullptr;
    frame->depth = above ? above->depth + 1 : 0;
    frame->node = std::move(node);
    frame->above = std::move(above);
    frame->branch = branch;
    return frame;
  }

  static Slot rest_of(const std::shared_ptr<WalkFrame>& frame) {
    return Slot{frame, 0, frame->node->branches.size()};
  }

  bool is_wanted(const WalkFrame& frame, const Branch& branch) const {
    if (branch.is_elsewhere()) return false;
    return visitor_.item || frame.node->document.links[branch.link].rel == "child";
  }

  /// Also where the walk has not come yet, below what it dropped.
  static bool is_dropped(const WalkFrame& frame) {
    const WalkFrame* at = &frame;
    while (at && !at->is_dropped) at = at->above.get();
    return at != nullptr;
  }

  /// Reads the next documents that the walk will come to, those of catalogs among them opened.
  void load_ahead() {
    const std::vector<Slot*> batch = next_batch();
    const std::int64_t n = static_cast<std::int64_t>(batch.size());
    run_parallel(n_threads_, n, [&](std::int64_t i) { load(*batch[static_cast<std::size_t>(i)]); });
    for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
      if (slot->catalog && !slot->is_loaded) slots_.insert(std::next(slot), rest_of(slot->catalog));
      if (slot->catalog || slot->item || slot->failure || !slot->items.empty())
        slot->is_loaded = true;
    }
    batch_size_ = std::min(2 * batch_size_, kLargestBatch);
  }

  /// Takes single branches off the front; empties what no one wants.
  std::vector<Slot*> next_batch() {
    const std::size_t size = n_threads_ == 1 ? 1 : batch_size_;
    std::vector<Slot*> batch;
    for (auto slot = slots_.begin(); slot != slots_.end() && batch.size() < size;) {
      if (slot->is_loaded) {
        ++slot;
      } else if (slot->branch == slot->end || is_dropped(*slot->frame)) {
        slot = slots_.erase(slot);
      } else {
        const std::size_t branch = slot->branch++;
        if (!is_wanted(*slot->frame, slot->frame->node->branches[branch])) continue;
        batch.push_back(&*slots_.insert(slot, Slot{slot->frame, branch, branch + 1}));
      }
    }
    return batch;
  }

  void load(Slot& slot) const {
    const CatalogNode& node = *slot.frame->node;
    const Branch& branch = node.branches[slot.branch];
    if (branch.node) {
      slot.catalog = open(branch.node, slot.frame, slot.branch);
      slot.identity = branch.node->identity;
      return;
    }
    if (branch.item) {
      slot.item = branch.item;
      slot.identity = branch.identity;
      return;
    }
    try {
      ReadDocument read = read_branch(node, slot.branch, reader_, slot.frame->collection);
      slot.identity = std::move(read.identity);
      take(std::move(read.document), slot);
    } catch (...) {
      slot.failure = std::current_exception();
    }
  }

  static void take(Document document, Slot& slot) {
    if (auto* item = std::get_if<Item>(&document)) {
      slot.item = std::make_shared<Item>(std::move(*item));
    } else if (auto* list = std::get_if<ItemCollection>(&document)) {
      for (Item& item : list->items) slot.items.push_back(std::make_shared<Item>(std::move(item)));
      if (slot.items.empty()) slot.items.push_back(nullptr);
    } else {
      NodePtr node = make_node(std::move(std::get<Collection>(document)));
      node->identity = slot.identity;
      slot.catalog = open(std::move(node), slot.frame, slot.branch);
    }
  }

  /// False when a visitor asked to stop.
  bool visit(Slot& slot) {
    if (is_dropped(*slot.frame)) return true;
    if (slot.failure) std::rethrow_exception(slot.failure);
    if (!slot.identity.empty() && !is_new(slot)) return true;
    check_size(slot);
    if (slot.catalog) return enter_kept(slot);
    if (slot.item) return give(slot.item, slot);
    for (const ItemPtr& item : slot.items) {
      if (item && !visitor_.item(item, {slot.frame, slot.branch})) return false;
    }
    return true;
  }

  bool is_new(Slot& slot) {
    const Seen here{slot.catalog ? slot.catalog->node : nullptr, slot.item};
    const auto [at, is_new] = seen_.emplace(std::move(slot.identity), here);
    if (is_new) {
      slot.identity = at->first;
      return true;
    }
    if (slot.catalog) slot.catalog->is_dropped = true;
    Branch& branch = slot.frame->node->branches[slot.branch];
    if (visitor_.keeps && !branch.is_here()) {
      branch.other_node = at->second.node;
      branch.other_item = at->second.item;
    }
    return false;
  }

  void check_size(const Slot& slot) {
    if (slot.frame->depth < kMaxCatalogDepth && ++n_documents_ <= kMaxCatalogDocuments) return;
    throw Error(Errc::data_loss, "{}: the catalog has more than {} documents or {} levels",
                slot.frame->node->document.href, kMaxCatalogDocuments, kMaxCatalogDepth);
  }

  bool enter(const std::shared_ptr<WalkFrame>& frame) {
    return !frame->node->is_catalog || !visitor_.catalog || visitor_.catalog(frame);
  }

  bool enter_kept(const Slot& slot) {
    if (visitor_.keeps) keep_frame(slot.catalog);
    return enter(slot.catalog);
  }

  bool give(const ItemPtr& item, const Slot& slot) {
    if (visitor_.keeps && !slot.frame->node->branches[slot.branch].is_here())
      attach(slot.frame->node, slot.branch, item, slot.identity);
    return !visitor_.item || visitor_.item(item, {slot.frame, slot.branch});
  }

  const CatalogReader& reader_;
  const WalkVisitor& visitor_;
  int n_threads_ = 1;
  std::size_t batch_size_ = kFirstBatch;
  std::list<Slot> slots_;
  std::unordered_map<std::string, Seen> seen_;
  std::size_t n_documents_ = 0;
};

}  // namespace

void walk_catalog(const NodePtr& root, const CatalogReader& reader, const WalkVisitor& visitor) {
  Walk(reader, visitor).run(root);
}

void keep_frame(const std::shared_ptr<WalkFrame>& frame) {
  for (WalkFrame* f = frame.get(); f->above; f = f->above.get()) {
    if (!f->above->node->branches[f->branch].is_here()) attach(f->above->node, f->branch, f->node);
  }
}

ReadDocument read_branch(const CatalogNode& node, std::size_t branch, const CatalogReader& reader,
                         const Collection* above) {
  const std::string& from = node.document.href;
  const Link& link = node.document.links[node.branches[branch].link];
  return reader.read(link_location(link, from), from, above);
}

}  // namespace rastream
