// SPDX-License-Identifier: Apache-2.0
// Requests to one STAC API: what is added to each of them, and to which server it may go.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rastream/base/json_text.h"
#include "rastream/catalog/link.h"
#include "rastream/store/http/http_client.h"

namespace rastream {

struct ApiRequest {
  std::string method = "GET";
  std::string url;
  Json body = {};            ///< of a POST
  HttpHeaders headers = {};  ///< that a link asks for
  std::string document_url = {};  ///< of the document that named `url`; empty: the user did
  int status_allowed = 200;  ///< a status that is no error, such as 405
};

struct ApiAnswer {
  int status = 200;
  JsonText text;    ///< a JSON object or list
  std::string url;  ///< that answered
};

struct ApiOptions {
  std::shared_ptr<HttpClient> client = {};  ///< default_http_client() when null
  /// For all requests to the origin of the API, and for no other.
  HttpHeaders headers = {};
  std::vector<std::pair<std::string, std::string>> parameters = {};
  std::chrono::milliseconds timeout{0};  ///< of a request; 0: the client's
  std::int64_t max_pages = 1'000'000;
  int max_empty_pages = 10;  ///< in a row, while there is a next one
  std::stop_token stop = {};
};

/// Safe to use from many threads.
class ApiSession {
 public:
  ApiSession(std::string root_url, ApiOptions options);

  /// Throws as HttpClient does, unavailable or permission_denied or not_found for the statuses
  /// that say so, and data_loss for an answer that is no JSON.
  ApiAnswer fetch(const ApiRequest& request) const;

  const ApiOptions& options() const { return options_; }

 private:
  bool is_at_home(const Url& url) const;
  Url with_parameters(Url url) const;

  std::string origin_;
  ApiOptions options_;
};

/// The request that a link asks for: its href from `base`, "method", "headers" and "body", which
/// is merged into `first.body` when "merge" is true. Throws data_loss for a link without an href
/// or one that is longer than 64 KiB.
ApiRequest request_of_link(std::string_view link, const std::string& base,
                           const ApiRequest& first);

/// `url` with `query` added to its own.
std::string with_query(const std::string& url,
                       const std::vector<std::pair<std::string, std::string>>& query);

/// `url` with `part`, percent-encoded, behind its path; its query stays.
std::string url_below(const std::string& url, std::string_view part);

}  // namespace rastream
