// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/asset_location.h"

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/store/http/url.h"
#include "rastream/store/store_config.h"

namespace rastream {
namespace {

/// A document of the web could otherwise make us talk to whatever it likes.
bool is_for_all_to_name(const std::string& href) {
  return is_http_url(href) || href.starts_with("s3://") ||
         default_store_configs().find(href) != nullptr;
}

std::string what(const Item& item, std::string_view key) {
  return fmt::format("asset '{}' of item '{}'", key, item.id);
}

void add_checksum(ExpectedFile& expected, const Json& value, const std::string& what) {
  if (value.is_null()) return;
  if (!value.is_string()) throw Error(Errc::data_loss, "{}: its checksum is not text", what);
  try {
    expected.digests.push_back(parse_multihash(value.get<std::string>()));
  } catch (Error& e) {
    if (e.code() != Errc::unsupported) throw std::move(e.add_context(what));
  }
}

}  // namespace

AssetLocation locate_asset(const Item& item, std::string_view key) {
  const Asset& asset = item.asset(key);
  if (item.href.empty() && !is_absolute_href(asset.href))
    throw Error(Errc::invalid_argument, "{}: '{}' is relative, and the item has no place yet",
                what(item, key), asset.href);
  AssetLocation at;
  at.href = absolute_href(asset.href, item.href);
  if (!is_http_url(item.href)) return at;
  at.document_url = item.href;
  if (!is_for_all_to_name(at.href))
    throw Error(Errc::permission_denied,
                "{}: '{}' is not for a document of the web to name: add the store to stores.json",
                what(item, key), printable_url(at.href));
  return at;
}

void check_address(const AssetLocation& at, HttpClient& client, const std::stop_token& stop) {
  if (at.document_url.empty() || !is_http_url(at.href)) return;
  HttpRequest request;
  request.method = "HEAD";
  request.url = at.href;
  request.document_url = at.document_url;
  request.accepts_gzip = false;
  request.stop = stop;
  client.send(request);
}

ExpectedFile expected_file(const Item& item, std::string_view key) {
  const Asset& asset = item.asset(key);
  ExpectedFile expected;
  if (asset.text.empty()) return expected;
  const std::string name = what(item, key);
  const Json json = asset.text.parse(name);
  if (json.contains("file:size")) {
    const Json& size = json["file:size"];
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > std::uint64_t{1} << 62)
      throw Error(Errc::data_loss, "{}: file:size is {}: expected a number of bytes", name,
                  size.dump().substr(0, 100));
    expected.size_bytes = size.get<std::int64_t>();
  }
  for (const char* field : {"file:checksum", "checksum:multihash"}) {
    if (json.contains(field)) add_checksum(expected, json[field], name);
  }
  return expected;
}

}  // namespace rastream
