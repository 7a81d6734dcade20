// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/s3/signature.h"

#include <algorithm>
#include <ctime>
#include <map>

#include "rastream/store/digest.h"

namespace rastream {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string sha256_hex(std::string_view text) {
  return to_hex(digest_of(DigestKind::sha256, bytes_of(text)).value);
}

/// "20130524T000000Z"
std::string stamp(S3Time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm t{};
  ::gmtime_r(&seconds, &t);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &t)};
}

std::string host_of(const Url& url) {
  const bool is_default = url.port == 0 || url.port == (url.scheme == "https" ? 443 : 80);
  return is_default ? url.host : fmt::format("{}:{}", url.host, url.port);
}

/// Sorted; `query` is encoded already.
std::string canonical_query(const Url& url) {
  std::vector<std::string> parts;
  const std::string query = url.query.value_or("");
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    std::string part = query.substr(at, end - at);
    if (part.find('=') == std::string::npos) part += '=';
    parts.push_back(std::move(part));
    at = end + 1;
  }
  std::sort(parts.begin(), parts.end());
  return fmt::format("{}", fmt::join(parts, "&"));
}

using Fields = std::map<std::string, std::string>;  // lower case

std::string names_of(const Fields& fields) {
  std::string names;
  for (const auto& [name, value] : fields) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string scope_of(std::string_view date, std::string_view region) {
  return fmt::format("{}/{}/s3/aws4_request", date, region);
}

std::string signature_of(const S3Keys& keys, std::string_view region, std::string_view method,
                         const Url& url, const Fields& fields, std::string_view payload,
                         const std::string& time) {
  std::string request = fmt::format("{}\n{}\n{}\n", method, url.path, canonical_query(url));
  for (const auto& [name, value] : fields) request += fmt::format("{}:{}\n", name, value);
  request += fmt::format("\n{}\n{}", names_of(fields), payload);
  const std::string date = time.substr(0, 8);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope_of(date, region), sha256_hex(request));
  Bytes key = hmac_sha256(bytes_of("AWS4" + keys.secret_access_key.reveal()), date);
  for (const std::string_view part :
       {region, std::string_view("s3"), std::string_view("aws4_request")})
    key = hmac_sha256(key, part);
  return to_hex(hmac_sha256(key, to_sign));
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

HttpHeaders s3_signature(const S3Keys& keys, std::string_view region, std::string_view method,
                         const Url& url, const HttpHeaders& headers,
                         std::string_view payload_sha256, S3Time time) {
  HttpHeaders added;
  const std::string when = stamp(time);
  added.add("x-amz-content-sha256", std::string(payload_sha256));
  added.add("x-amz-date", when);
  if (!keys.session_token.empty()) added.add("x-amz-security-token", keys.session_token.reveal());
  Fields fields = {{"host", host_of(url)}};
  for (const auto& [name, value] : headers) fields[lower(name)] = value;
  for (const auto& [name, value] : added) fields[lower(name)] = value;
  added.add("Authorization",
            fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                        keys.access_key_id, scope_of(when.substr(0, 8), region), names_of(fields),
                        signature_of(keys, region, method, url, fields, payload_sha256, when)));
  return added;
}

Url s3_presigned(const S3Keys& keys, std::string_view region, Url url, S3Time time,
                 std::chrono::seconds valid) {
  const std::string when = stamp(time);
  const auto credential = keys.access_key_id + "/" + scope_of(when.substr(0, 8), region);
  std::string query =
      fmt::format("X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}",
                  kAlgorithm, s3_encode(credential, false), when, valid.count());
  if (!keys.session_token.empty())
    query += "&X-Amz-Security-Token=" + s3_encode(keys.session_token.reveal(), false);
  query += "&X-Amz-SignedHeaders=host";
  url.query = url.query && !url.query->empty() ? *url.query + "&" + query : query;
  const std::string signature =
      signature_of(keys, region, "GET", url, {{"host", host_of(url)}}, kUnsignedPayload, when);
  *url.query += "&X-Amz-Signature=" + signature;
  return url;
}

std::string s3_encode(std::string_view text, bool is_path) {
  return percent_encode(text, is_path ? "/" : "");
}

}  // namespace rastream
