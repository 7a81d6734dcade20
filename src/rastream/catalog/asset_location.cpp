// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/asset_location.h"

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"
#include "rastream/store/location.h"
#include "rastream/store/store_config.h"

namespace rastream {
namespace {

/// A document from elsewhere could otherwise make us talk to whatever it likes.
bool may_name(const std::string& document, const std::string& href) {
  return is_http_url(href) || href.starts_with("s3://") ||
         default_store_configs().find(href) != nullptr ||
         (is_remote(href) && parse_url(href).origin() == parse_url(document).origin());
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
  if (!is_remote(item.href)) return at;
  if (!may_name(item.href, at.href))
    throw Error(Errc::permission_denied,
                "{}: '{}' is not for a document of another store to name: add it to stores.json",
                what(item, key), printable_url(at.href));
  if (is_http_url(at.href)) at.document_url = web_url_of(item.href);
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
