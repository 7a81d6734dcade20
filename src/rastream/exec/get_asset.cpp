// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/get_asset.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/catalog/asset_location.h"
#include "rastream/exec/cut_asset.h"
#include "rastream/store/http/http_client.h"
#include "rastream/store/http/url.h"
#include "rastream/store/location.h"

namespace rastream {
namespace {

bool is_text_type(const Asset& asset) {
  constexpr std::array<std::string_view, 5> kTypes = {
      "text/", "application/json", "application/geo+json", "application/xml", "application/gml"};
  constexpr std::array<std::string_view, 8> kSuffixes = {".xml", ".txt", ".json", ".geojson",
                                                         ".csv", ".md",  ".html", ".cdl"};
  const std::string path = asset.href.substr(0, asset.href.find_first_of("?#"));
  const auto begins = [&](std::string_view type) { return asset.type.starts_with(type); };
  const auto ends = [&](std::string_view suffix) { return path.ends_with(suffix); };
  return std::any_of(kTypes.begin(), kTypes.end(), begins) ||
         (asset.type.empty() && std::any_of(kSuffixes.begin(), kSuffixes.end(), ends));
}

AssetForm form_of(const Asset& asset, AssetForm wanted) {
  if (wanted != AssetForm::guessed) return wanted;
  const bool is_jp2 = asset.type.starts_with("image/jp2");
  if (is_cuttable(asset) || is_jp2) return AssetForm::array;
  return is_text_type(asset) ? AssetForm::text : AssetForm::bytes;
}

Bytes web_bytes(const AssetLocation& at, HttpClient& client, std::int64_t max_bytes) {
  HttpRequest request;
  request.url = at.href;
  request.document_url = at.document_url;
  request.max_body_bytes = max_bytes;
  request.accepts_gzip = false;
  const HttpResponse response = client.send(request);
  check_success(request, response);
  const auto* first = reinterpret_cast<const std::byte*>(response.body.data());
  return {first, first + response.body.size()};
}

Bytes store_bytes(const AssetLocation& at, std::int64_t max_bytes) {
  Locations locations;
  const Location place = locations.find(at.href);
  const auto size_bytes = place.store->size(place.path);
  if (size_bytes.value_or(0) > max_bytes)
    throw Error(Errc::data_loss, "'{}' has {} bytes: expected {} at most", printable_url(at.href),
                *size_bytes, max_bytes);
  auto bytes = size_bytes ? place.store->get(place.path) : std::nullopt;
  if (!bytes) throw Error(Errc::not_found, "'{}' is not there", printable_url(at.href));
  return *std::move(bytes);
}

void check(const Bytes& bytes, const ExpectedFile& expected, const AssetLocation& at) {
  const auto size_bytes = static_cast<std::int64_t>(bytes.size());
  if (expected.size_bytes.value_or(size_bytes) != size_bytes)
    throw Error(Errc::data_loss, "'{}' has {} bytes: expected {}", printable_url(at.href),
                size_bytes, *expected.size_bytes);
  for (const Digest& digest : expected.digests) {
    if (digest_of(digest.kind, bytes) != digest)
      throw Error(Errc::data_loss, "'{}': its bytes are not those of {}", printable_url(at.href),
                  to_string(digest));
  }
}

}  // namespace

AssetContent get_asset(const Item& item, std::string_view key, const GetAssetOptions& options) {
  const AssetLocation at = locate_asset(item, key);
  const AssetForm form = form_of(item.asset(key), options.form);
  const auto client = options.client ? options.client : default_http_client();
  if (form == AssetForm::array) {
    check_address(at, *client);
    return open_dataset(at.href, options.open);
  }
  Bytes bytes = is_http_url(at.href) ? web_bytes(at, *client, options.max_bytes)
                                     : store_bytes(at, options.max_bytes);
  check(bytes, expected_file(item, key), at);
  if (form == AssetForm::bytes) return bytes;
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  if (!simdjson::validate_utf8(text, bytes.size()))
    throw Error(Errc::data_loss, "'{}' is not text in UTF-8", printable_url(at.href));
  return std::string(text, bytes.size());
}

AssetContent get_asset(const Catalog& catalog, std::string_view item_id, std::string_view key,
                       const GetAssetOptions& options) {
  return get_asset(catalog.find_item(item_id), key, options);
}

}  // namespace rastream
