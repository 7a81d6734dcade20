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
    FieldRule{"id", &check::full_text, "a text that is not empty", kItem, kOfAll, kRequired},
    FieldRule{"stac_version", &check::full_text, "a text", kItem, kOfAll, kRequired},
    FieldRule{"stac_extensions", &check::different_texts, "a list of different texts", kItem},
    FieldRule{"links", &check::list, "a list", kItem, kOfAll, kRequired},
    FieldRule{"links[]", &check::object, "an object", kLink},
    FieldRule{"links[].rel", &check::full_text, "a text that is not empty", kLink, kOfAll, kRequired},
    FieldRule{"links[].href", &check::full_text, "a text that is not empty", kLink, kOfAll, kRequired},
    FieldRule{"links[].type", &check::text, "a text", kLink},
    FieldRule{"links[].title", &check::text, "a text", kLink},
    FieldRule{"links[].method", &check::method, "a method of HTTP in capitals", kLink},
    FieldRule{"links[].headers", &check::object, "an object", kLink},
    FieldRule{"assets", &check::object, "an object", kItem, kOfItem, kRequired},
    FieldRule{"assets", &check::object, "an object", kCollection, kOfCollection},
    FieldRule{"assets{}", &check::object, "an object", kAsset, kOfItem | kOfCollection},
    FieldRule{"assets{}.href", &check::full_text, "a text that is not empty", kAsset,
         kOfItem | kOfCollection, kRequired},
    FieldRule{"assets{}.title", &check::text, "a text", kAsset, kOfItem | kOfCollection},
    FieldRule{"assets{}.description", &check::text, "a text", kAsset, kOfItem | kOfCollection},
    FieldRule{"assets{}.type", &check::text, "a text", kAsset, kOfItem | kOfCollection},
    FieldRule{"assets{}.roles", &check::texts, "a list of texts", kAsset, kOfItem | kOfCollection},

    FieldRule{"geometry", &check::geometry, "a GeoJSON geometry or null", "RFC 7946, 3.1", kOfItem,
         kRequired},
    FieldRule{"properties", &check::object, "an object", kItem, kOfItem, kRequired},
    FieldRule{"collection", &check::full_text, "a text that is not empty", kItem, kOfItem},
    FieldRule{"properties.datetime", &check::time_or_null, "a time in UTC (RFC 3339) or null",
         "item-spec.md, Properties Object", kOfItem, kRequired},

    FieldRule{"description", &check::full_text, "a text that is not empty", kCatalog,
         kOfCatalog | kOfCollection, kRequired},
    FieldRule{"license", &check::license, "an SPDX identifier or 'other'", kCollection, kOfCollection,
         kRequired},
    FieldRule{"extent", &check::object, "an object", kCollection, kOfCollection, kRequired},
    FieldRule{"extent.spatial", &check::object, "an object", "collection-spec.md, Extent Object",
         kOfCollection, kRequired},
    FieldRule{"extent.spatial.bbox", &check::boxes,
         "one box, or a box of all followed by at least two, of four or six numbers",
         "collection-spec.md, Spatial Extent Object", kOfCollection, kRequired},
    FieldRule{"extent.temporal", &check::object, "an object", "collection-spec.md, Extent Object",
         kOfCollection, kRequired},
    FieldRule{"extent.temporal.interval", &check::full_list, "a list that is not empty",
         "collection-spec.md, Temporal Extent Object", kOfCollection, kRequired},
    FieldRule{"extent.temporal.interval[]", &check::interval, "two times in UTC (RFC 3339) or null",
         "collection-spec.md, Temporal Extent Object", kOfCollection},
    FieldRule{"summaries", &check::object, "an object", kCollection, kOfCollection},
    FieldRule{"summaries{}", &check::summary, "a list, a range or a schema, not empty",
         "collection-spec.md, Summaries", kOfCollection},
    FieldRule{"item_assets{}", &check::item_asset, "an object with two members or more, without href",
         "collection-spec.md, Item Asset Definition Object", kOfCollection, false, "", "1.1.0"},
};

const std::array kCommonRules = {
    FieldRule{"title", &check::text, "a text", kCommon},
    FieldRule{"description", &check::full_text, "a text that is not empty", kCommon},
    FieldRule{"keywords", &check::texts, "a list of texts", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"roles", &check::texts, "a list of texts", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"datetime", &check::time_or_null, "a time in UTC (RFC 3339) or null", kCommon},
    FieldRule{"start_datetime", &check::time, "a time in UTC (RFC 3339)", kCommon},
    FieldRule{"end_datetime", &check::time, "a time in UTC (RFC 3339)", kCommon},
    FieldRule{"created", &check::time, "a time in UTC (RFC 3339)", kCommon},
    FieldRule{"updated", &check::time, "a time in UTC (RFC 3339)", kCommon},
    FieldRule{"platform", &check::text, "a text", kCommon},
    FieldRule{"instruments", &check::texts, "a list of texts", kCommon},
    FieldRule{"constellation", &check::text, "a text", kCommon},
    FieldRule{"mission", &check::text, "a text", kCommon},
    FieldRule{"gsd", &check::positive, "a number > 0", kCommon},
    FieldRule{"license", &check::license, "an SPDX identifier or 'other'", kCommon},
    FieldRule{"providers", &check::list, "a list", kCommon},
    FieldRule{"providers[]", &check::object, "an object", kCommon},
    FieldRule{"providers[].name", &check::full_text, "a text that is not empty", kCommon, kOfAll,
         kRequired},
    FieldRule{"providers[].description", &check::text, "a text", kCommon},
    FieldRule{"providers[].url", &check::text, "a text", kCommon},
    FieldRule{"providers[].roles", &check::list, "a list", kCommon},
    FieldRule{"providers[].roles[]", &check::role_of_provider, "producer, licensor, processor or host",
         kCommon},
    FieldRule{"bands", &check::list, "a list", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"bands[]", &check::band, "a band: an object whose name is a text", kCommon, kOfAll, false,
         "", "1.1.0"},
    FieldRule{"data_type", &check::data_type, "a data type", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"nodata", &check::nodata, "a number, 'nan', 'inf' or '-inf'", kCommon, kOfAll, false, "",
         "1.1.0"},
    FieldRule{"unit", &check::text, "a text", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"statistics", &check::full_object, "an object that is not empty", kCommon, kOfAll, false,
         "", "1.1.0"},
    FieldRule{"statistics.minimum", &check::number, "a number", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"statistics.maximum", &check::number, "a number", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"statistics.mean", &check::number, "a number", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"statistics.stddev", &check::number, "a number", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"statistics.count", &check::count, "an integer >= 0", kCommon, kOfAll, false, "", "1.1.0"},
    FieldRule{"statistics.valid_percent", &check::percent, "a number from 0 to 100", kCommon, kOfAll,
         false, "", "1.1.0"},
};

}  // namespace

std::span<const FieldRule> core_rules() { return kCore; }
std::span<const FieldRule> common_rules() { return kCommonRules; }

}  // namespace rastream
