// SPDX-License-Identifier: Apache-2.0
// Servers whose answers a test gives by path and whose requests it looks at, and clients of them.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rastream/store/http/http_client.h"
#include "tests/servers/loopback_server.h"

namespace rastream {

/// A client whose waits take no time and are recorded.
struct TestClient {
  std::vector<std::chrono::milliseconds> waits = {};
  HttpClient client;

  explicit TestClient(HttpOptions options = {}) : client(with_clock(std::move(options))) {}

  HttpOptions with_clock(HttpOptions options) {
    options.clock.wait = [this](std::chrono::milliseconds time, const std::stop_token&) {
      waits.push_back(time);
    };
    options.clock.random = [] { return 1.0; };
    return options;
  }
};

/// Answers of a server by path, and the requests that it got.
class ScriptedServer {
 public:
  using Answer = std::function<void(const ServedRequest&, ServedConnection&)>;
  explicit ScriptedServer(const std::string& address = "127.0.0.1")
      : server_([this](const auto& r, auto& c) { serve(r, c); }, address) {}

  void on(const std::string& path, Answer answer) { answers_[path] = std::move(answer); }
  /// Answers with these bytes, the nth request with the nth; the last one stays.
  void on(const std::string& path, std::vector<std::string> raw) {
    on(path, [raw, n = std::make_shared<std::atomic<std::size_t>>(0)](const auto&, auto& c) {
      c.send(raw[std::min((*n)++, raw.size() - 1)]);
    });
  }
  std::string url(const std::string& path) const { return server_.url(path); }
  std::vector<ServedRequest> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  bool has_seen(const std::string& secret) {
    for (const ServedRequest& r : requests()) {
      if ((r.head + r.body).find(secret) != std::string::npos) return true;
    }
    return false;
  }

 private:
  void serve(const ServedRequest& request, ServedConnection& connection) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const auto it = answers_.find(request.path());
    if (it == answers_.end()) return connection.answer(404, "");
    it->second(request, connection);
  }

  std::mutex mutex_;
  std::vector<ServedRequest> requests_;
  std::map<std::string, Answer> answers_;
  LoopbackServer server_;
};

inline std::string answer_of(int status, const std::string& body, const std::string& fields = "") {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), fields,
                     body);
}

inline std::string redirect_to(const std::string& url, int status = 307) {
  return answer_of(status, "", "Location: " + url + "\r\n");
}

/// What shows a token to `origin`, where users of `sites` log in.
inline HttpOptions with_token(const std::string& origin, const std::string& token = "t0ken-canary",
                              std::vector<std::string> sites = {}) {
  Credentials credentials;
  Credential c;
  c.secret = Secret(token);
  c.sites = std::move(sites);
  credentials.add(origin, c);
  HttpOptions options;
  options.credentials = std::make_shared<Credentials>(std::move(credentials));
  return options;
}

}  // namespace rastream
