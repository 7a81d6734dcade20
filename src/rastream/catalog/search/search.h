// SPDX-License-Identifier: Apache-2.0
// What to look for: the parameters of STAC API item search 1.0.0 and its extensions query, filter,
// sort and fields, as one value whoever answers: a server, an index, a catalog or a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rastream/base/json.h"
#include "rastream/catalog/search/expression.h"
#include "rastream/catalog/search/geometry.h"
#include "rastream/catalog/search/time_span.h"

namespace rastream {

struct SortKey {
  std::string field;
  bool is_descending = false;
  friend bool operator==(const SortKey&, const SortKey&) = default;
};

/// Which members an answer has; none named: all.
struct FieldChoice {
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  friend bool operator==(const FieldChoice&, const FieldChoice&) = default;
};

/// A filter as it was given, which is how a server of the same language gets it.
struct ItemFilter {
  Json given;            ///< text, or CQL2 JSON
  std::string language;  ///< "cql2-text", "cql2-json", or another that only a server knows
  std::optional<Expression> expression;  ///< nothing for a language of others
};

struct Search {
  std::vector<std::string> ids;
  std::vector<std::string> collections;
  std::vector<double> bbox;  ///< west, south, [lowest], east, north, [highest]; empty: everywhere
  std::optional<Geometry> intersects;
  std::optional<TimeCondition> datetime;
  Json query;  ///< {property: {operator: value}}; null: none
  std::optional<ItemFilter> filter;
  std::vector<SortKey> sortby;
  std::optional<FieldChoice> fields;
  std::string q;                          ///< of collections: words to find
  std::optional<std::int64_t> limit;      ///< items a page
  std::optional<std::int64_t> max_items;  ///< items in all; not a parameter of the API
};

inline constexpr std::int64_t kMaxLimit = 10'000;

/// A parameter of the API, by its name there: "ids", "collections", "bbox", "intersects",
/// "datetime", "query", "filter", "sortby", "fields", "limit", "q"; and "filter-lang",
/// "filter-crs".
struct SearchParameter {
  std::string_view name;
  std::string_view help;
  /// From a query string or a command line. Throws invalid_argument.
  void (*from_text)(Search&, std::string_view text);
  /// From a member of a body. Throws invalid_argument.
  void (*from_json)(Search&, const Json& json);
  /// Nothing when the search does not have it. `is_get` asks for CQL2 text instead of JSON.
  Json (*to_json)(const Search&, bool is_get);
};

/// All of them, in the order in which they are sent.
const std::vector<SearchParameter>& search_parameters();
/// nullptr where there is none of that name; "filter_lang" is "filter-lang".
const SearchParameter* find_search_parameter(std::string_view name);

/// Sets one parameter; what is set already is replaced, but "query" is added to. `max_items` is
/// none of them. complete_search() must follow the last of them. Throws invalid_argument, naming
/// the parameter, for an unknown one too.
void set_parameter(Search& search, std::string_view name, std::string_view text);

/// From a body; members that are no parameters, such as "token", are not looked at.
Search search_from_json(const Json& body);

/// Reads the filter in its language, and refuses parameters that exclude each other:
/// invalid_argument.
void complete_search(Search& search);

/// The body of a POST to /search.
Json search_body(const Search& search);
/// The parameters of a GET of /search, not yet percent-encoded.
std::vector<std::pair<std::string, std::string>> search_query(const Search& search);

/// "eo:cloud_cover<10" or a JSON object, added to `query`. Operators: >=, <=, =, <>, >, <. A value
/// that is a number is sent as one. Throws invalid_argument.
void add_query(Json& query, std::string_view text);
/// What the query extension's `query` means. Throws invalid_argument; unsupported for an operator
/// other than eq, neq, lt, lte, gt, gte, startsWith, endsWith, contains and in.
Expression expression_of_query(const Json& query);

/// The box of `bbox`, without heights. REQUIRES: it is not empty.
BBox flat_box(const std::vector<double>& bbox);

}  // namespace rastream
