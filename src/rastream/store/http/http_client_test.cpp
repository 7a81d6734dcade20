// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/http_client.h"

#include <gtest/gtest.h>

#include "tests/servers/loopback_server.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

using std::chrono::milliseconds;

/// A client whose waits take no time and are recorded.
struct TestClient {
  std::vector<milliseconds> waits = {};
  HttpClient client;

  explicit TestClient(HttpOptions options = {}) : client(with_clock(std::move(options))) {}

  HttpOptions with_clock(HttpOptions options) {
    options.clock.wait = [this](milliseconds time, const std::stop_token&) {
      waits.push_back(time);
    };
    options.clock.random = [] { return 1.0; };
    return options;
  }
};

TEST(HttpClient, AGetReturnsTheBodyAndKeepsTheConnection) {
  LoopbackServer server([](const ServedRequest& request, ServedConnection& connection) {
    connection.answer(200, "body of " + request.target, "X-Kind: a\r\n");
  });
  TestClient test;
  for (int i = 0; i < 3; ++i) {
    const HttpResponse response = test.client.get(server.url("/a?b=1"));
    EXPECT_EQ(response.body, "body of /a?b=1");
    EXPECT_EQ(response.headers.get("x-kind"), "a");
    EXPECT_EQ(response.url, server.url("/a?b=1"));
  }
  EXPECT_EQ(server.n_connections(), 1);
}

TEST(HttpClient, APutSendsItsBodyAndMethodsOfWebdavPass) {
  LoopbackServer server([](const ServedRequest& request, ServedConnection& connection) {
    connection.answer(207, request.method + " " + request.body + " " + request.header("Depth"));
  });
  TestClient test;
  HttpRequest request;
  request.method = "PROPFIND";
  request.url = server.url("/");
  request.headers = {{"Depth", "1"}};
  request.body = "<propfind/>";
  EXPECT_EQ(test.client.send(request).body, "PROPFIND <propfind/> 1");
  request.method = "PUT";
  request.body = std::string(3 << 20, 'x');
  EXPECT_EQ(test.client.send(request).body, "PUT " + request.body + " 1");
  request.method = "MKCOL";
  request.body = "";
  EXPECT_EQ(test.client.send(request).body, "MKCOL  1");
}

}  // namespace
}  // namespace rastream
