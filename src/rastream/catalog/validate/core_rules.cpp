// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "rastream/catalog/validate/rule.h"

namespace rastream {
namespace {

constexpr std::string_view kItem = "item-spec.md, Item fields";
constexpr std::string_view kCatalog = "catalog-spec.md, Catalog fields";
constexpr std::string_view kCollection = "collection-spec.md, Collection fields";
constexpr std::string_view kLink = "commons/links.md, Link Object";
constexpr std::string_view kAsset = "commons/assets.md, Asset Object";
constexpr std::string_view kCommon = "commons/common-metadata.md";
constexpr bool kRequired = true;

const std::array kCore = {
    Rule{"id", &check::full_text, "a text that is not empty", kItem, kOfAll, kRequired},
    Rule{"stac_version", &check::full_text, "a text", kItem, kOfAll, kRequired},
    Rule{"stac_extensions", &check::different_texts, "a list of different texts", kItem},
    Rule{"links", &check::list, "a list", kItem, kOfAll, kRequired},
    Rule{"links[]", &check::object, "an object", kLink},
    Rule{"links[].rel", &check::full_text, "a text that is not empty", kLink, kOfAll, kRequired},
    Rule{"links[].href", &check::full_text, "a text that is not empty", kLink, kOfAll, kRequired},
    Rule{"links[].type", &check::text, "a text", kLink},
    Rule{"links[].title", &check::text, "a text", kLink},
    Rule{"links[].method", &check::method, "a method of HTTP in capitals", kLink},
    Rule{"links[].headers", &check::object, "an object", kLink},
    Rule{"assets", &check::object, "an object", kItem, kOfItem, kRequired},
    Rule{"assets", &check::object, "an object", kCollection, kOfCollection},
    Rule{"assets{}", &check::object, "an object", kAsset, kOfItem | kOfCollection},
    Rule{"assets{}.href", &check::full_text, "a text that is not empty", kAsset,
         kOfItem | kOfCollection, kRequired},
    Rule{"assets{}.title", &check::text, "a text", kAsset, kOfItem | kOfCollection},
    Rule{"assets{}.description", &check::text, "a text", kAsset, kOfItem | kOfCollection},
    Rule{"assets{}.type", &check::text, "a text", kAsset, kOfItem | kOfCollection},
    Rule{"assets{}.roles", &check::texts, "a list of texts", kAsset, kOfItem | kOfCollection},

    Rule{"geometry", &check::geometry, "a GeoJSON geometry or null", "RFC 7946, 3.1", kOfItem,
         kRequired},
    Rule{"properties", &check::object, "an object", kItem, kOfItem, kRequired},
    Rule{"collection", &check::full_text, "a text that is not empty", kItem, kOfItem},
    Rule{"properties.datetime", &check::time_or_null, "a time in UTC (RFC 3339) or null",
         "item-spec.md, Properties Object", kOfItem, kRequired},

    Rule{"description", &check::full_text, "a text that is not empty", kCatalog,
         kOfCatalog | kOfCollection, kRequired},
    Rule{"license", &check::license, "an SPDX identifier or 'other'", kCollection, kOfCollection,
         kRequired},
    Rule{"extent", &check::object, "an object", kCollection, kOfCollection, kRequired},
    Rule{"extent.spatial", &check::object, "an object", "collection-spec.md, Extent Object",
         kOfCollection, kRequired},
    Rule{"extent.spatial.bbox", &check::boxes,
         "one box, or a box of all followed by at least two, of four or six numbers",
         "collection-spec.md, Spatial Extent Object", kOfCollection, kRequired},
    Rule{"extent.temporal", &check::object, "an object", "collection-spec.md, Extent Object",
         kOfCollection, kRequired},
    Rule{"extent.temporal.interval", &check::full_list, "a list that is not empty",
         "collection-spec.md, Temporal Extent Object", kOfCollection, kRequired},
    Rule{"extent.temporal.interval[]", &check::interval, "two times in UTC (RFC 3339) or null",
         "collection-spec.md, Temporal Extent Object", kOfCollection},
    Rule{"summaries", &check::object, "an object", kCollection, kOfCollection},
    Rule{"summaries{}", &check::summary, "a list, a range or a schema, not empty",
         "collection-spec.md, Summaries", kOfCollection},
    Rule{"item_assets{}", &check::item_asset, "an object with two members or more, without href",
         "collection-spec.md, Item Asset Definition Object", kOfCollection, false, "", "1.1.0"},
};

const std::array kCommonRules = {
    Rule{"title", &check::text, "a text", kCommon},
    Rule{"description", &check::full_text, "a text that is not empty", kCommon},
    Rule{"keywords", &check::texts, "a list of texts", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"roles", &check::texts, "a list of texts", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"datetime", &check::time_or_null, "a time in UTC (RFC 3339) or null", kCommon},
    Rule{"start_datetime", &check::time, "a time in UTC (RFC 3339)", kCommon},
    Rule{"end_datetime", &check::time, "a time in UTC (RFC 3339)", kCommon},
    Rule{"created", &check::time, "a time in UTC (RFC 3339)", kCommon},
    Rule{"updated", &check::time, "a time in UTC (RFC 3339)", kCommon},
    Rule{"platform", &check::text, "a text", kCommon},
    Rule{"instruments", &check::texts, "a list of texts", kCommon},
    Rule{"constellation", &check::text, "a text", kCommon},
    Rule{"mission", &check::text, "a text", kCommon},
    Rule{"gsd", &check::positive, "a number > 0", kCommon},
    Rule{"license", &check::license, "an SPDX identifier or 'other'", kCommon},
    Rule{"providers", &check::list, "a list", kCommon},
    Rule{"providers[]", &check::object, "an object", kCommon},
    Rule{"providers[].name", &check::full_text, "a text that is not empty", kCommon, kOfAll,
         kRequired},
    Rule{"providers[].description", &check::text, "a text", kCommon},
    Rule{"providers[].url", &check::text, "a text", kCommon},
    Rule{"providers[].roles", &check::list, "a list", kCommon},
    Rule{"providers[].roles[]", &check::role_of_provider, "producer, licensor, processor or host",
         kCommon},
    Rule{"bands", &check::list, "a list", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"bands[]", &check::band, "a band: an object whose name is a text", kCommon, kOfAll, false,
         "", "1.1.0"},
    Rule{"data_type", &check::data_type, "a data type", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"nodata", &check::nodata, "a number, 'nan', 'inf' or '-inf'", kCommon, kOfAll, false, "",
         "1.1.0"},
    Rule{"unit", &check::text, "a text", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"statistics", &check::full_object, "an object that is not empty", kCommon, kOfAll, false,
         "", "1.1.0"},
    Rule{"statistics.minimum", &check::number, "a number", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"statistics.maximum", &check::number, "a number", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"statistics.mean", &check::number, "a number", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"statistics.stddev", &check::number, "a number", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"statistics.count", &check::count, "an integer >= 0", kCommon, kOfAll, false, "", "1.1.0"},
    Rule{"statistics.valid_percent", &check::percent, "a number from 0 to 100", kCommon, kOfAll,
         false, "", "1.1.0"},
};

}  // namespace

std::span<const Rule> core_rules() { return kCore; }
std::span<const Rule> common_rules() { return kCommonRules; }

}  // namespace rastream
