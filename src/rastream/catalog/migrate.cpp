// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/migrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <vector>

namespace rastream {
namespace {

enum Kind : unsigned { kCatalog = 1, kCollection = 2, kItem = 4, kAll = 7 };

/// An extension whose URL changed: its name (the id before 1.0.0-rc.1), the newest version, those
/// before it, the documents that it is of, and another id that it once had.
struct Extension {
  std::string_view name;
  std::string_view newest;
  std::string_view older;  ///< separated by blanks
  unsigned kinds;
  std::string_view short_id;
  std::string_view other_id = "";
};

constexpr std::array kExtensions = {
    Extension{"classification", "2.0.0", "1.1.0 1.0.0", kItem, ""},
    Extension{"datacube", "2.2.0", "1.0.0 2.0.0 2.1.0", kCollection | kItem, "datacube"},
    Extension{"eo", "1.1.0", "1.0.0", kItem, "eo"},
    Extension{"file", "2.1.0", "1.0.0 2.0.0", kAll, "file"},
    Extension{"grid", "1.1.0", "1.0.0", kItem, ""},
    Extension{"item-assets", "1.0.0", "", kCollection, "item-assets", "asset"},
    Extension{"label", "1.0.1", "1.0.0", kItem, "label"},
    Extension{"mlm", "1.4.0", "1.0.0 1.1.0 1.2.0 1.3.0", kItem | kCollection, ""},
    Extension{"pointcloud", "1.0.0", "", kItem, "pointcloud"},
    Extension{"projection", "2.0.0", "1.0.0 1.1.0 1.2.0", kItem, "projection", "proj"},
    Extension{"raster", "1.1.0", "1.0.0", kItem | kCollection, ""},
    Extension{"sar", "1.0.0", "", kItem, "sar"},
    Extension{"sat", "1.0.0", "", kItem, "sat"},
    Extension{"scientific", "1.0.0", "", kCollection | kItem, "scientific"},
    Extension{"table", "1.2.0", "1.0.0 1.0.1 1.1.0", kCollection | kItem, "table"},
    Extension{"timestamps", "1.1.0", "1.0.0", kItem, "timestamps"},
    Extension{"version", "1.2.0", "1.0.0 1.1.0", kAll, "version"},
    Extension{"view", "1.0.0", "", kItem, "view"},
    Extension{"xarray-assets", "1.0.0", "", kCollection | kItem, "xarray"},
};

constexpr std::array<std::string_view, 6> kRemoved = {
    "collection-assets", "tiled-assets", "single-file-stac", "dtr", "datetime-range", "commons"};
constexpr std::array<std::string_view, 9> kRemovedOfCollections = {
    "eo", "file", "label", "pointcloud", "projection", "sar", "sat", "timestamps", "view"};

std::string url_of(std::string_view name, std::string_view version) {
  return fmt::format("https://stac-extensions.github.io/{}/v{}/schema.json", name, version);
}

/// `a` before `b`, as "1.0.0-beta.2" is before "1.0.0".
bool is_before(std::string_view a, std::string_view b) {
  const auto dash_a = a.find('-'), dash_b = b.find('-');
  const std::string_view core_a = a.substr(0, dash_a), core_b = b.substr(0, dash_b);
  if (core_a != core_b) return core_a < core_b;
  if (dash_a == std::string_view::npos) return false;
  return dash_b == std::string_view::npos || a.substr(dash_a) < b.substr(dash_b);
}

std::string text_of(std::string_view value) {
  return value.starts_with('"') ? from_json_string(value) : std::string();
}

bool is_object(std::string_view value) { return value.starts_with('{'); }
bool is_list(std::string_view value) { return value.starts_with('['); }

std::vector<std::string> texts_of(std::string_view list) {
  std::vector<std::string> out;
  if (!is_list(list)) return out;
  const JsonText padded(list);
  for (const std::string_view element : elements_of(padded.view())) out.push_back(text_of(element));
  return out;
}

/// An object that is taken apart and changed. Its text is its own, so that a changed one can be
/// changed again.
class Draft {
 public:
  explicit Draft(std::string_view object) : text_(object), edited_(text_.view()) {}
  std::string_view get(std::string_view name) const { return edited_.current(name); }
  bool has(std::string_view name) const { return !get(name).empty(); }
  void set(std::string_view name, std::string value) {
    edited_.set(name, std::move(value));
    is_changed_ = true;
  }
  void erase(std::string_view name) {
    if (!has(name)) return;
    edited_.erase(name);
    is_changed_ = true;
  }
  /// Nothing when `to` is there.
  void rename(std::string_view from, std::string_view to) {
    if (!has(from) || has(to)) return;
    set(to, std::string(get(from)));
    erase(from);
  }
  /// The same, and the value becomes a list of one.
  void rename_to_list(std::string_view from, std::string_view to) {
    if (!has(from) || has(to)) return;
    set(to, fmt::format("[{}]", get(from)));
    erase(from);
  }
  bool is_changed() const { return is_changed_; }
  std::string text() const { return edited_.text(); }
  std::vector<JsonMember> members() const { return members_of(text_.view()); }

 private:
  JsonText text_;
  EditedObject edited_;
  bool is_changed_ = false;
};

/// Changes each member that is an object by change(draft), and writes `name` anew if one did.
template <typename Change>
void change_members(Draft& owner, std::string_view name, Change&& change) {
  if (!is_object(owner.get(name))) return;
  Draft all(owner.get(name));
  for (const JsonMember& m : all.members()) {
    if (!is_object(m.value)) continue;
    Draft one(m.value);
    change(one);
    if (one.is_changed()) all.set(from_json_string(fmt::format("\"{}\"", m.name)), one.text());
  }
  if (all.is_changed()) owner.set(name, all.text());
}

/// The list "stac_extensions".
class Extensions {
 public:
  explicit Extensions(const Draft& document) : ids_(texts_of(document.get("stac_extensions"))) {}
  bool has(std::string_view id) const {
    return std::find(ids_.begin(), ids_.end(), id) != ids_.end();
  }
  void add(std::string id) {
    if (!has(id)) ids_.push_back(std::move(id));
  }
  void remove(std::string_view id) {
    const auto at = std::find(ids_.begin(), ids_.end(), id);
    if (at != ids_.end()) ids_.erase(at);
  }
  void replace(std::string_view old, const std::string& id) {
    const auto at = std::find(ids_.begin(), ids_.end(), old);
    if (at != ids_.end()) *at = id;
  }
  void write(Draft& document) const {
    if (ids_ == texts_of(document.get("stac_extensions"))) return;
    JsonTextWriter w({-1, true});
    w.begin_list();
    for (const std::string& id : ids_) w.text(id);
    document.set("stac_extensions", w.end_list().take());
  }

 private:
  std::vector<std::string> ids_;
};

void migrate_license(Draft& owner) {
  const std::string license = text_of(owner.get("license"));
  if (license == "various" || license == "proprietary") owner.set("license", "\"other\"");
}

void migrate_summaries(Draft& document) {
  change_members(document, "summaries", [](Draft& range) {
    if (!range.has("min") || !range.has("max")) return;
    range.rename("min", "minimum");
    range.rename("max", "maximum");
  });
}

void migrate_epsg(Draft& owner) {
  const std::string_view epsg = owner.get("proj:epsg");
  if (epsg.empty()) return;
  const std::string_view code = owner.get("proj:code");
  if (epsg != "null" && epsg != "0" && (code.empty() || code == "null"))
    owner.set("proj:code", fmt::format("\"EPSG:{}\"", epsg));
  owner.erase("proj:epsg");
}

/// One item, catalog or collection on its way.
class Migration {
 public:
  Migration(const JsonText& text, Kind kind, std::string version)
      : document_(text.view()), extensions_(document_), kind_(kind), version_(std::move(version)) {}

  std::string run(const JsonText& shared) {
    was_listed_ = extensions_;
    if (kind_ == kItem) {
      properties_.emplace(is_object(document_.get("properties")) ? document_.get("properties")
                                                                 : std::string_view("{}"));
      share(shared);
      migrate_license(*properties_);
    } else {
      document_.set("type", kind_ == kCatalog ? "\"Catalog\"" : "\"Collection\"");
      migrate_license(document_);
    }
    if (kind_ == kCollection && before("1.0.0-rc.1")) migrate_summaries(document_);
    document_.set("stac_version", fmt::format("\"{}\"", kStacVersion));
    migrate_extensions();
    if (properties_ && properties_->is_changed()) document_.set("properties", properties_->text());
    extensions_.write(document_);
    return document_.text();
  }

 private:
  bool before(std::string_view version) const { return is_before(version_, version); }

  void share(const JsonText& shared) {
    if (shared.empty() || !is_object(shared.view())) return;
    for (const JsonMember& m : members_of(shared.view())) {
      const std::string name = from_json_string(fmt::format("\"{}\"", m.name));
      if (!properties_->has(name)) properties_->set(name, std::string(m.value));
    }
  }

  void migrate_extensions() {
    if (kind_ == kItem) {
      classification();
      eo();
      label();
      projection();
      sar();
      if (was_listed_.has("dtr") || was_listed_.has("datetime-range")) datetime_range();
    }
    if (kind_ == kCollection && was_listed_.has("asset") && before("1.0.0-beta.1"))
      document_.rename("assets", "item_assets");
    checksum();
    for (const Extension& extension : kExtensions) rename(extension);
    if (kind_ == kCollection) extensions_.remove(url_of("item-assets", "1.0.0"));
    for (const std::string_view id : kRemoved) extensions_.remove(id);
    if (kind_ != kCollection) return;
    for (const std::string_view id : kRemovedOfCollections) extensions_.remove(id);
  }

  void rename(const Extension& extension) {
    if ((extension.kinds & kind_) == 0) return;
    const std::string newest = url_of(extension.name, extension.newest);
    for (const std::string_view id : {extension.short_id, extension.other_id})
      if (!id.empty()) extensions_.replace(id, newest);
    std::string_view older = extension.older;
    while (!older.empty()) {
      const auto blank = older.find(' ');
      extensions_.replace(url_of(extension.name, older.substr(0, blank)), newest);
      older = blank == std::string_view::npos ? std::string_view{} : older.substr(blank + 1);
    }
  }

  void classification() {
    if (!was_listed_.has(url_of("classification", "1.0.0"))) return;
    change_members(document_, "assets", [](Draft& asset) {
      const std::string_view classes = asset.get("classification:classes");
      if (!is_list(classes)) return;
      const JsonText padded(classes);
      JsonTextWriter w({-1, true});
      w.begin_list();
      for (const std::string_view element : elements_of(padded.view())) {
        if (!is_object(element)) {
          w.value(element);
          continue;
        }
        Draft one(element);
        one.rename("color-hint", "color_hint");
        w.value(one.text());
      }
      asset.set("classification:classes", w.end_list().take());
    });
  }

  void eo() {
    Draft& p = *properties_;
    if (before("0.9")) {
      p.rename("eo:platform", "platform");
      p.rename_to_list("eo:instrument", "instruments");
      p.rename("eo:constellation", "constellation");
      eo_to_view();
      eo_epsg();
    }
    if (!before("1.0.0-beta.1")) return;
    if (p.has("eo:gsd")) {
      p.set("gsd", std::string(p.get("eo:gsd")));
      p.erase("eo:gsd");
    }
    bands_by_index();
  }

  void eo_to_view() {
    for (const std::string_view field :
         {"off_nadir", "azimuth", "incidence_angle", "sun_azimuth", "sun_elevation"}) {
      const std::string old = fmt::format("eo:{}", field);
      if (!properties_->has(old)) continue;
      extensions_.add(url_of("view", "1.0.0"));
      properties_->rename(old, fmt::format("view:{}", field));
    }
  }

  void eo_epsg() {
    Draft& p = *properties_;
    if (!p.has("eo:epsg") || p.has("proj:epsg") || p.has("proj:code")) return;
    p.set("proj:code", fmt::format("\"EPSG:{}\"", p.get("eo:epsg")));
    p.erase("eo:epsg");
    if (!has_projection()) extensions_.add(url_of("projection", "2.0.0"));
    // An item that has no more of eo is not of it.
    const Draft now(p.text());
    const auto members = now.members();
    const bool has_eo = std::any_of(members.begin(), members.end(),
                                    [](const JsonMember& m) { return m.name.starts_with("eo:"); });
    if (has_eo) return;
    for (const std::string& id : {std::string("eo"), url_of("eo", "1.0.0"), url_of("eo", "1.1.0")})
      extensions_.remove(id);
  }

  /// Before 1.0.0-beta.1 assets named bands by their place in a list of the item.
  void bands_by_index() {
    const std::string_view list = properties_->get("eo:bands");
    if (!is_list(list)) return;
    const JsonText padded(list);
    const auto bands = elements_of(padded.view());
    change_members(document_, "assets", [&](Draft& asset) {
      if (!is_list(asset.get("eo:bands"))) return;
      const JsonText indices(asset.get("eo:bands"));
      JsonTextWriter w({-1, true});
      w.begin_list();
      for (const std::string_view element : elements_of(indices.view())) {
        std::size_t index = 0;
        const auto end = element.data() + element.size();
        if (std::from_chars(element.data(), end, index).ptr != end || index >= bands.size()) return;
        w.value(bands[index]);
      }
      asset.set("eo:bands", w.end_list().take());
    });
  }

  void label() {
    if (!before("1.0.0")) return;
    properties_->rename("label:property", "label:properties");
    properties_->rename("label:task", "label:tasks");
    properties_->rename("label:overview", "label:overviews");
    properties_->rename("label:method", "label:methods");
  }

  bool has_projection() const {
    if (extensions_.has("proj") || extensions_.has("projection")) return true;
    for (const std::string_view version : {"1.0.0", "1.1.0", "1.2.0", "2.0.0"})
      if (extensions_.has(url_of("projection", version))) return true;
    return false;
  }

  void projection() {
    if (!has_projection()) return;
    migrate_epsg(*properties_);
    for (const std::string_view name : {"assets", "item_assets"})
      change_members(document_, name, [](Draft& asset) { migrate_epsg(asset); });
  }

  void sar() {
    if (!before("0.9")) return;
    Draft& p = *properties_;
    p.rename("sar:platform", "platform");
    p.rename_to_list("sar:instrument", "instruments");
    p.rename("sar:constellation", "constellation");
    p.rename("sar:type", "sar:product_type");
    p.rename_to_list("sar:polarization", "sar:polarizations");
  }

  void datetime_range() {
    if (!before("0.9")) return;
    properties_->rename("dtr:start_datetime", "start_datetime");
    properties_->rename("dtr:end_datetime", "end_datetime");
  }

  /// The extension "checksum" became a part of "file".
  void checksum() {
    if (!was_listed_.has("checksum")) return;
    extensions_.remove("checksum");
    bool has_any = false;
    const auto take = [&](Draft& owner) {
      if (!owner.has("checksum:multihash")) return;
      owner.set("file:checksum", std::string(owner.get("checksum:multihash")));
      has_any = true;
    };
    if (properties_) take(*properties_);
    change_members(document_, "assets", take);
    if (has_any && !extensions_.has("file")) extensions_.add(url_of("file", "2.1.0"));
  }

  Draft document_;
  Extensions extensions_;
  Extensions was_listed_ = extensions_;
  std::optional<Draft> properties_;
  Kind kind_;
  std::string version_;
};

/// How pystac tells the documents of old versions apart.
std::optional<Kind> kind_of(std::string_view object, std::string_view version) {
  const std::string type = text_of(find_member(object, "type"));
  if (type == "Feature") return kItem;
  if (!is_before(version, "1.0.0-rc.1")) {
    if (type == "Catalog") return kCatalog;
    if (type == "Collection") return kCollection;
    return std::nullopt;
  }
  if (!type.empty() && type != "Catalog" && type != "Collection") return std::nullopt;
  const bool has_extent = !find_member(object, "extent").empty();
  return has_extent || !find_member(object, "license").empty() ? kCollection : kCatalog;
}

}  // namespace

bool is_migrated_version(std::string_view version) {
  return !version.empty() && is_before(version, kStacVersion);
}

JsonText migrated(const JsonText& text, const JsonText& shared) {
  const std::string version = text_of(find_member(text.view(), "stac_version"));
  if (!is_migrated_version(version)) return text;
  const auto kind = kind_of(text.view(), version);
  if (!kind) return text;
  return JsonText(Migration(text, *kind, version).run(shared));
}

bool shares_properties(const JsonText& item) {
  const std::string version = text_of(find_member(item.view(), "stac_version"));
  if (version.empty() || is_before("0.9.0", version)) return false;
  if (version != "0.9.0") return true;
  const auto extensions = texts_of(find_member(item.view(), "stac_extensions"));
  return std::find(extensions.begin(), extensions.end(), "commons") != extensions.end();
}

}  // namespace rastream
