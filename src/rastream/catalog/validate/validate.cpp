// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/validate/validate.h"

#include <algorithm>
#include <set>

#include "rastream/base/error.h"
#include "rastream/catalog/validate/rule.h"

namespace rastream {
namespace {

std::string text_member(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_string()) return {};
  return object[name];
}

std::string joined(const std::string& field, std::string_view name) {
  return field.empty() ? std::string(name) : fmt::format("{}.{}", field, name);
}

class Validation {
 public:
  Validation(const Json& document, DocumentKind kind, const std::string& href)
      : document_(document),
        kind_(kind),
        href_(href),
        id_(text_member(document, "id")),
        version_(text_member(document, "stac_version")) {}

  std::vector<Violation> run() && {
    if (!document_.is_object()) add("", "an object", "item-spec.md, Item fields");
    for (const FieldRule& rule : core_rules()) apply(rule, document_, "", rule.path);
    common();
    extensions();
    versions();
    if (kind_ == kOfItem) item();
    if (kind_ != kOfItem) type();
    return std::move(found_);
  }

 private:
  bool is_before_1_1() const { return version_ < "1.1.0"; }

  void add(std::string field, std::string_view expected, std::string_view section) {
    if (!fields_.insert(field).second) return;
    found_.push_back({href_, id_, std::move(field), std::string(expected), std::string(section)});
  }

  bool is_for(const FieldRule& rule) const {
    if ((rule.kinds & kind_) == 0) return false;
    return rule.since.empty() || !is_before_1_1();
  }

  /// `rest` of the rule's path, from `value`, which stands at `field`.
  void apply(const FieldRule& rule, const Json& value, const std::string& field, std::string_view rest) {
    if (!is_for(rule)) return;
    if (rest.empty()) {
      if (!rule.check(value)) add(field, rule.expected, rule.section);
      return;
    }
    if (rest.starts_with("[]") || rest.starts_with("{}")) {
      rest.remove_prefix(2);
      each(rule, value, field, rest.starts_with('.') ? rest.substr(1) : rest);
      return;
    }
    const auto end = std::min({rest.find('.'), rest.find('['), rest.find('{'), rest.size()});
    const std::string name(rest.substr(0, end));
    rest = rest.substr(end);
    if (rest.starts_with('.')) rest.remove_prefix(1);
    if (!value.is_object()) return;
    const std::string below = joined(field, name);
    if (value.contains(name))
      apply(rule, value[name], below, rest);
    else if (rule.is_required && rest.empty())
      add(below, rule.expected, rule.section);
  }

  void each(const FieldRule& rule, const Json& value, const std::string& field, std::string_view rest) {
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i)
        apply(rule, value[i], fmt::format("{}[{}]", field, i), rest);
    } else if (value.is_object()) {
      for (const auto& [key, member] : value.items()) apply(rule, member, joined(field, key), rest);
    }
  }

  void apply_all(std::span<const FieldRule> rules, const Json& value, const std::string& field) {
    for (const FieldRule& rule : rules) {
      if (rule.extension.empty() || is_listed(rule.extension)) apply(rule, value, field, rule.path);
    }
  }

  template <typename F>
  void for_each_of(const char* name, F&& f) {
    if (!document_.contains(name)) return;
    const Json& all = document_[name];
    if (all.is_object()) {
      for (const auto& [key, value] : all.items()) f(value, fmt::format("{}.{}", name, key));
    } else if (all.is_array()) {
      for (std::size_t i = 0; i < all.size(); ++i) f(all[i], fmt::format("{}[{}]", name, i));
    }
  }

  /// Common metadata may stand in properties, assets, links, bands and, of catalogs, at the top.
  void common() {
    const auto at = [&](const Json& value, const std::string& field) {
      apply_all(common_rules(), value, field);
      if (!value.is_object() || !value.contains("bands") || !value["bands"].is_array()) return;
      for (std::size_t i = 0; i < value["bands"].size(); ++i)
        apply_all(common_rules(), value["bands"][i], fmt::format("{}.bands[{}]", field, i));
    };
    if (kind_ == kOfItem && document_.contains("properties"))
      at(document_["properties"], "properties");
    if (kind_ != kOfItem) at(document_, "");
    if (is_before_1_1()) return;
    for_each_of("assets", at);
    for_each_of("links", at);
    if (kind_ == kOfCollection) for_each_of("item_assets", at);
  }

  void extensions() {
    const auto at = [&](const Json& value, const std::string& field) {
      apply_all(extension_rules(), value, field);
    };
    if (kind_ == kOfItem && document_.contains("properties"))
      at(document_["properties"], "properties");
    if (kind_ == kOfCollection) at(document_, "");
    for_each_of("assets", at);
  }

  bool is_listed(std::string_view extension) const {
    if (!document_.contains("stac_extensions") || !document_["stac_extensions"].is_array())
      return false;
    const std::string url = fmt::format("https://stac-extensions.github.io/{}/", extension);
    const Json& listed = document_["stac_extensions"];
    return std::any_of(listed.begin(), listed.end(), [&](const Json& id) {
      return id.is_string() && (id.get_ref<const std::string&>().starts_with(url) ||
                                id.get_ref<const std::string&>() == extension);
    });
  }

  void versions() {
    if (!version_.empty() && !version_.starts_with("1.1.") && !version_.starts_with("1.0.") &&
        version_[0] >= '1')
      add("stac_version", "1.0 or 1.1", "item-spec.md, stac_version");
  }

  void type() {
    const std::string expected = kind_ == kOfCatalog ? "Catalog" : "Collection";
    if (text_member(document_, "type") != expected)
      add("type", fmt::format("'{}'", expected), "catalog-spec.md, Catalog fields");
  }

  void item() {
    const bool has_box = document_.contains("bbox");
    const bool has_geometry = document_.contains("geometry") && !document_["geometry"].is_null();
    if (has_geometry && (!has_box || !check::box(document_["bbox"])))
      add("bbox", "four or six numbers, with a geometry", "item-spec.md, bbox");
    if (has_box && document_.contains("geometry") && !has_geometry)
      add("bbox", "none without a geometry", "item-spec.md, bbox");
    item_times();
    item_collection();
    item_bands();
  }

  void item_times() {
    if (!document_.contains("properties") || !document_["properties"].is_object()) return;
    const Json& p = document_["properties"];
    const bool has_start = p.contains("start_datetime"), has_end = p.contains("end_datetime");
    constexpr std::string_view kSection = "commons/common-metadata.md, Date and Time Range";
    if (has_start != has_end)
      add(has_start ? "properties.end_datetime" : "properties.start_datetime",
          "both start_datetime and end_datetime", kSection);
    if (p.contains("datetime") && p["datetime"].is_null() && !(has_start && has_end))
      add("properties.datetime", "a time, or start_datetime and end_datetime", kSection);
  }

  void item_collection() {
    if (!document_.contains("links") || !document_["links"].is_array()) return;
    const Json& links = document_["links"];
    const bool has_link = std::any_of(links.begin(), links.end(), [](const Json& link) {
      return text_member(link, "rel") == "collection";
    });
    const bool has_member = document_.contains("collection");
    if (has_link && !has_member)
      add("collection", "the id of the collection that a link names", "item-spec.md, collection");
    if (!has_link && has_member)
      add("collection", "a link of rel 'collection' beside it", "item-spec.md, collection");
  }

  /// Bands stand in the item or in its assets.
  void item_bands() {
    if (is_before_1_1() || !document_.contains("properties")) return;
    const Json& p = document_["properties"];
    if (!p.is_object() || !p.contains("bands") || !document_.contains("assets")) return;
    const Json& assets = document_["assets"];
    if (!assets.is_object()) return;
    const bool in_assets = std::any_of(assets.begin(), assets.end(), [](const Json& asset) {
      return asset.is_object() && asset.contains("bands");
    });
    if (!in_assets)
      add("properties.bands", "bands in the assets that have them",
          "commons/common-metadata.md, Bands");
  }

  const Json& document_;
  DocumentKind kind_;
  const std::string& href_;
  std::string id_;
  std::string version_;
  std::vector<Violation> found_;
  std::set<std::string> fields_;
};

DocumentKind kind_of(const Json& document) {
  const std::string type = text_member(document, "type");
  if (type == "Feature") return kOfItem;
  if (type == "Collection" || (type.empty() && document.contains("extent"))) return kOfCollection;
  return kOfCatalog;
}

}  // namespace

std::vector<Violation> validate_document(JsonText text, const std::string& href) {
  const Json document = text.parse(href);
  if (!document.is_object())
    throw Error(Errc::data_loss, "{}: expected a STAC document, an object", href);
  if (text_member(document, "type") != "FeatureCollection")
    return Validation(document, kind_of(document), href).run();
  std::vector<Violation> out;
  if (!document.contains("features") || !document["features"].is_array())
    return {{href, "", "features", "a list", "RFC 7946, 3.3"}};
  for (const Json& item : document["features"]) {
    for (Violation& v : Validation(item, kOfItem, href).run()) out.push_back(std::move(v));
  }
  return out;
}

}  // namespace rastream
