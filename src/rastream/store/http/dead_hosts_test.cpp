// SPDX-License-Identifier: Apache-2.0
// Who is dead, who is not, and that nobody waits for the dead.
#include "rastream/store/http/dead_hosts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

#include "rastream/store/http/http_client.h"
#include "rastream/store/transfer/transfer_many.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kOrigin = "http://a:1";

DeadHosts::Time at(seconds s) { return DeadHosts::Time(std::chrono::hours(500'000) + s); }

/// Quicker than the default to call a host dead.
const DeadHostPolicy kQuick{.shortest_row = seconds(15)};

/// Ten attempts from 0 s to 18 s.
void make_dead(DeadHosts& hosts) {
  for (int i = 0; i < 10; ++i) hosts.note_no_connection(kOrigin, at(seconds(2 * i)));
}

TEST(DeadHosts, ManyAttemptsOverALongTimeMakeOne) {
  DeadHosts hosts(kQuick);
  make_dead(hosts);
  EXPECT_EQ(hosts.refuses(kOrigin, at(seconds(19))), seconds(29));
  EXPECT_FALSE(hosts.refuses("http://a:2", at(seconds(19))));
}

TEST(DeadHosts, ManyAtOnceOrAFewInLongOrAnyBehindASuccessDoNot) {
  DeadHosts at_once(kQuick);
  for (int i = 0; i < 1000; ++i) at_once.note_no_connection(kOrigin, at(seconds(i % 14)));
  EXPECT_FALSE(at_once.refuses(kOrigin, at(seconds(14))));
  DeadHosts few(kQuick);
  for (int i = 0; i < 9; ++i) few.note_no_connection(kOrigin, at(seconds(20 * i)));
  EXPECT_FALSE(few.refuses(kOrigin, at(seconds(161))));
  DeadHosts answered(kQuick);
  for (int i = 0; i < 18; ++i) {
    answered.note_no_connection(kOrigin, at(seconds(4 * i)));
    if (i == 8) answered.note_connection(kOrigin);
  }
  EXPECT_FALSE(answered.refuses(kOrigin, at(seconds(69))));
}

TEST(DeadHosts, OneIsLetThroughAfterEachCoolDown) {
  DeadHosts hosts(kQuick);
  make_dead(hosts);
  EXPECT_TRUE(hosts.refuses(kOrigin, at(seconds(47))));
  EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(48)))) << "the probe";
  EXPECT_TRUE(hosts.refuses(kOrigin, at(seconds(48))));
  hosts.note_no_connection(kOrigin, at(seconds(50)));
  EXPECT_EQ(hosts.refuses(kOrigin, at(seconds(51))), seconds(29));
  EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(80)))) << "a probe that never tells how it went";
  EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(110))));
  hosts.note_connection(kOrigin);
  EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(110))));
}

TEST(DeadHosts, WhatWasLongAgoIsForgotten) {
  DeadHosts hosts(kQuick);
  make_dead(hosts);
  EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(18 + 61))));
  hosts.note_no_connection(kOrigin, at(seconds(80)));
  EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(81)))) << "the row begins anew";
}

TEST(DeadHosts, AClockThatIsPutBackClosesNone) {
  DeadHosts hosts(kQuick);
  for (int i = 0; i < 10; ++i) hosts.note_no_connection(kOrigin, at(seconds(7200 + 2 * i)));
  EXPECT_TRUE(hosts.refuses(kOrigin, at(seconds(7219))));
  EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(3600))));
}

/// Time that passes by waiting alone.
class FakeTime {
 public:
  HttpOptions options() {
    HttpOptions o;
    o.dead_hosts = kQuick;
    o.clock.wait = [this](milliseconds time, const std::stop_token&) { wait(time); };
    o.clock.now = [this] { return at(seconds(0)) + milliseconds(now_ms_); };
    return o;
  }
  void wait(milliseconds time) {
    ++n_waits_;
    now_ms_ += time.count();
    if (on_wait) on_wait();
  }
  int n_waits() const { return n_waits_; }
  std::function<void()> on_wait = {};

 private:
  std::atomic<std::int64_t> now_ms_ = 0;
  std::atomic<int> n_waits_ = 0;
};

void answer_path(const ServedRequest& request, ServedConnection& connection) {
  const std::string fields = "ETag: \"" + request.path() + "\"\r\n";
  if (request.method == "HEAD") return connection.answer_head(200, request.path(), fields);
  connection.answer(200, request.path(), fields);
}

/// A server that can be stopped, and be back at its port: at an address of this process, so that
/// nobody takes the port meanwhile.
class RestartedServer {
 public:
  RestartedServer() { start(); }
  void start() {
    server_ = std::make_unique<LoopbackServer>(answer_path, address_, port_);
    port_ = server_->port();
  }
  void stop() { server_.reset(); }
  std::string url(const std::string& path) const {
    return fmt::format("http://{}:{}{}", address_, port_, path);
  }
  int n_connections() const { return server_->n_connections(); }

 private:
  std::string address_ =
      fmt::format("127.91.{}.{}", (::getpid() >> 8) & 255, (::getpid() & 254) | 1);
  int port_ = 0;
  std::unique_ptr<LoopbackServer> server_;
};

std::vector<DownloadJob> jobs_of(const RestartedServer& server, const ScratchFolder& folder,
                                 int n) {
  std::vector<DownloadJob> jobs;
  for (int i = 0; i < n; ++i)
    jobs.push_back({server.url(fmt::format("/{}", i)), folder / fmt::format("{}", i), {}});
  return jobs;
}

TEST(DeadHosts, ThousandsOfTransfersToOneDoNotWaitEachAndGoOnWhenItIsBack) {
  const ScratchFolder folder;
  RestartedServer server;
  FakeTime time;
  HttpClient client(time.options());
  EXPECT_EQ(client.get(server.url("/x")).body, "/x");
  server.stop();
  TransferOptions options;
  options.n_workers = 4;
  options.download.is_synced = false;
  const auto jobs = jobs_of(server, folder, 2000);
  const TransferReport report = download_many(client, jobs, options);
  EXPECT_EQ(report.failures.size(), 2000U);
  for (const TransferFailure& failure : report.failures) EXPECT_EQ(failure.code, Errc::unavailable);
  EXPECT_NE(report.failures.back().message.find("is not asked for the next"), std::string::npos)
      << report.failures.back().message;
  EXPECT_LT(time.n_waits(), 100) << "of 8,000 that five attempts each would take";

  server.start();
  const int n_waits = time.n_waits();
  EXPECT_EQ(code_of([&] { client.get(server.url("/x")); }), Errc::unavailable);
  EXPECT_EQ(server.n_connections(), 0) << "it is not asked";
  EXPECT_EQ(time.n_waits(), n_waits);
  time.wait(seconds(30));
  EXPECT_EQ(client.get(server.url("/x")).body, "/x");
  EXPECT_TRUE(download_many(client, parse_failed_jobs(report_to_json(report, jobs)), options)
                  .failures.empty());
}

TEST(DeadHosts, AnOutageShorterThanTheAttemptsOfARequestClosesNone) {
  // Eight workers whose connects each take their 20 s.
  DeadHosts hosts({});
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(22 * i))));
    for (int worker = 0; worker < 8; ++worker)
      hosts.note_no_connection(kOrigin, at(seconds(22 * i + 20)));
  }
  EXPECT_FALSE(hosts.refuses(kOrigin, at(seconds(110))));
  hosts.note_no_connection(kOrigin, at(seconds(140)));
  EXPECT_TRUE(hosts.refuses(kOrigin, at(seconds(141))));
}

TEST(DeadHosts, AServerThatIsBackBeforeAllAttemptsAreUsedFailsNobody) {
  RestartedServer server;
  FakeTime time;
  HttpClient client(time.options());
  time.on_wait = [&] {
    if (time.n_waits() % 4 == 0) server.start();
  };
  for (int i = 0; i < 10; ++i) {
    server.stop();
    EXPECT_EQ(client.get(server.url("/x")).body, "/x");
  }
  EXPECT_EQ(time.n_waits(), 40);
}

TEST(DeadHosts, AHostThatAnswersOrBreaksOffIsNone) {
  LoopbackServer server([](const ServedRequest& request, ServedConnection& connection) {
    if (request.path() == "/tape") return connection.answer(503, "on tape");
    if (request.path() == "/reset") return connection.reset();
    connection.answer(200, "here");
  });
  FakeTime time;
  HttpClient client(time.options());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(code_of([&] { client.get(server.url("/tape")); }), Errc::unavailable);
    EXPECT_EQ(code_of([&] { client.get(server.url("/reset")); }), Errc::unavailable);
  }
  EXPECT_EQ(client.get(server.url("/disk")).body, "here");
}

TEST(DeadHosts, APoolThatIsDeadIsAskedForAgainAtTheDoor) {
  RestartedServer dead;
  RestartedServer living;
  dead.stop();
  std::atomic<int> n_asked = 0;
  std::atomic<int> n_to_dead = 1000;
  LoopbackServer door([&](const ServedRequest&, ServedConnection& connection) {
    const RestartedServer& pool = n_asked++ < n_to_dead ? dead : living;
    connection.answer(302, "", "Location: " + pool.url("/file") + "\r\n");
  });
  FakeTime time;
  HttpClient client(time.options());
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(code_of([&] { client.get(door.url("/")); }), Errc::unavailable);
  expect_refused(Errc::unavailable, "is not asked", [&] { client.get(door.url("/")); });
  n_to_dead = n_asked + 2;
  EXPECT_EQ(client.get(door.url("/")).body, "/file") << "the door names another one";
}

}  // namespace
}  // namespace rastream
