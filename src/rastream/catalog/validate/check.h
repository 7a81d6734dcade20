// SPDX-License-Identifier: Apache-2.0
// What a value of a document may be.
#pragma once

#include "rastream/base/json.h"

namespace rastream {

using Check = bool (*)(const Json& value);

namespace check {

bool any(const Json& v);
bool text(const Json& v);
bool full_text(const Json& v);  ///< not empty
bool object(const Json& v);
bool full_object(const Json& v);  ///< not empty
bool list(const Json& v);
bool full_list(const Json& v);
bool texts(const Json& v);
bool different_texts(const Json& v);
bool number(const Json& v);
bool positive(const Json& v);
bool count(const Json& v);  ///< an integer >= 0
bool percent(const Json& v);
bool boolean(const Json& v);
bool is_null(const Json& v);
bool text_or_null(const Json& v);
bool object_or_null(const Json& v);
bool integer_or_null(const Json& v);
bool time(const Json& v);  ///< RFC 3339, section 5.6, in UTC; see is_time
bool time_or_null(const Json& v);
bool interval(const Json& v);  ///< two of time_or_null
bool box(const Json& v);       ///< four or six numbers
bool boxes(const Json& v);     ///< one, or three and more
bool geometry(const Json& v);  ///< GeoJSON (RFC 7946, section 3.1), or null
bool license(const Json& v);
bool method(const Json& v);
bool summary(const Json& v);
bool item_asset(const Json& v);
bool data_type(const Json& v);
bool nodata(const Json& v);
bool role_of_provider(const Json& v);
bool shape(const Json& v);      ///< two integers
bool transform(const Json& v);  ///< six or nine numbers
bool centroid(const Json& v);
bool band(const Json& v);
bool off_nadir(const Json& v);  ///< 0 to 90
bool azimuth(const Json& v);    ///< 0 to 360
bool elevation(const Json& v);  ///< -90 to 90
bool frequency_band(const Json& v);
bool polarizations(const Json& v);
bool dimension(const Json& v);
bool variable(const Json& v);
bool byte_order(const Json& v);
bool multihash(const Json& v);
bool sampling(const Json& v);
bool observation_direction(const Json& v);

}  // namespace check
}  // namespace rastream
