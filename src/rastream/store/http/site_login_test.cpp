// SPDX-License-Identifier: Apache-2.0
// Sites that send their users to log in at another server.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "rastream/store/http/http_client.h"
#include "tests/servers/scripted_server.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

using std::chrono::milliseconds;

/// A site whose users log in at another server, as at NASA's archives: without a session a request
/// is sent there, and comes back with a code that begins one.
struct SiteWithLogin {
  ScriptedServer site;
  ScriptedServer login{"127.0.0.2"};
  ScriptedServer other;

  SiteWithLogin() {
    const auto file = [this](const ServedRequest& request, ServedConnection& connection) {
      if (request.header("Cookie") == "session=c00kie-canary")
        return connection.answer(200, request.header("Range") + "data");
      connection.send(redirect_to(login.url("/authorize?state=1"), 302));
    };
    site.on("/protected/a", file);
    site.on("/protected/b", file);
    site.on("/back", {answer_of(302, "",
                                "Location: /protected/a\r\nSet-Cookie: "
                                "session=c00kie-canary; Path=/; Domain=127.0.0.1\r\n")});
    login.on("/authorize", [this](const ServedRequest& request, ServedConnection& connection) {
      if (request.header("Authorization") == "Bearer t0ken-canary")
        return connection.send(redirect_to(site.url("/back?code=1"), 302));
      connection.answer(401, "no: " + request.header("Authorization"));
    });
    other.on("/", {answer_of(200, "")});
  }

  HttpOptions options(const std::string& token = "t0ken-canary") const {
    return with_token(login.url("/"), token, {site.url("/protected/")});
  }
};

TEST(HttpClient, ASiteMaySendItsUsersToLogInWhereACredentialSaysSo) {
  SiteWithLogin at;
  TestClient test(at.options());
  HttpRequest request;
  request.url = at.site.url("/protected/a");
  request.headers = {{"X-Own-Token", "0wn-canary"}};
  EXPECT_EQ(test.client.send(request).body, "data");
  EXPECT_EQ(test.client.get(at.site.url("/protected/a")).body, "data");
  EXPECT_EQ(at.login.requests().size(), 1u) << "the session goes on";
  EXPECT_FALSE(at.login.has_seen("c00kie-canary"));
  EXPECT_FALSE(at.login.has_seen("0wn-canary"));
  EXPECT_FALSE(at.site.has_seen("t0ken-canary"));

  test.client.get(at.other.url("/"));
  EXPECT_FALSE(at.other.has_seen("canary")) << "the same host, another port";
  HttpRequest without = request;
  without.uses_credentials = false;
  EXPECT_EQ(test.client.send(without).status, 401);
}

TEST(HttpClient, ALogInThatIsNotConfiguredOrWrongIsAnErrorThatSaysWhere) {
  SiteWithLogin at;
  const auto failure = [&](HttpOptions options, const std::string& path) {
    TestClient test(std::move(options));
    const Error e = error_of([&] { test.client.get(at.site.url(path)); });
    EXPECT_EQ(e.code(), Errc::permission_denied);
    const std::string what = e.what();
    EXPECT_NE(what.find(" from " + at.login.url("")), std::string::npos) << what;
    EXPECT_EQ(what.find("canary"), std::string::npos) << what;
  };
  failure(at.options("wr0ng-canary"), "/protected/b");
  failure(with_token(at.login.url("/")), "/protected/b");
  HttpOptions elsewhere = at.options();
  at.site.on("/open/a", {redirect_to(at.login.url("/authorize"), 302)});
  failure(elsewhere, "/open/a");
}

TEST(HttpClient, WhoCameBySomebodyElseIsSentToNoLogIn) {
  SiteWithLogin at;
  at.other.on("/to-login", {redirect_to(at.login.url("/authorize"), 302)});
  at.other.on("/to-site", {redirect_to(at.site.url("/protected/a"), 302)});
  at.site.on("/protected/away", {redirect_to(at.other.url("/to-login"), 302)});
  TestClient test(at.options());
  EXPECT_EQ(test.client.get(at.site.url("/protected/a")).body, "data");
  const std::size_t n_at_login = at.login.requests().size();
  HttpRequest request;
  for (const std::string& url : {at.other.url("/to-site"), at.site.url("/protected/away")}) {
    request.url = url;
    EXPECT_EQ(test.client.send(request).status, 401) << url;
  }
  const auto at_login = at.login.requests();
  ASSERT_EQ(at_login.size(), n_at_login + 2);
  for (std::size_t i = n_at_login; i < at_login.size(); ++i)
    EXPECT_EQ(at_login[i].header("Authorization"), "");
  EXPECT_EQ(at.site.requests()[at.site.requests().size() - 2].header("Cookie"), "");
  EXPECT_FALSE(at.other.has_seen("canary"));
}

TEST(HttpClient, ManyThreadsWhoseSiteBeginsItsSessionBeforeTheLogInDoThatOnce) {
  ScriptedServer site;
  ScriptedServer login("127.0.0.2");
  std::mutex mutex;
  std::map<std::string, std::string> wanted;  // by session
  std::set<std::string> logged_in;
  const auto file = [&](const ServedRequest& request, ServedConnection& connection) {
    const std::lock_guard lock(mutex);
    if (logged_in.contains(request.header("Cookie"))) return connection.answer(200, request.path());
    const std::string session = fmt::format("sid={}", wanted.size());
    wanted[session] = request.path();
    connection.send(answer_of(302, "",
                              fmt::format("Location: {}\r\nSet-Cookie: {}; Path=/\r\n",
                                          login.url("/authorize?" + session), session)));
  };
  for (int i = 0; i < 8; ++i) site.on(fmt::format("/protected/{}", i), file);
  login.on("/authorize", [&](const ServedRequest& request, ServedConnection& connection) {
    std::this_thread::sleep_for(milliseconds(20));
    connection.send(redirect_to(site.url("/back" + request.target.substr(10)), 302));
  });
  site.on("/back", [&](const ServedRequest& request, ServedConnection& connection) {
    const std::lock_guard lock(mutex);
    const std::string session = request.header("Cookie");
    if (request.target != "/back?" + session) return connection.answer(403, "another's session");
    logged_in.insert(session);
    connection.send(redirect_to(wanted.at(session), 302));
  });
  TestClient test(with_token(login.url("/"), "t0ken-canary", {site.url("/protected/")}));
  std::vector<std::string> bodies(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < bodies.size(); ++i)
      threads.emplace_back(
          [&, i] { bodies[i] = test.client.get(site.url(fmt::format("/protected/{}", i))).body; });
  }
  for (std::size_t i = 0; i < bodies.size(); ++i)
    EXPECT_EQ(bodies[i], fmt::format("/protected/{}", i));
  EXPECT_EQ(login.requests().size(), 1u);
}

TEST(HttpClient, APageOfTheLogInIsNeverTakenForTheFile) {
  SiteWithLogin at;
  at.login.on("/authorize", {answer_of(200, "<html>Do you agree?</html>")});
  TestClient test(at.options());
  struct Sink : BodySink {
    void write(std::span<const std::byte> piece) override { n_bytes += piece.size(); }
    std::size_t n_bytes = 0;
  } sink;
  HttpRequest request;
  request.url = at.site.url("/protected/a");
  request.sink = &sink;
  for (const auto& range : {std::optional<ByteRange>(), std::optional(ByteRange{0, 5})}) {
    request.range = range;
    const Error e = error_of([&] { test.client.send(request); });
    EXPECT_EQ(e.code(), Errc::permission_denied) << e.what();
    EXPECT_NE(std::string(e.what()).find(at.login.url("")), std::string::npos) << e.what();
    EXPECT_EQ(sink.n_bytes, 0u);
  }
}

TEST(HttpClient, ASiteMakesItsUsersChangeNothingAtTheLogIn) {
  SiteWithLogin at;
  at.site.on("/protected/a", {redirect_to(at.login.url("/authorize"), 307)});
  TestClient test(at.options());
  for (const char* method : {"DELETE", "PUT", "POST"}) {
    HttpRequest request;
    request.method = method;
    request.url = at.site.url("/protected/a");
    EXPECT_EQ(test.client.send(request).status, 401);
  }
  EXPECT_FALSE(at.login.has_seen("canary"));
}

TEST(HttpClient, ALogInThatBeginsAgainAndAgainIsACircle) {
  SiteWithLogin at;
  at.site.on("/back", [&, n = std::make_shared<std::atomic<int>>(0)](const auto&, auto& c) {
    c.send(answer_of(
        302, "", fmt::format("Location: /protected/a\r\nSet-Cookie: x={}; Path=/\r\n", (*n)++)));
  });
  TestClient test(at.options());
  EXPECT_EQ(code_of([&] { test.client.get(at.site.url("/protected/a")); }), Errc::data_loss);
  at.site.on("/back", {answer_of(302, "", "Location: /protected/a\r\n")});
  EXPECT_EQ(code_of([&] { test.client.get(at.site.url("/protected/a")); }), Errc::data_loss);
}

}  // namespace
}  // namespace rastream
