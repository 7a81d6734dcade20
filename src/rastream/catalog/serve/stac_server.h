// SPDX-License-Identifier: Apache-2.0
// An HTTP server for StacAnswers.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "rastream/catalog/serve/stac_answers.h"

namespace rastream {

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< others than loopback let the network in
  int port = 0;                       ///< 0: one that is free
  int n_threads = 8;                  ///< requests at a time
};

/// Listens when it is made. Requests with another Host than this server's are refused (421), which
/// is what keeps a web page from reading it by a name of its own that leads here. Limits: 8 KiB of
/// URL and of a header line, 4 MiB of body, 10 s to send a request.
class StacServer {
 public:
  /// Throws unavailable when the address cannot be listened at.
  StacServer(StacAnswers answers, const ServerOptions& options);
  ~StacServer();
  StacServer(const StacServer&) = delete;
  StacServer& operator=(const StacServer&) = delete;

  /// "http://127.0.0.1:8080"
  std::string url() const;
  /// Answers until `stop` is requested; requests that are under way are finished.
  void run(const std::stop_token& stop);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rastream
