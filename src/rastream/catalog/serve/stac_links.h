// SPDX-License-Identifier: Apache-2.0
// Links of a STAC API's answers.
#pragma once

#include <string>
#include <string_view>

#include "rastream/base/json.h"

namespace rastream {

inline constexpr const char* kJsonType = "application/json";
inline constexpr const char* kGeoJsonType = "application/geo+json";
inline constexpr const char* kSchemaType = "application/schema+json";
inline constexpr const char* kOpenApiType = "application/vnd.oai.openapi+json;version=3.0";
inline constexpr const char* kQueryablesRel = "http://www.opengis.net/def/rel/ogc/1.0/queryables";

Json link_json(std::string_view rel, const std::string& href, const char* type);

/// The links of a document that do not say where it is: licenses, sources and the like, absolute.
Json other_links(const Json& document, const std::string& href);

/// `href` of the document at `from` (a path or a URL), absolute; as it is when it names nothing. A
/// path becomes a file:// URL (RFC 8089): to who asks the server, a path would be one of it.
std::string served_href(const std::string& href, const std::string& from);

/// Makes the hrefs of `document`'s assets absolute.
void make_assets_absolute(Json& document, const std::string& href);

}  // namespace rastream
