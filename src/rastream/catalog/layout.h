// SPDX-License-Identifier: Apache-2.0
// Where the documents of a catalog stand (STAC 1.1, best-practices.md, "Catalog layout").
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "rastream/catalog/catalog_node.h"

namespace rastream {

/// The name of the file or folder of the document `id`: the id itself where every file system and
/// URL takes it. Else each byte of "/\\?#%:*\"<>|" (':' only at the second place, as of a drive)
/// and of control characters is "_", as are blanks and dots at the end, and ids that are empty,
/// ".", "..", a device's ("CON", "nul.txt") or end like our temporaries; more than 200 bytes are
/// cut.
std::string name_of_id(std::string_view id);

/// The names in one folder.
class FolderNames {
 public:
  /// `name` or, when it is taken but for the case of letters, with "-2", "-3", ... behind it.
  std::string claim(const std::string& name);

 private:
  std::set<std::string, std::less<>> taken_;  ///< in lower case
};

/// "catalog.json" or "collection.json".
std::string_view file_name_of(const Collection& document);

/// Gives all documents below `node` their places; REQUIRES: all are read. See
/// Catalog::normalise_hrefs.
void normalise_places(const NodePtr& node, const std::string& root);

/// Gives a place to the documents below `node` that have none, beside their parent. REQUIRES:
/// `node` has one.
void place_new_documents(const NodePtr& node);

}  // namespace rastream
