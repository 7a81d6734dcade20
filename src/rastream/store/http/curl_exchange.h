// SPDX-License-Identifier: Apache-2.0
// libcurl: the handles of one connection, and one request sent over them.
#pragma once

#include <memory>

#include "rastream/store/http/curl_pool.h"

namespace rastream {

/// A connection to one origin, or the means to make it. Used by one thread at a time.
class CurlLane {
 public:
  CurlLane();
  ~CurlLane();
  CurlLane(const CurlLane&) = delete;
  CurlLane& operator=(const CurlLane&) = delete;
  /// Throws TransientError for what may pass, else Error. Afterwards the connection is kept if the
  /// server lets it and the body was read to its end.
  ExchangeResult exchange(const Exchange& exchange, const HttpOptions& options);

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace rastream
