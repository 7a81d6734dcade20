// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>

#include "rastream/base/error.h"
#include "rastream/store/block_cache.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"
#include "rastream/store/public_name.h"

namespace rastream {
namespace {

constexpr std::string_view kFileScheme = "file://";

/// The folder of a value as a store, and the value's key in it.
struct Location {
  std::string store;
  std::string key;
};

/// Throws invalid_argument when the URL ends in '/'.
Location locate(const std::string& url) {
  Url parsed = parse_url(url);
  const auto slash = parsed.path.rfind('/');
  const auto key = percent_decode(std::string_view(parsed.path).substr(slash + 1));
  if (!key || !is_valid_key(*key)) {
    throw Error(Errc::invalid_argument, "'{}' names no file: expected scheme://host/path/name",
                printable_url(url));
  }
  parsed.path.resize(slash + 1);
  return {parsed.to_string(), *key};
}

/// The folders of all remote values that were opened, as one store: its first part of a key is the
/// folder's number. So the blocks of all of them share one budget.
class OpenedFolders : public Store {
 public:
  std::string key_of(const std::string& url) {
    const Location location = locate(url);
    const std::lock_guard lock(mutex_);
    auto& folder = numbers_.try_emplace(location.store, folders_.size()).first->second;
    if (folder == folders_.size()) folders_.push_back(open_store(location.store));
    return fmt::format("{}/{}", folder, location.key);
  }
  std::string url() const override { return "remote files"; }
  std::optional<Bytes> get(std::string_view key, ByteRange range) const override {
    return folder_of(key).get(name_of(key), range);
  }
  std::optional<Bytes> get_version(std::string_view key, ByteRange range,
                                   const std::string& version) const override {
    return folder_of(key).get_version(name_of(key), range, version);
  }
  std::optional<ValueInfo> info(std::string_view key) const override {
    return folder_of(key).info(name_of(key));
  }
  std::optional<std::int64_t> size(std::string_view key) const override {
    return folder_of(key).size(name_of(key));
  }
  void put(std::string_view, std::span<const std::byte>) override { throw read_only(); }
  void erase(std::string_view) override { throw read_only(); }
  std::vector<std::string> list(std::string_view) const override { throw read_only(); }
  std::vector<std::string> children(std::string_view) const override { throw read_only(); }

 private:
  static Error read_only() { return Error(Errc::internal, "opened remote values are only read"); }
  static std::string_view name_of(std::string_view key) { return key.substr(key.find('/') + 1); }
  const Store& folder_of(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    return *folders_.at(std::stoul(std::string(key.substr(0, key.find('/')))));
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::unique_ptr<Store>> folders_;
};

/// What all remote values are read through.
struct Remote {
  std::shared_ptr<OpenedFolders> folders = std::make_shared<OpenedFolders>();
  BlockCacheStore blocks{folders, [] {
                           BlockCacheOptions options;
                           options.max_bytes = kRemoteCacheBytes;
                           options.largest_read = kLargestRemoteRead;
                           return options;
                         }()};
};

Remote& remote() {
  static Remote instance;
  return instance;
}

class RemoteBytes : public ByteSource {
 public:
  explicit RemoteBytes(const std::string& url)
      : printable_(printable_url(url)), key_(remote().folders->key_of(actual_url(url))) {
    const auto info = remote().blocks.info(key_);
    if (!info) throw Error(Errc::not_found, "'{}' does not exist", printable_);
    stamp_.size = static_cast<std::uint64_t>(info->size_bytes);
    stamp_.version = info->version;
  }
  const FileStamp& stamp() const override { return stamp_; }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    const auto begin = static_cast<std::int64_t>(offset);
    const auto bytes = remote().blocks.get_version(
        key_, {begin, begin + static_cast<std::int64_t>(out.size())}, stamp_.version);
    if (!bytes) throw Error(Errc::data_loss, "'{}' was removed while it was open", printable_);
    std::copy(bytes->begin(), bytes->end(), out.begin());
  }

 private:
  std::string printable_;
  std::string key_;
  FileStamp stamp_;
};

}  // namespace

bool is_remote(std::string_view path_or_url) {
  const auto colon = path_or_url.find("://");
  return colon != std::string_view::npos && colon > 0 && !path_or_url.starts_with(kFileScheme) &&
         std::all_of(path_or_url.begin(), path_or_url.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-'; });
}

std::shared_ptr<const ByteSource> open_remote_bytes(const std::string& url) {
  return std::make_shared<const RemoteBytes>(url);
}

std::shared_ptr<const ByteSource> open_bytes(const std::string& path_or_url) {
  return is_remote(path_or_url) ? open_remote_bytes(path_or_url) : open_local_bytes(path_or_url);
}

}  // namespace rastream
