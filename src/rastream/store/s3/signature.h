// SPDX-License-Identifier: Apache-2.0
// Signature Version 4 of S3 (AWS "Authenticating Requests", Signature Version 4).
#pragma once

#include <chrono>
#include <string>

#include "rastream/store/http/credentials.h"
#include "rastream/store/http/http_message.h"

namespace rastream {

using S3Time = std::chrono::system_clock::time_point;

/// Of a request whose body is not part of the signature.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// Header fields that sign `method` on `url`, whose path and query must be encoded by s3_encode;
/// `headers` are signed too. `payload_sha256` is in hexadecimal, or kUnsignedPayload.
HttpHeaders s3_signature(const S3Keys& keys, std::string_view region, std::string_view method,
                         const Url& url, const HttpHeaders& headers,
                         std::string_view payload_sha256, S3Time time);

/// `url` with a signature in its query, good for GET during `valid`.
Url s3_presigned(const S3Keys& keys, std::string_view region, Url url, S3Time time,
                 std::chrono::seconds valid);

/// All but letters, digits and "-._~" as %XX; '/' stays in paths.
std::string s3_encode(std::string_view text, bool is_path);

}  // namespace rastream
