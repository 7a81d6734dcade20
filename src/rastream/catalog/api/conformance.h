// SPDX-License-Identifier: Apache-2.0
// What a STAC API says that it can do: conformance classes (STAC API 1.0.0, and its release
// candidates).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rastream {

/// The classes by pystac-client's names: "CORE", "COLLECTIONS", "FEATURES", "ITEM_SEARCH",
/// "CONTEXT", "FIELDS", "SORT", "QUERY", "FILTER", "COLLECTION_SEARCH",
/// "COLLECTION_SEARCH_FREE_TEXT". Plain value.
class Conformance {
 public:
  Conformance() = default;
  explicit Conformance(std::vector<std::string> uris) : uris_(std::move(uris)) {}

  /// All take a class in any case of letters and throw invalid_argument, naming those that there
  /// are, for another.
  bool has(std::string_view name) const;
  /// Nothing changes when it is there already.
  void add(std::string_view name);
  void remove(std::string_view name);
  void clear() { uris_.clear(); }

  const std::vector<std::string>& uris() const { return uris_; }
  static std::vector<std::string_view> names();

 private:
  std::vector<std::string> uris_;
};

}  // namespace rastream
