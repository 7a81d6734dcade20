// SPDX-License-Identifier: Apache-2.0
// One exchange with one server, over a kept connection where there is one. The only code that
// includes libcurl lies behind it.
#pragma once

#include <memory>

#include "rastream/store/http/address_zone.h"
#include "rastream/store/http/http_client.h"
#include "rastream/store/http/url.h"

namespace rastream {

/// What one exchange needs beside the request.
struct Exchange {
  const HttpRequest& request;  ///< its method, URL, headers and body are not used: see below
  const std::string& method;
  const Url& url;
  const HttpHeaders& headers;
  bool has_body = false;  ///< request.body or request.source is sent
  HttpTimeouts timeouts = {};
  /// The narrowest zone that may be connected to.
  AddressZone reach = AddressZone::loopback;
  /// A credential goes over plain http: the address must be this machine's.
  bool is_for_loopback_only = false;
};

struct ExchangeResult {
  HttpResponse response;
  AddressZone zone = AddressZone::everywhere;  ///< of the server's address
};

/// Thread safe.
class CurlPool {
 public:
  explicit CurlPool(const HttpOptions& options);
  ~CurlPool();
  /// Follows nothing, retries nothing. Throws TransientError for what may pass, else Error.
  ExchangeResult exchange(const Exchange& exchange);

 private:
  class Lanes;
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace rastream
