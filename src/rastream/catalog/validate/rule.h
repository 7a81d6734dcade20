// SPDX-License-Identifier: Apache-2.0
// One row a rule: which field of which documents must be what, and where the specification says so.
#pragma once

#include <span>
#include <string_view>

#include "rastream/catalog/validate/check.h"

namespace rastream {

enum DocumentKind : unsigned { kOfCatalog = 1, kOfCollection = 2, kOfItem = 4, kOfAll = 7 };

struct FieldRule {
  /// Members from the document down; "[]" is every element of a list, "{}" every member of an
  /// object: "assets{}.roles[]". What is not there breaks no rule but `is_required`.
  std::string_view path;
  Check check;
  std::string_view expected;
  std::string_view section;
  unsigned kinds = kOfAll;
  bool is_required = false;
  /// The extension that must be listed; empty: core.
  std::string_view extension = {};
  /// Not for documents before this version.
  std::string_view since = {};
};

/// Items, catalogs, collections, links and assets.
std::span<const FieldRule> core_rules();
/// Common metadata (commons/common-metadata.md), whose paths count from wherever they may stand.
std::span<const FieldRule> common_rules();
/// Extensions; those of fields that stand in properties and in assets count from either.
std::span<const FieldRule> extension_rules();

}  // namespace rastream
