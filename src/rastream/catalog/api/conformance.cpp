// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/api/conformance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::string_view kBegin = "https://api.stacspec.org/v1.0.";

struct Class {
  std::string_view name;
  std::string_view path;
};

constexpr std::array<Class, 11> kClasses = {{
    {"CORE", "/core"},
    {"COLLECTIONS", "/collections"},
    {"FEATURES", "/ogcapi-features"},
    {"ITEM_SEARCH", "/item-search"},
    {"CONTEXT", "/item-search#context"},
    {"FIELDS", "/item-search#fields"},
    {"SORT", "/item-search#sort"},
    {"QUERY", "/item-search#query"},
    {"FILTER", "/item-search#filter"},
    {"COLLECTION_SEARCH", "/collection-search"},
    {"COLLECTION_SEARCH_FREE_TEXT", "/collection-search#free-text"},
}};

const Class& class_of(std::string_view name) {
  std::string upper(name);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~32);
  const auto* found =
      std::find_if(kClasses.begin(), kClasses.end(), [&](const Class& c) { return c.name == upper; });
  if (found == kClasses.end()) {
    throw Error(Errc::invalid_argument, "no conformance class is called '{}': there are {}",
                name.substr(0, 60), fmt::join(Conformance::names(), ", "));
  }
  return *found;
}

/// "https://api.stacspec.org/v1.0.0-rc.2/item-search#sort" is of "/item-search#sort", and of
/// "/item-search", as a class of an extension implies its own.
bool is_of(std::string_view uri, const Class& wanted) {
  if (!uri.starts_with(kBegin)) return false;
  const std::size_t slash = uri.find('/', kBegin.size());
  return slash != std::string_view::npos && uri.substr(slash).starts_with(wanted.path);
}

}  // namespace

bool Conformance::has(std::string_view name) const {
  const Class& wanted = class_of(name);
  return std::any_of(uris_.begin(), uris_.end(),
                     [&](const std::string& uri) { return is_of(uri, wanted); });
}

void Conformance::add(std::string_view name) {
  if (!has(name)) uris_.push_back(std::string(kBegin) + "0" + std::string(class_of(name).path));
}

void Conformance::remove(std::string_view name) {
  const Class& unwanted = class_of(name);
  std::erase_if(uris_, [&](const std::string& uri) { return is_of(uri, unwanted); });
}

std::vector<std::string_view> Conformance::names() {
  std::vector<std::string_view> names;
  for (const Class& c : kClasses) names.push_back(c.name);
  return names;
}

}  // namespace rastream
