// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/layout.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"
#include "rastream/store/store.h"

namespace rastream {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_unsafe(unsigned char c) {
  return c < 0x20 || c == 0x7F ||
         std::string_view("/\\?#%*\"<>|").find(static_cast<char>(c)) != std::string_view::npos;
}

/// A name that some systems give to a device, whatever its suffix.
bool is_device(std::string_view name) {
  const std::string stem = lower(name.substr(0, name.find('.')));
  constexpr std::array kNames = {"con", "prn", "aux", "nul"};
  if (std::find(kNames.begin(), kNames.end(), stem) != kNames.end()) return true;
  return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) &&
         std::isdigit(static_cast<unsigned char>(stem[3]));
}

std::string_view cut(std::string_view id) {
  if (id.size() <= kMaxNameBytes) return id;
  std::size_t n = kMaxNameBytes;
  // Not within a character of UTF-8.
  while (n > 0 && (static_cast<unsigned char>(id[n]) & 0xC0U) == 0x80U) --n;
  return id.substr(0, n);
}

std::string in_place(const std::string& folder, const std::string& name) {
  return is_remote(folder) ? folder + percent_encode(name, "!$&'()*+,;=:@") : folder + name;
}

std::string child_place(const std::string& folder, const std::string& name,
                        const Collection& child) {
  return in_place(folder, name) + "/" + std::string(file_name_of(child));
}

std::string item_place(const std::string& folder, const std::string& name) {
  return in_place(folder, name) + "/" +
         (is_remote(folder) ? percent_encode(name, "!$&'()*+,;=:@") : name) + ".json";
}

/// Where documents were and are.
using Moved = std::unordered_map<std::string, std::string>;

/// `href` of the document that was at `from` as it is written at `to`. A path that a document of
/// the web gives is one of the web; it must not become one of this machine when it moves here.
std::string moved_href(const std::string& href, const std::string& from, const std::string& to,
                       const Moved& moved) {
  try {
    const std::string target = absolute_href(href, from);
    const auto at = moved.find(target);
    if (at != moved.end()) return relative_location(at->second, to);
    const bool is_kept = is_remote(from) ? is_remote(href) : is_absolute_href(href);
    return is_kept ? href : relative_location(target, to);
  } catch (const Error&) {
    return lasting_href(href, from);
  }
}

bool is_of_tree(const Link& link) {
  return is_branch(link) || link.rel == "root" || link.rel == "parent" || link.rel == "self";
}

/// A document with its old and new place.
template <typename T>
void move_document(T& document, std::string to, const Moved& moved) {
  if (!document.href.empty() && document.href != to) {
    for (Link& link : document.links) {
      if (!is_of_tree(link)) link.href = moved_href(link.href, document.href, to, moved);
    }
    for (auto& [key, asset] : document.assets)
      asset.href = moved_href(asset.href, document.href, to, {});
  }
  document.href = std::move(to);
}

/// The places of a tree, parents before children.
class Places {
 public:
  Places(const NodePtr& node, const std::string& root) {
    std::string folder = root;
    if (!folder.ends_with('/')) folder += '/';
    add(node.get(), folder + std::string(file_name_of(node->document)));
    for (std::size_t i = 0; i < catalogs_.size(); ++i) place_branches(i);
  }

  void move() {
    const auto& [top, place] = catalogs_.front();
    // What was part of another tree is one of its own elsewhere.
    if (top->document.href != place && top->parent.expired()) become_root(*top);
    Moved moved;
    for (const auto& [node, to] : catalogs_) moved[node->document.href] = to;
    if (has_other_links()) {
      for (const auto& [item, to] : items_) moved[item->href] = to;
    }
    moved.erase("");
    for (auto& [node, to] : catalogs_) move_document(node->document, std::move(to), moved);
    for (auto& [item, to] : items_) move_document(*item, std::move(to), moved);
  }

 private:
  void add(CatalogNode* node, std::string place) { catalogs_.emplace_back(node, std::move(place)); }

  void place_branches(std::size_t index) {
    CatalogNode& node = *catalogs_[index].first;
    const std::string folder = folder_of(catalogs_[index].second);
    FolderNames names;
    names.claim(std::string(file_name_of(node.document)));
    for (Branch& branch : node.branches) {
      if (branch.node) {
        const std::string name = names.claim(name_of_id(branch.node->document.id));
        add(branch.node.get(), child_place(folder, name, branch.node->document));
      } else if (branch.item) {
        items_.emplace_back(branch.item.get(),
                            item_place(folder, names.claim(name_of_id(branch.item->id))));
      }
    }
  }

  /// Whether any document links beyond the tree in a way that a move could break.
  bool has_other_links() const {
    const auto links_on = [](const std::vector<Link>& links) {
      return std::any_of(links.begin(), links.end(), [](const Link& link) {
        return !is_of_tree(link) && link.rel != "collection" && !is_remote(link.href);
      });
    };
    return std::any_of(catalogs_.begin(), catalogs_.end(),
                       [&](const auto& c) { return links_on(c.first->document.links); }) ||
           std::any_of(items_.begin(), items_.end(),
                       [&](const auto& i) { return links_on(i.first->links); });
  }

  std::vector<std::pair<CatalogNode*, std::string>> catalogs_;
  std::vector<std::pair<Item*, std::string>> items_;
};

/// The first part of where `href` stands below `folder`; empty when it stands elsewhere.
std::string name_below(const std::string& href, const std::string& folder) {
  if (!href.starts_with(folder)) return {};
  const std::string rest = href.substr(folder.size());
  return rest.substr(0, rest.find('/'));
}

FolderNames names_below(const CatalogNode& node, const std::string& folder) {
  FolderNames names;
  names.claim(std::string(file_name_of(node.document)));
  for (const Branch& branch : node.branches) {
    std::string href = branch.node   ? branch.node->document.href
                       : branch.item ? branch.item->href
                                     : "";
    try {
      if (!branch.is_here())
        href = absolute_href(node.document.links[branch.link].href, node.document.href);
    } catch (const Error&) {
      continue;  // what names nothing takes no name
    }
    if (const std::string name = name_below(href, folder); !name.empty()) names.claim(name);
  }
  return names;
}

}  // namespace

std::string name_of_id(std::string_view id) {
  std::string name(cut(id));
  for (char& c : name) {
    if (is_unsafe(static_cast<unsigned char>(c))) c = '_';
  }
  if (name.size() > 1 && name[1] == ':') name[1] = '_';
  if (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.back() = '_';
  if (name.empty() || is_device(name) || name.ends_with(kTemporarySuffix)) name += '_';
  return name;
}

std::string FolderNames::claim(const std::string& name) {
  if (taken_.insert(lower(name)).second) return name;
  for (int n = 2;; ++n) {
    const std::string other = fmt::format("{}-{}", name, n);
    if (taken_.insert(lower(other)).second) return other;
  }
}

std::string_view file_name_of(const Collection& document) {
  return document.is_collection ? "collection.json" : "catalog.json";
}

void normalise_places(const NodePtr& node, const std::string& root) { Places(node, root).move(); }

void place_new_documents(const NodePtr& node) {
  std::vector<CatalogNode*> left = {node.get()};
  while (!left.empty()) {
    CatalogNode& at = *left.back();
    left.pop_back();
    const std::string folder = folder_of(at.document.href);
    std::optional<FolderNames> names;
    const auto claim = [&](const std::string& id) {
      if (!names) names = names_below(at, folder);
      return names->claim(name_of_id(id));
    };
    for (Branch& branch : at.branches) {
      if (branch.item && branch.item->href.empty())
        branch.item->href = item_place(folder, claim(branch.item->id));
      if (!branch.node) continue;
      Collection& child = branch.node->document;
      if (child.href.empty()) child.href = child_place(folder, claim(child.id), child);
      left.push_back(branch.node.get());
    }
  }
}

}  // namespace rastream
