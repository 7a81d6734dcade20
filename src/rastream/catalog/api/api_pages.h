// SPDX-License-Identifier: Apache-2.0
// The pages of an answer, one after the other, until the server has no next one or goes in circles.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "rastream/catalog/api/api_session.h"

namespace rastream {

/// 64-bit hashes in a flat table: what was seen, at 16 bytes each.
class SeenHashes {
 public:
  /// False when it was there already.
  bool insert(std::uint64_t hash);
  std::size_t size() const { return n_; }

 private:
  void grow();
  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(1024);
  std::size_t n_ = 0;
};

struct ApiPage {
  std::vector<JsonText> members;  ///< items or collections that were on no earlier page
  std::optional<std::int64_t> matched;  ///< numberMatched or context.matched
  JsonText text;                        ///< the whole page
  std::string url;
};

/// One thread. Holds one page at a time, and a hash for each item and page.
///
/// Throws data_loss, naming the cause, for an answer that would never end: a next link that asks
/// for what was asked before (at once, or through other pages), a page that repeats what
/// earlier ones had and nothing else, more than max_empty_pages in a row, more than max_pages.
/// A single item that comes again, as when data are added meanwhile, is left out.
class ApiPages {
 public:
  /// `member` is "features" or "collections". `instead` is asked for when the server does not allow
  /// the method of `first`.
  ApiPages(std::shared_ptr<const ApiSession> session, ApiRequest first, std::string member,
           std::optional<ApiRequest> instead = {});

  /// Nothing behind the last page.
  std::optional<ApiPage> next();

  std::int64_t n_pages() const { return n_pages_; }
  /// Items that were left out because they came before.
  std::int64_t n_repeated() const { return n_repeated_; }

 private:
  ApiPage read(const ApiAnswer& answer);
  void take_members(std::string_view list, ApiPage& page);
  void find_next(std::string_view links, const ApiPage& page);
  void check_progress(std::size_t n_listed, const ApiPage& page);
  Error endless(const ApiPage& page, const std::string& why) const;

  std::shared_ptr<const ApiSession> session_;
  ApiRequest first_;
  std::optional<ApiRequest> instead_;
  std::string member_;
  std::optional<ApiRequest> next_;
  SeenHashes requests_;
  SeenHashes items_;
  std::int64_t n_pages_ = 0;
  std::int64_t n_repeated_ = 0;
  int n_empty_ = 0;
};

}  // namespace rastream
