// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/stac/search_arguments.h"

#include <algorithm>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/catalog/document.h"
#include "rastream/cli/command.h"

namespace rastream {
namespace {

constexpr int kMany = 100'000;

/// "KEY=VALUE" of an option whose name is `option`.
std::pair<std::string, std::string> key_and_value(const std::string& text, const char* option) {
  const std::size_t equals = text.find('=');
  // The value may be a secret: it is not shown.
  if (equals == std::string::npos || equals == 0)
    throw Error(Errc::invalid_argument, "{}: expected KEY=VALUE", option);
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::string_view help_of(std::string_view parameter) {
  for (const SearchParameter& p : search_parameters())
    if (p.name == parameter) return p.help;
  return "";
}

/// A GeoJSON file's text, or `text` itself.
std::string file_or_text(const std::string& text) {
  std::error_code ec;
  if (text.size() > 4096 || !std::filesystem::is_regular_file(text, ec)) return text;
  return std::string(read_document(text).view());
}

}  // namespace

void TargetArguments::add_to(CLI::App& app) {
  app.add_option("target", target_,
                 "URL of a STAC API or catalog; a catalog, an index or a file of items")
      ->required();
  app.add_option("--headers", headers_, "KEY=VALUE for every request to the server of the API")
      ->type_name("KEY=VALUE")
      ->expected(1, kMany);
  app.add_option("--parameters", parameters_, "KEY=VALUE for the query of every such request")
      ->type_name("KEY=VALUE")
      ->expected(1, kMany);
  app.add_option("--method", method_, "method of item searches (an API that refuses POST gets GET)")
      ->transform(CLI::IsMember({"GET", "POST"}, CLI::ignore_case))
      ->capture_default_str();
  app.add_option("--timeout", timeout_s_,
                 "seconds that one request may take; 0: as long as bytes come")
      ->capture_default_str();
  app.add_option("--add-conforms-to", add_conforms_to_,
                 "take the API to have these classes, such as ITEM_SEARCH or FILTER")
      ->type_name("CLASS")
      ->expected(1, kMany);
  app.add_option("--remove-conforms-to", remove_conforms_to_, "take it not to have these")
      ->type_name("CLASS")
      ->expected(1, kMany);
  app.add_flag("--clear-conforms-to", clears_conforms_to_, "take it to have no class at all");
}

SearchOptions TargetArguments::options() const {
  SearchOptions options;
  for (const std::string& header : headers_) {
    auto [key, value] = key_and_value(header, "--headers");
    options.api.headers.set(std::move(key), std::move(value));
  }
  for (const std::string& parameter : parameters_)
    options.api.parameters.push_back(key_and_value(parameter, "--parameters"));
  options.api.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout_s_ * 1000));
  options.api.stop = options.crawl.stop = interrupt_token();
  options.method = method_ == "GET" ? ApiMethod::get : ApiMethod::post;
  options.conformance = [*this](Conformance& conformance) {
    if (clears_conforms_to_) conformance.clear();
    for (const std::string& name : remove_conforms_to_) conformance.remove(name);
    for (const std::string& name : add_conforms_to_) conformance.add(name);
  };
  return options;
}

void SearchArguments::add_option(CLI::App& app, const std::string& flags,
                                 const std::string& parameter, int n_max) {
  given_.push_back(std::make_unique<Given>(Given{parameter, {}}));
  CLI::Option* option =
      app.add_option(flags, given_.back()->values, std::string(help_of(parameter)));
  option->expected(1, n_max)->type_name("")->allow_extra_args(n_max > 1);
}

void SearchArguments::add_to(CLI::App& app, For what) {
  if (what == For::items) {
    add_option(app, "-c,--collections", "collections", kMany);
    add_option(app, "--intersects", "intersects", 1);
  } else {
    add_option(app, "--q", "q", 1);
  }
  add_option(app, "--ids", "ids", kMany);
  add_option(app, "--bbox", "bbox", 1);
  add_option(app, "--datetime", "datetime", 1);
  add_option(app, "--query", "query", kMany);
  add_option(app, "--filter", "filter", 1);
  add_option(app, "--filter-lang", "filter-lang", 1);
  add_option(app, "--sortby", "sortby", kMany);
  add_option(app, "--fields", "fields", kMany);
  add_option(app, "--limit", "limit", 1);
  const char* flag = what == For::items ? "--max-items" : "--max-collections";
  app.add_option(flag, max_items_, "the most to find in all");
}

Search SearchArguments::search() const {
  Search search;
  for (const auto& given : given_) {
    if (given->values.empty()) continue;
    if (given->parameter == "query") {
      for (const std::string& value : given->values) set_parameter(search, "query", value);
      continue;
    }
    std::string text = fmt::format("{}", fmt::join(given->values, ","));
    if (given->parameter == "intersects") text = file_or_text(text);
    set_parameter(search, given->parameter, text);
  }
  search.max_items = max_items_;
  complete_search(search);
  return search;
}

}  // namespace rastream
