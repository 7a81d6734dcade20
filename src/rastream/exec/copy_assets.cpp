// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/copy_assets.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <set>

#include "rastream/base/parallel_work.h"
#include "rastream/base/progress.h"
#include "rastream/catalog/asset_location.h"
#include "rastream/catalog/search/item_matcher.h"
#include "rastream/exec/asset_places.h"
#include "rastream/exec/copy_one_asset.h"
#include "rastream/store/http/url.h"
#include "rastream/store/staging.h"

namespace rastream {
namespace {

using Clock = std::chrono::steady_clock;
using ItemPtr = std::shared_ptr<Item>;

/// Time enough to copy what came from tape.
constexpr std::chrono::hours kKeptOnDisk{24};

template <typename T>
std::set<T> set_of(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

/// The items that are chosen, in the order of the catalog.
class ItemChoice {
 public:
  ItemChoice(const CopyAssetsOptions& options, CopyAssetsReport& report)
      : ids_(set_of(options.items)), missing_(ids_), report_(report) {
    if (options.only) ids_of_only_.emplace();
    for (const AssetName& name : options.only.value_or(std::vector<AssetName>()))
      ids_of_only_->insert(name.item);
    if (options.part.is_all()) return;
    Search search;
    if (const auto& box = options.part.bbox)
      search.bbox = {box->west, box->south, box->east, box->north};
    if (!options.part.time.empty()) search.datetime = parse_time_condition(options.part.time);
    matcher_.emplace(search);
  }

  bool takes(const Item& item) {
    missing_.erase(item.id);
    if (!ids_.empty() && !ids_.contains(item.id)) return false;
    if (ids_of_only_ && !ids_of_only_->contains(item.id)) return false;
    if (!matcher_ || matcher_->matches(item)) return true;
    ++report_.n_outside;
    return false;
  }

  /// Throws unless all ids were seen.
  void check_found(const Catalog& catalog) const {
    if (!missing_.empty())
      throw Error(Errc::not_found, "catalog '{}' has no item '{}'{}", printable_url(catalog.path()),
                  *missing_.begin(),
                  missing_.size() > 1 ? fmt::format(", nor {} others", missing_.size() - 1) : "");
  }

 private:
  std::set<std::string> ids_;
  std::set<std::string> missing_;
  std::optional<std::set<std::string>> ids_of_only_;
  std::optional<ItemMatcher> matcher_;
  CopyAssetsReport& report_;
};

/// Items as the tree has them, so that they can be changed. REQUIRES: all is read.
void add_items_below(Catalog& catalog, ItemChoice& choice, std::vector<ItemPtr>& items) {
  for (Catalog& child : catalog.children()) add_items_below(child, choice, items);
  for (const ItemPtr& item : catalog.own_items()) {
    if (choice.takes(*item)) items.push_back(item);
  }
}

std::vector<ItemPtr> chosen_items(Catalog& catalog, const CopyAssetsOptions& options,
                                  CopyAssetsReport& report) {
  ItemChoice choice(options, report);
  std::vector<ItemPtr> items;
  if (options.updates_catalog) {
    catalog.load();
    add_items_below(catalog, choice, items);
  } else {
    catalog.for_each_item([&](const Item& item, const Collection*) {
      if (choice.takes(item)) items.push_back(std::make_shared<Item>(item));
      return true;
    });
  }
  choice.check_found(catalog);
  return items;
}

/// One file to copy, for one or more assets.
struct Job {
  AssetSource source;
  AssetPlace place;
  std::vector<std::size_t> assets;  ///< in the report, whose file it is
  bool is_lost = false;             ///< it failed before it could be copied
};

class AssetCopier {
 public:
  AssetCopier(Catalog& catalog, const CopyAssetsOptions& options)
      : catalog_(catalog),
        options_(options),
        only_(set_of(options.only.value_or(std::vector<AssetName>()))) {}

  CopyAssetsReport run() {
    const auto begin = Clock::now();
    for (const ItemPtr& item : chosen_items(catalog_, options_, report_)) add(item);
    if (options_.updates_catalog && !options_.new_root.empty())
      catalog_.normalise_hrefs(options_.new_root);
    AssetPlaces places(locations_, catalog_, options_.folder);
    std::map<std::string, std::string, std::less<>> names;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (i == 0 || items_[i] != items_[i - 1]) names = asset_file_names(*items_[i]);
      if (sources_[i]) plan(i, names[report_.assets[i].name.key], places);
    }
    if (options_.stages) stage();
    progress_.emplace("copy", total(), is_in_bytes_ ? "B" : "files", options_.progress);
    run_parallel(
        options_.n_workers, static_cast<std::int64_t>(jobs_.size()),
        [&](std::int64_t k) { copy(jobs_[static_cast<std::size_t>(k)]); }, options_.stop);
    progress_->finish();
    if (options_.updates_catalog) update();
    report_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return std::move(report_);
  }

 private:
  void add(const ItemPtr& item) {
    std::vector<std::string> keys = options_.keys;
    if (keys.empty()) keys = all_keys(*item);
    for (const std::string& key : keys) {
      if (!options_.only || only_.contains({item->id, key})) add(item, key);
    }
  }

  /// With `only`, also those that the item does not have: they fail again.
  std::vector<std::string> all_keys(const Item& item) const {
    std::vector<std::string> keys;
    for (const auto& [key, asset] : item.assets) keys.push_back(key);
    for (const AssetName& name : only_) {
      const bool is_known = std::find(keys.begin(), keys.end(), name.key) != keys.end();
      if (name.item == item.id && !is_known) keys.push_back(name.key);
    }
    return keys;
  }

  void add(const ItemPtr& item, const std::string& key) {
    const std::size_t index = report_.assets.size();
    report_.assets.push_back({{item->id, key}, "", ""});
    items_.push_back(item);
    updates_.emplace_back();
    sources_.emplace_back();
    try {
      sources_[index] = locate(*item, key);
      report_.assets[index].from = printable_url(sources_[index]->at.href);
    } catch (const Error& e) {
      fail(index, e);
    }
  }

  void plan(std::size_t index, const std::string& name, AssetPlaces& places) {
    CopiedAsset& asset = report_.assets[index];
    try {
      Job job{*std::move(sources_[index]), places.place(*items_[index], name), {index}};
      asset.to = printable_url(job.place.href);
      const auto [known, is_new] = by_target_.try_emplace(job.place.href, jobs_.size());
      if (is_new) return jobs_.push_back(std::move(job));
      Job& other = jobs_[known->second];
      if (other.source.at.href != job.source.at.href)
        throw Error(Errc::invalid_argument, "'{}' is already the copy of '{}'", asset.to,
                    printable_url(other.source.at.href));
      other.assets.push_back(index);
    } catch (const Error& e) {
      fail(index, e);
    }
  }

  AssetSource locate(const Item& item, const std::string& key) {
    AssetSource source;
    source.at = locate_asset(item, key);
    source.expected = expected_file(item, key);
    source.is_cuttable = is_cuttable(item.asset(key));
    if (!is_http_url(source.at.href)) source.location = locations_.find(source.at.href);
    is_in_bytes_ = is_in_bytes_ && source.expected.size_bytes && options_.part.is_all();
    return source;
  }

  /// What one store has on tape alone.
  struct OnTape {
    FileSystem* files = nullptr;
    std::vector<std::string> paths;
    std::vector<Job*> jobs;
    std::string request;
  };

  /// A file that cannot be had fails when it is to be copied; where a store cannot be asked, all of
  /// its files do.
  void stage() {
    std::map<std::shared_ptr<Store>, OnTape> on_tape;
    run_parallel(
        options_.n_workers, static_cast<std::int64_t>(jobs_.size()),
        [&](std::int64_t k) { add_on_tape(jobs_[static_cast<std::size_t>(k)], on_tape); },
        options_.stop);
    if (options_.stop.stop_requested()) return;
    for (auto& [store, files] : on_tape) {
      std::sort(files.paths.begin(), files.paths.end());
      or_lose(files, [&] { files.request = files.files->stage(files.paths, kKeptOnDisk); });
    }
    for (const auto& [store, files] : on_tape) {
      if (files.request.empty()) continue;
      or_lose(files, [&] {
        wait_for_stage(*files.files, files.request, false, options_.stop, options_.progress);
      });
    }
  }

  template <typename F>
  void or_lose(const OnTape& files, F&& ask) {
    try {
      ask();
    } catch (const Error& e) {
      for (Job* job : files.jobs) {
        job->is_lost = true;
        for (const std::size_t index : job->assets) fail(index, e);
      }
    }
  }

  void add_on_tape(Job& job, std::map<std::shared_ptr<Store>, OnTape>& on_tape) {
    if (!job.source.location) return;
    const Location& from = *job.source.location;
    std::vector<std::string> paths;
    try {
      if (options_.if_there == IfThere::keep && job.place.to.files->stat(job.place.path)) return;
      walk(*from.files, from.path, [&](const FileInfo& info) {
        if (info.locality == Locality::nearline && !info.is_folder) paths.push_back(info.path);
      });
    } catch (const Error&) {
      return;  // the copy says what is wrong
    }
    if (paths.empty()) return;
    const std::lock_guard lock(mutex_);
    OnTape& all = on_tape[from.store];
    all.files = from.files;
    all.paths.insert(all.paths.end(), paths.begin(), paths.end());
    all.jobs.push_back(&job);
  }

  double total() const {
    if (!is_in_bytes_) return static_cast<double>(jobs_.size());
    double bytes = 0;
    for (const Job& job : jobs_) bytes += static_cast<double>(*job.source.expected.size_bytes);
    return bytes;
  }

  void copy(const Job& job) {
    if (job.is_lost) return;
    std::int64_t n_told = 0;
    std::mutex told;
    AssetCopyOptions o;
    o.if_there = options_.if_there;
    o.part = options_.part;
    o.cut = {options_.memory_bytes, options_.n_workers, options_.stop};
    o.client = options_.client;
    o.stop = options_.stop;
    o.on_bytes = [&](std::int64_t n) {
      {
        const std::lock_guard lock(told);
        n_told += n;
      }
      if (is_in_bytes_) advance(n);
    };
    try {
      const AssetCopyResult result = copy_one_asset(job.source, job.place, o);
      advance(is_in_bytes_ ? result.size_bytes - n_told : 1);
      done(job, result);
    } catch (const Error& e) {
      if (options_.stop.stop_requested()) return;
      if (!is_in_bytes_) advance(1);
      for (const std::size_t index : job.assets) fail(index, e);
    }
  }

  void advance(std::int64_t n) {
    const std::lock_guard lock(mutex_);
    n_done_ += n;
    progress_->update(static_cast<double>(n_done_));
  }

  void done(const Job& job, const AssetCopyResult& result) {
    const std::lock_guard lock(mutex_);
    for (const std::size_t index : job.assets) {
      CopiedAsset& asset = report_.assets[index];
      asset.state = result.was_there ? CopyState::intact : CopyState::copied;
      asset.size_bytes = index == job.assets.front() ? result.size_bytes : 0;
      updates_[index] = Update{job.place.href, result.size_bytes, result.cut_digest};
    }
  }

  void fail(std::size_t index, const Error& e) {
    const std::lock_guard lock(mutex_);
    CopiedAsset& asset = report_.assets[index];
    asset.state = CopyState::failed;
    asset.code = e.code();
    asset.message = e.what();
  }

  /// What a copy changes in its asset.
  struct Update {
    std::string href;
    std::int64_t size_bytes = 0;
    std::optional<Digest> cut_digest;  ///< of a part
  };

  static void apply(const Update& update, const Item& item, Asset& asset) {
    asset.href = asset_href(update.href, item);
    if (!update.cut_digest || asset.text.empty()) return;
    // What was said of the whole file is not true of the part.
    EditedObject object(asset.text.view());
    if (!object.find("file:size").empty())
      object.set("file:size", std::to_string(update.size_bytes));
    if (!object.find("file:checksum").empty())
      object.set("file:checksum", to_json_string(to_multihash(*update.cut_digest)));
    for (const char* name : {"checksum:multihash", "file:header_size", "proj:shape", "proj:bbox",
                             "proj:transform", "proj:geometry", "proj:centroid"})
      object.erase(name);
    asset.text = JsonText(object.text());
  }

  void update() {
    for (std::size_t i = 0; i < updates_.size(); ++i) {
      if (!updates_[i]) continue;
      Item& item = *items_[i];
      for (auto& [key, asset] : item.assets) {
        if (key == report_.assets[i].name.key) apply(*updates_[i], item, asset);
      }
      if (report_.changed.empty() || report_.changed.back() != items_[i])
        report_.changed.push_back(items_[i]);
    }
  }

  Catalog& catalog_;
  const CopyAssetsOptions& options_;
  std::set<AssetName> only_;
  Locations locations_;
  CopyAssetsReport report_;
  std::vector<ItemPtr> items_;                       ///< of report_.assets
  std::vector<std::optional<AssetSource>> sources_;  ///< likewise
  std::vector<std::optional<Update>> updates_;       ///< likewise
  std::vector<Job> jobs_;
  std::map<std::string, std::size_t> by_target_;
  std::optional<Progress> progress_;
  bool is_in_bytes_ = true;
  std::mutex mutex_;
  std::int64_t n_done_ = 0;
};

}  // namespace

CopyAssetsReport copy_assets(Catalog& catalog, const CopyAssetsOptions& options) {
  if (options.n_workers < 1)
    throw Error(Errc::invalid_argument, "{} workers: expected one or more", options.n_workers);
  return AssetCopier(catalog, options).run();
}

}  // namespace rastream
