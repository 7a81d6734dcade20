// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "rastream/store/http/address_zone.h"
#include "tests/servers/hostile_server.h"
#include "tests/servers/loopback_server.h"
#include "tests/servers/scripted_server.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

using std::chrono::milliseconds;

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

TEST(HttpClient, ACredentialGoesToItsOriginAndStaysBehindAtARedirect) {
  for (const int status : {301, 302, 303, 307, 308}) {
    ScriptedServer door;
    ScriptedServer pool;
    ScriptedServer other_host("127.0.0.2");
    door.on("/a", {redirect_to(pool.url("/b"), status)});
    pool.on("/b", {redirect_to(other_host.url("/c"), status)});
    other_host.on("/c", {redirect_to(door.url("/d"), status)});
    door.on("/d", {answer_of(200, "data")});
    TestClient test(with_token(door.url("/")));
    HttpRequest request;
    request.url = door.url("/a");
    request.headers = {
        {"X-Own-Token", "0wn-canary"}, {"Cookie", "c00kie-canary"}, {"Accept", "x/y"}};
    const HttpResponse response = test.client.send(request);
    EXPECT_EQ(response.body, "data");
    EXPECT_TRUE(response.was_redirected);
    EXPECT_EQ(response.url, door.url("/d"));
    const auto at_door = door.requests();
    ASSERT_EQ(at_door.size(), 2u);
    EXPECT_EQ(at_door[0].header("Authorization"), "Bearer t0ken-canary");
    EXPECT_EQ(at_door[1].header("Authorization"), "") << "who comes back comes from outside";
    EXPECT_EQ(pool.requests().at(0).header("Accept"), "x/y");
    for (ScriptedServer* foreign : {&pool, &other_host}) EXPECT_FALSE(foreign->has_seen("canary"));
  }
}

TEST(HttpClient, ACredentialStaysWithinItsPathAtARedirectOnTheSameOrigin) {
  ScriptedServer server;
  server.on("/project/a", {redirect_to("/project/b")});
  server.on("/project/b", {redirect_to("/public/c")});
  server.on("/public/c", {answer_of(200, "")});
  TestClient test(with_token(server.url("/project/")));
  test.client.get(server.url("/project/a"));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_NE(requests[1].header("Authorization"), "");
  EXPECT_EQ(requests[2].header("Authorization"), "");
}

TEST(HttpClient, ARedirectKeepsOrChangesTheMethodAsTheStandardSays) {
  struct Case {
    int status;
    const char* method;
    const char* then;
  };
  for (const Case& c : {Case{307, "PUT", "PUT"},
                        {308, "POST", "POST"},
                        {302, "POST", "GET"},
                        {301, "POST", "GET"},
                        {303, "PUT", "GET"},
                        {302, "PUT", "PUT"},
                        {303, "HEAD", "HEAD"},
                        {307, "PROPFIND", "PROPFIND"}}) {
    ScriptedServer server;
    server.on("/a", {redirect_to("/b", c.status)});
    server.on("/b", [](const auto& r, auto& connection) {
      r.method == "HEAD" ? connection.answer_head(200, "") : connection.answer(200, "");
    });
    HttpRequest request;
    request.method = c.method;
    request.url = server.url("/a");
    if (request.method != std::string("HEAD")) request.body = "the body";
    TestClient().client.send(request);
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 2u) << c.status << c.method;
    EXPECT_EQ(requests[1].method, c.then) << c.status << c.method;
    EXPECT_EQ(requests[1].body, c.then == request.method ? request.body : "");
  }
}

TEST(HttpClient, ALargePutIsSentAfterItsRedirectFromTheStart) {
  ScriptedServer door;
  ScriptedServer pool;
  door.on("/a", [&](const auto&, auto& c) { c.send(redirect_to(pool.url("/b"))); });
  pool.on("/b", [](const auto& r, auto& c) { c.answer(201, std::to_string(r.body.size())); });
  HttpRequest request;
  request.method = "PUT";
  request.url = door.url("/a");
  request.body = std::string(5 << 20, 'x');
  TestClient test;
  EXPECT_EQ(test.client.send(request).body, std::to_string(5 << 20));
}

TEST(HttpClient, RedirectsInCirclesWithoutEndOrAwayFromHttpAreRefused) {
  ScriptedServer server;
  server.on("/self", {redirect_to("/self")});
  server.on("/a", {redirect_to("/b")});
  server.on("/b", {redirect_to("/a")});
  server.on("/endless", [](const auto& r, auto& c) { c.send(redirect_to(r.target + "x")); });
  server.on("/file", {redirect_to("file:///etc/passwd")});
  server.on("/user", {redirect_to("http://me:pw@127.0.0.1/")});
  TestClient test;
  for (const char* path : {"/self", "/a", "/endless?", "/file", "/user"})
    EXPECT_EQ(code_of([&] { test.client.get(server.url(path)); }), Errc::data_loss) << path;
  EXPECT_LT(server.requests().size(), 30u);
}

TEST(HttpClient, AStatusThatMayPassIsTriedAgainAndRetryAfterIsAMinimum) {
  ScriptedServer server;
  server.on("/a",
            {answer_of(503, "", "Retry-After: 7\r\n"), answer_of(429, ""), answer_of(200, "x")});
  TestClient test;
  EXPECT_EQ(test.client.get(server.url("/a")).body, "x");
  ASSERT_EQ(test.waits.size(), 2u);
  EXPECT_EQ(test.waits[0], milliseconds(7000));
  EXPECT_EQ(test.waits[1], milliseconds(1000));
  server.on("/b", {answer_of(503, "", "Retry-After: 100000\r\n")});
  try {
    test.client.get(server.url("/b"));
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unavailable);
    EXPECT_NE(std::string(e.what()).find("100000 s"), std::string::npos) << e.what();
  }
  EXPECT_EQ(test.waits.size(), 2u) << "it was not tried too early";
}

TEST(HttpClient, WhatIsNotIdempotentIsSentOnceUnlessTheCallerSaysSo) {
  ScriptedServer server;
  server.on("/a", {answer_of(503, "")});
  TestClient test;
  HttpRequest request;
  request.method = "POST";
  request.url = server.url("/a");
  EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::unavailable);
  EXPECT_EQ(server.requests().size(), 1u);
  request.is_idempotent = true;
  EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::unavailable);
  EXPECT_EQ(server.requests().size(), 6u);
}

TEST(HttpClient, OtherStatusesAreReturnedAtOnceAndHaveACodeOfTheirOwn) {
  ScriptedServer server;
  TestClient test;
  for (const auto& [status, code] : {std::pair{400, Errc::invalid_argument},
                                     {401, Errc::permission_denied},
                                     {403, Errc::permission_denied},
                                     {404, Errc::not_found},
                                     {405, Errc::unsupported},
                                     {409, Errc::invalid_argument},
                                     {410, Errc::not_found},
                                     {416, Errc::data_loss},
                                     {501, Errc::unsupported},
                                     {507, Errc::unavailable}}) {
    const std::string path = fmt::format("/{}", status);
    server.on(path, {answer_of(status, "why", "Content-Type: text/plain\r\n")});
    HttpRequest request;
    request.url = server.url(path + "?token=canary");
    const HttpResponse response = test.client.send(request);
    EXPECT_EQ(response.status, status);
    const Error error = error_of_response(request, response);
    EXPECT_EQ(error.code(), code) << status;
    EXPECT_EQ(std::string(error.what()).find("canary"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find(": why"), std::string::npos) << error.what();
  }
  EXPECT_TRUE(test.waits.empty());
}

TEST(HttpClient, AServerThatSaysWhatItWasSentDoesNotPutASecretIntoAnError) {
  ScriptedServer server;
  server.on("/a",
            [](const auto& r, auto& c) { c.answer(403, r.head, "Content-Type: text/plain\r\n"); });
  TestClient test(with_token(server.url("/")));
  HttpRequest request;
  request.url = server.url("/a");
  request.headers = {{"X-Own", "own-canary"}};
  const HttpResponse response = test.client.send(request);
  EXPECT_TRUE(server.has_seen("t0ken-canary"));
  EXPECT_EQ(response.body.find("canary"), std::string::npos) << response.body;
}

TEST(HttpClient, PlainHttpToAnotherMachineGetsNoCredential) {
  TestClient test;
  HttpRequest request;
  request.url = "http://example.invalid/a";
  request.headers = {{"Authorization", "Bearer canary"}};
  try {
    test.client.send(request);
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::permission_denied);
    EXPECT_EQ(std::string(e.what()).find("canary"), std::string::npos);
  }
  EXPECT_EQ(code_of([&] { test.client.get("https://me:pw@example.invalid/"); }),
            Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { test.client.get("ftp://example.invalid/"); }), Errc::invalid_argument);
}

TEST(HttpClient, ADocumentFromOutsideNamesNoAddressOfThisMachineHoweverItIsWritten) {
  ScriptedServer server;
  server.on("/a", {answer_of(200, "inside")});
  TestClient test;
  const std::string port = server.url("").substr(server.url("").rfind(':'));
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1",
                           "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::1]"}) {
    HttpRequest request;
    request.url = "http://" + std::string(host) + port + "/a";
    request.document_url = "https://catalog.example/item.json";
    EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::permission_denied) << host;
  }
  EXPECT_TRUE(server.requests().empty());
  for (const char* url :
       {"http://10.0.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest",
        "http://[fe80::1]/", "http://[fd00::1]/", "http://100.64.0.1/"}) {
    HttpRequest request;
    request.url = url;
    request.document_url = "https://catalog.example/item.json";
    EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::permission_denied) << url;
  }
}

TEST(HttpClient, ADocumentOfThisMachineMayNameThisMachine) {
  ScriptedServer catalog;
  ScriptedServer data;
  catalog.on("/item.json", {answer_of(200, "{}")});
  data.on("/a", {answer_of(200, "x")});
  TestClient test;
  HttpRequest request;
  request.url = data.url("/a");
  request.document_url = catalog.url("/item.json");
  EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::permission_denied)
      << "nothing is known of a document that was not fetched";
  test.client.get(catalog.url("/item.json"));
  EXPECT_EQ(test.client.send(request).body, "x");
  test.client.get(data.url("/a"));
  request.document_url = "https://outside.example/";
  EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::permission_denied)
      << "also not over a connection that is open";
}

TEST(AddressZones, AreThoseOfTheRegistries) {
  for (const char* text : {"127.0.0.1", "127.255.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1",
                           "64:ff9b::7f00:1", "2002:7f00:1::"})
    EXPECT_EQ(zone_of_text(text), AddressZone::loopback) << text;
  for (const char* text : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1",
                           "fc00::1", "fdff::1", "::ffff:10.0.0.1"})
    EXPECT_EQ(zone_of_text(text), AddressZone::private_net) << text;
  for (const char* text :
       {"169.254.169.254", "fe80::1", "224.0.0.1", "255.255.255.255", "ff02::1", "198.18.0.1"})
    EXPECT_EQ(zone_of_text(text), AddressZone::link_local) << text;
  for (const char* text : {"8.8.8.8", "172.32.0.1", "172.15.0.1", "11.0.0.1", "2001:db8::1",
                           "::ffff:8.8.8.8", "126.255.255.255", "128.0.0.1"})
    EXPECT_EQ(zone_of_text(text), AddressZone::everywhere) << text;
}

TEST(HttpClient, ACompressedBodyIsUnpackedAndABombIsRefusedAtTheLimit) {
  HostileServer hostile("canary");
  TestClient test;
  HttpRequest request;
  request.url = hostile.url({"gzip_bomb", 1'000'000, 1, 10});
  request.max_body_bytes = 4 << 20;
  try {
    test.client.send(request);
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::data_loss);
    EXPECT_NE(std::string(e.what()).find("longer than"), std::string::npos) << e.what();
  }
  request.url = hostile.url({"gzip_unasked", 1'000'000, 2, 50'000});
  EXPECT_EQ(test.client.send(request).body, hostile_body(2, 50'000));
}

TEST(HttpClient, ABodyBeyondTheLimitIsRefusedWithAndWithoutALength) {
  ScriptedServer server;
  server.on("/a", {answer_of(200, std::string(1000, 'x'))});
  server.on("/b", [](const auto&, auto& c) {
    c.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(1000, 'x'));
    c.close();
  });
  TestClient test;
  HttpRequest request;
  request.max_body_bytes = 999;
  for (const char* path : {"/a", "/b"}) {
    request.url = server.url(path);
    EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::data_loss) << path;
  }
  request.max_body_bytes = 1000;
  EXPECT_EQ(test.client.send(request).body.size(), 1000u);
}

TEST(HttpClient, ARangeIsCheckedAndAWholeAnswerToItIsCutOrRefused) {
  ScriptedServer server;
  const std::string text = "0123456789";
  server.on("/good", {answer_of(206, "234", "Content-Range: bytes 2-4/10\r\n")});
  server.on("/off", {answer_of(206, "234", "Content-Range: bytes 3-5/10\r\n")});
  server.on("/short", {answer_of(206, "23", "Content-Range: bytes 2-3/10\r\n")});
  server.on("/none", {answer_of(206, "234")});
  server.on("/whole", {answer_of(200, text)});
  server.on("/unasked", {answer_of(206, "234", "Content-Range: bytes 2-4/10\r\n")});
  TestClient test;
  HttpRequest request;
  request.range = ByteRange{2, 5};
  const auto body_of = [&](const char* path) {
    request.url = server.url(path);
    return test.client.send(request).body;
  };
  EXPECT_EQ(body_of("/good"), "234");
  EXPECT_EQ(server.requests().back().header("Range"), "bytes=2-4");
  EXPECT_EQ(server.requests().back().header("Accept-Encoding"), "identity");
  EXPECT_EQ(body_of("/whole"), "234");
  for (const char* path : {"/off", "/short", "/none"})
    EXPECT_EQ(code_of([&] { body_of(path); }), Errc::data_loss) << path;
  request.range = ByteRange{5'000'000, 5'000'010};
  EXPECT_EQ(code_of([&] { body_of("/whole"); }), Errc::unsupported);
  EXPECT_EQ(code_of([&] { test.client.get(server.url("/unasked")); }), Errc::data_loss);
}

TEST(HttpClient, AStallIsSeenAndTheNextTryMaySucceed) {
  HostileServer hostile("canary");
  HttpOptions options;
  options.timeouts.stall = milliseconds(100);
  TestClient test(options);
  for (const char* fault : {"stall_before_head", "stall_in_head", "stall_in_body"}) {
    HttpRequest request;
    request.url = hostile.url({fault, 1, 3, 5'000});
    EXPECT_EQ(test.client.send(request).body, hostile_body(3, 5'000)) << fault;
  }
  EXPECT_EQ(test.waits.size(), 3u);
}

TEST(HttpClient, AStopEndsAWaitingRequest) {
  HostileServer hostile("canary");
  TestClient test;
  std::stop_source source;
  HttpRequest request;
  request.url = hostile.url({"stall_before_head", 1'000, 1, 10});
  request.stop = source.get_token();
  std::jthread stopper([&] { source.request_stop(); });
  EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::unavailable);
}

TEST(HttpClient, WhatASinkThrowsComesOutAndTheClientGoesOn) {
  struct Thrower : BodySink {
    void write(std::span<const std::byte>) override { throw Error(Errc::unavailable, "disk full"); }
  } thrower;
  ScriptedServer server;
  server.on("/a", {answer_of(200, "x")});
  TestClient test;
  HttpRequest request;
  request.url = server.url("/a");
  request.sink = &thrower;
  EXPECT_EQ(code_of([&] { test.client.send(request); }), Errc::unavailable);
  EXPECT_EQ(test.client.get(server.url("/a")).body, "x");
}

TEST(HttpClient, ThreadsShareConnectionsAndNoMoreThanTheLimitAreOpen) {
  ScriptedServer server;
  std::atomic<int> n_open = 0;
  std::atomic<int> most = 0;
  server.on("/a", [&](const auto&, auto& c) {
    most = std::max(most.load(), ++n_open);
    c.wait(milliseconds(2));
    --n_open;
    c.answer(200, "x");
  });
  HttpOptions options;
  options.connections_per_origin = 3;
  TestClient test(options);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) test.client.get(server.url("/a"));
    });
  }
  threads.clear();
  EXPECT_LE(most, 3);
  EXPECT_EQ(server.requests().size(), 80u);
}

TEST(HttpClient, AConnectionThatFailedLeavesTheClientAsItWas) {
  HttpOptions options;
  options.retry.max_attempts = 1;
  HttpClient client(options);
  std::string url;
  {
    const LoopbackServer gone([](const ServedRequest&, ServedConnection& c) { c.answer(200, ""); });
    url = gone.url("/");
  }
  for (int i = 0; i < 3; ++i) {
    HttpRequest request;
    request.url = i == 1 ? "http://no-such-host.invalid/" : url;
    EXPECT_EQ(error_of([&] { client.send(request); }).code(), Errc::unavailable) << i;
  }
}

TEST(HttpClient, AHeaderThatWouldBeTwoIsRefused) {
  HttpHeaders headers;
  EXPECT_EQ(code_of([&] { headers.add("X", "a\r\nY: b"); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { headers.add("X Y", "a"); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { headers.add("", "a"); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { headers.add("X", std::string("a\0b", 3)); }), Errc::invalid_argument);
}

TEST(ContentRange, IsReadOnlyWhenItMakesSense) {
  const auto range = parse_content_range("bytes 2-4/10");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->begin, 2);
  EXPECT_EQ(range->end, 5);
  EXPECT_EQ(range->size, 10);
  EXPECT_EQ(parse_content_range("BYTES 0-0/*")->size, -1);
  for (const char* text :
       {"", "bytes", "bytes */10", "bytes 4-2/10", "bytes 2-10/10", "bytes -1-2/10", "items 2-4/10",
        "bytes 2-4", "bytes 0-9223372036854775807/*", "bytes 99999999999999999999-4/10",
        "bytes a-b/c"})
    EXPECT_FALSE(parse_content_range(text)) << text;
}

}  // namespace
}  // namespace rastream
