// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/catalog_reader.h"

#include "rastream/base/error.h"
#include "rastream/store/http/http_client.h"
#include "rastream/store/http/url.h"

namespace rastream {

JsonText CatalogReader::text_at(const std::string& location, const std::string& from,
                                std::string& identity) const {
  if (!is_http_url(location)) return read_document(location, identity);
  if (!options_.reads_urls) {
    throw Error(Errc::unsupported, "'{}' is not a local path, and reading from the web is off",
                printable_url(location));
  }
  HttpRequest request;
  request.url = location;
  request.headers = {{"Accept", "application/geo+json, application/json"}};
  if (is_http_url(from)) request.document_url = from;
  const HttpResponse response =
      (options_.client ? options_.client : default_http_client())->send(request);
  check_success(request, response);
  identity = response.url;
  return JsonText(response.body);
}

ReadDocument CatalogReader::read(const std::string& location, const std::string& from) const {
  ReadDocument out;
  JsonText text = text_at(location, from, out.identity);
  out.document = parse_document(std::move(text), location);
  return out;
}

}  // namespace rastream
