// SPDX-License-Identifier: Apache-2.0
// A tree of small files into a store that is not on this machine.
#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "rastream/base/error.h"
#include "rastream/base/parallel_work.h"
#include "rastream/catalog/tree_writer.h"

namespace rastream {
namespace {

constexpr int kThreadsOfStores = 8;

std::string key_of(const TreeFile& file) {
  return file.folder.empty() ? file.name : file.folder + "/" + file.name;
}

/// Files by their depth, the deepest first.
using Levels = std::map<std::ptrdiff_t, std::vector<std::size_t>, std::greater<>>;

Levels levels_of(const std::vector<TreeFile>& files) {
  Levels levels;
  std::set<std::string> keys;
  for (std::size_t k = 0; k < files.size(); ++k) {
    const std::string key = key_of(files[k]);
    if (!keys.insert(key).second)
      throw Error(Errc::invalid_argument, "two documents have the place '{}'", key);
    levels[std::count(key.begin(), key.end(), '/')].push_back(k);
  }
  return levels;
}

bool holds(const Store& store, const std::string& key, std::span<const std::byte> text) {
  const auto old = store.get(key);
  return old && std::equal(old->begin(), old->end(), text.begin(), text.end());
}

}  // namespace

SaveReport write_tree(Store& store, const std::vector<TreeFile>& files,
                      const std::function<std::string(std::size_t)>& text, int n_threads) {
  if (n_threads <= 0) n_threads = kThreadsOfStores;
  std::atomic<std::int64_t> n_written = 0;
  std::atomic<std::int64_t> n_unchanged = 0;
  for (const auto& level : levels_of(files)) {
    const std::vector<std::size_t>& same_depth = level.second;
    run_parallel(n_threads, static_cast<std::int64_t>(same_depth.size()), [&](std::int64_t i) {
      const std::size_t k = same_depth[static_cast<std::size_t>(i)];
      const std::string key = key_of(files[k]);
      const std::string document = text(k);
      const auto bytes = std::as_bytes(std::span(document));
      if (holds(store, key, bytes)) {
        ++n_unchanged;
        return;
      }
      store.put(key, bytes);
      ++n_written;
    });
  }
  return {n_written, n_unchanged};
}

}  // namespace rastream
