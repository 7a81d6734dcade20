// SPDX-License-Identifier: Apache-2.0
// A plain web server over a folder: GET and HEAD with ranges, ETags and lengths.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "tests/servers/loopback_server.h"

namespace rastream {

class FileServer {
 public:
  explicit FileServer(std::filesystem::path folder);
  /// "http://127.0.0.1:PORT/" + name.
  std::string url(const std::string& name) const { return server_.url("/" + name); }
  std::int64_t n_requests() const { return n_requests_; }
  std::int64_t n_bytes_sent() const { return n_bytes_sent_; }

 private:
  void answer(const ServedRequest& request, ServedConnection& connection);

  std::filesystem::path folder_;
  std::atomic<std::int64_t> n_requests_ = 0;
  std::atomic<std::int64_t> n_bytes_sent_ = 0;
  LoopbackServer server_;
};

}  // namespace rastream
