// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/public_name.h"

#include <xxhash.h>

#include <map>
#include <mutex>
#include <optional>

#include "rastream/base/error.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

constexpr std::string_view kKept = "kept=";

/// Queries by their hashes.
class KeptQueries {
 public:
  std::string keep(const std::string& query) {
    const auto hash = fmt::format("{:016x}", XXH3_64bits(query.data(), query.size()));
    const std::lock_guard lock(mutex_);
    queries_.try_emplace(hash, query);
    return hash;
  }
  std::optional<std::string> find(const std::string& hash) const {
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(hash);
    return found == queries_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> queries_;
};

KeptQueries& kept_queries() {
  static KeptQueries queries;
  return queries;
}

}  // namespace

std::string public_name(const std::string& path_or_url) {
  if (!is_remote(path_or_url) || path_or_url.find('?') == std::string::npos) return path_or_url;
  Url url = parse_url(path_or_url);
  if (!url.query || url.query->starts_with(kKept)) return path_or_url;
  url.query = fmt::format("{}{}", kKept, kept_queries().keep(*url.query));
  return url.to_string();
}

std::string actual_url(const std::string& name) {
  if (!is_remote(name) || name.find('?') == std::string::npos) return name;
  Url url = parse_url(name);
  if (!url.query || !url.query->starts_with(kKept)) return name;
  url.query = kept_queries().find(url.query->substr(kKept.size()));
  if (url.query) return url.to_string();
  throw Error(Errc::permission_denied,
              "'{}': its query was given to another process and is not passed on",
              url.without_query_and_secrets());
}

}  // namespace rastream
