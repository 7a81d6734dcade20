// SPDX-License-Identifier: Apache-2.0
// Cookies by which a site knows again who has logged in.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rastream/store/http/http_message.h"
#include "rastream/store/http/secret.h"
#include "rastream/store/http/url.h"

namespace rastream {

/// In memory alone. A cookie goes back to the scheme, host and port that set it and to no other,
/// whatever its Domain says. Safe to use from many threads.
class SessionCookies {
 public:
  /// Keeps what an answer of `url` sets (RFC 6265, section 5.2), and forgets what it takes back.
  void note(const Url& url, const HttpHeaders& headers, std::chrono::system_clock::time_point now);
  /// The value of the field Cookie of a request to `url` (RFC 6265, section 5.4); empty when there
  /// is none.
  std::string field_for(const Url& url, std::chrono::system_clock::time_point now) const;

 private:
  struct Cookie {
    std::string name;
    std::string path;
    Secret value;
    std::optional<std::chrono::system_clock::time_point> end;  ///< nothing: with this process
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Cookie>> by_origin_;
};

}  // namespace rastream
