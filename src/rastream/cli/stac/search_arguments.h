// SPDX-License-Identifier: Apache-2.0
// The arguments of a search on a command line, as pystac-client's stac-client has them.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "rastream/catalog/search/search_items.h"

namespace rastream {

/// Where to search, and how to speak to it.
class TargetArguments {
 public:
  void add_to(CLI::App& app);
  const std::string& target() const { return target_; }
  /// Throws invalid_argument.
  SearchOptions options() const;

 private:
  std::string target_;
  std::vector<std::string> headers_;
  std::vector<std::string> parameters_;
  std::vector<std::string> add_conforms_to_;
  std::vector<std::string> remove_conforms_to_;
  bool clears_conforms_to_ = false;
  std::string method_ = "POST";
  double timeout_s_ = 0;
};

/// What to search for.
class SearchArguments {
 public:
  enum class For { items, collections };
  void add_to(CLI::App& app, For what);
  /// Throws invalid_argument.
  Search search() const;

 private:
  struct Given {
    std::string parameter;
    std::vector<std::string> values;
  };
  void add_option(CLI::App& app, const std::string& flags, const std::string& parameter, int n_max);
  std::vector<std::unique_ptr<Given>> given_;  ///< CLI11 holds their addresses
  std::optional<std::int64_t> max_items_;
};

}  // namespace rastream
