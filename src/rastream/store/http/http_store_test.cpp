// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/http_store.h"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "rastream/store/block_cache.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

/// A server that keeps what it is sent; each of its habits can be changed.
class KeepingServer {
 public:
  KeepingServer() : server_([this](const auto& r, auto& c) { serve(r, c); }) {}
  std::string url(const std::string& path) const { return server_.url(path); }

  bool answers_head = true;
  bool serves_ranges = true;
  int version = 1;
  std::atomic<int> n_requests = 0;
  std::string last_target;

 private:
  void serve(const ServedRequest& request, ServedConnection& connection) {
    const std::lock_guard lock(mutex_);
    ++n_requests;
    last_target = request.target;
    const std::string etag = fmt::format("ETag: \"{}\"\r\n", version);
    if (request.method == "PUT") {
      values_[request.path()] = request.body;
      return connection.answer(201, "");
    }
    const auto it = values_.find(request.path());
    if (values_.contains(request.path() + "/x"))
      return connection.answer(301, "", "Location: " + request.path() + "/\r\n");
    if (request.path().ends_with('/')) return connection.answer(200, "<html>a list</html>");
    if (request.method == "DELETE") {
      const bool was_there = values_.erase(request.path()) > 0;
      return connection.send(was_there ? "HTTP/1.1 204 No Content\r\n\r\n"
                                       : "HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n");
    }
    const bool is_head = request.method == "HEAD";
    if (is_head && !answers_head) return connection.answer_head(405, "");
    if (it == values_.end())
      return is_head ? connection.answer_head(404, "") : connection.answer(404, "");
    if (is_head) return connection.answer_head(200, it->second, etag);
    answer_get(request, connection, it->second, etag);
  }

  void answer_get(const ServedRequest& request, ServedConnection& connection,
                  const std::string& value, const std::string& etag) const {
    unsigned long long begin = 0;
    unsigned long long last = 0;
    const int n = std::sscanf(request.header("Range").c_str(), "bytes=%llu-%llu", &begin, &last);
    if (n < 1 || !serves_ranges) return connection.answer(200, value, etag);
    if (begin >= value.size())
      return connection.answer(416, "", fmt::format("Content-Range: bytes */{}\r\n", value.size()));
    const std::size_t end = n == 2 ? std::min<std::size_t>(last + 1, value.size()) : value.size();
    connection.answer(
        206, value.substr(begin, end - begin),
        etag + fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin, end - 1, value.size()));
  }

  std::mutex mutex_;
  std::map<std::string, std::string> values_;
  LoopbackServer server_;
};

class HttpStores : public testing::Test {
 protected:
  KeepingServer server_;
  std::shared_ptr<HttpClient> client_ = std::make_shared<HttpClient>();
  HttpStore store_{server_.url("/data"), client_};
};

TEST_F(HttpStores, AValueIsWrittenReadWholeAndByRangeAndErased) {
  EXPECT_FALSE(store_.get("a/b"));
  EXPECT_FALSE(store_.size("a/b"));
  EXPECT_NO_THROW(store_.erase("a/b"));
  store_.put("a/b", bytes_of("0123456789"));
  for (const bool with_head : {true, false}) {
    for (const bool with_ranges : {true, false}) {
      server_.answers_head = with_head;
      server_.serves_ranges = with_ranges;
      EXPECT_EQ(text_of(store_.get("a/b")), "0123456789");
      EXPECT_EQ(store_.size("a/b"), 10);
      EXPECT_EQ(text_of(store_.get("a/b", {2, 5})), "234");
      EXPECT_EQ(text_of(store_.get("a/b", {7, -1})), "789");
      EXPECT_EQ(text_of(store_.get("a/b", {3, 3})), "");
    }
  }
  store_.put("a/b", {});
  EXPECT_EQ(text_of(store_.get("a/b")), "");
  EXPECT_EQ(store_.size("a/b"), 0);
  store_.erase("a/b");
  EXPECT_FALSE(store_.get("a/b"));
}

TEST_F(HttpStores, ARangeBeyondTheValueIsDataLoss) {
  store_.put("k", bytes_of("0123"));
  for (const bool with_ranges : {true, false}) {
    server_.serves_ranges = with_ranges;
    for (const ByteRange range : {ByteRange{0, 5}, ByteRange{5, -1}, ByteRange{100, 200}})
      EXPECT_EQ(code_of([&] { store_.get("k", range); }), Errc::data_loss);
    EXPECT_EQ(code_of([&] { store_.get("k", {3, 1}); }), Errc::invalid_argument);
    EXPECT_EQ(code_of([&] { store_.get("k", {-1, 2}); }), Errc::invalid_argument);
  }
  server_.serves_ranges = true;
  EXPECT_EQ(text_of(store_.get("k", {4, -1})), "");
}

TEST_F(HttpStores, AFolderIsNoValueAndNothingIsListed) {
  store_.put("folder/x", bytes_of("1"));
  EXPECT_FALSE(store_.get("folder"));
  EXPECT_FALSE(store_.size("folder"));
  EXPECT_EQ(code_of([&] { store_.list(""); }), Errc::unsupported);
  EXPECT_EQ(code_of([&] { store_.children("a/"); }), Errc::unsupported);
}

TEST_F(HttpStores, AKeyIsEncodedAndTheQueryGoesAlongUnseen) {
  HttpStore store(server_.url("/data?authz=canary"), client_);
  store.put("a b/50%?", bytes_of("1"));
  EXPECT_EQ(server_.last_target, "/data/a%20b/50%25%3F?authz=canary");
  EXPECT_EQ(store.url().find("canary"), std::string::npos);
  EXPECT_EQ(code_of([&] { store.get("../x"); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { store.get("/x"); }), Errc::invalid_argument);
  try {
    store.get("a b/50%?", {5, 9});
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()).find("canary"), std::string::npos) << e.what();
  }
}

TEST_F(HttpStores, AValueOfAnotherVersionIsNotPassedOn) {
  store_.put("k", bytes_of("0123456789"));
  const auto info = store_.info("k");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->size_bytes, 10);
  EXPECT_EQ(text_of(store_.get_version("k", {1, 3}, info->version)), "12");
  server_.version = 2;
  EXPECT_EQ(code_of([&] { store_.get_version("k", {1, 3}, info->version); }), Errc::data_loss);
}

TEST_F(HttpStores, ACacheInFrontSavesRequestsAndSeesAChange) {
  store_.put("k", bytes_of("0123456789"));
  BlockCacheOptions options;
  options.block_bytes = 4;
  BlockCacheStore cache(std::make_shared<HttpStore>(server_.url("/data"), client_), options);
  EXPECT_EQ(text_of(cache.get("k", {1, 3})), "12");
  const int n = server_.n_requests;
  EXPECT_EQ(text_of(cache.get("k", {0, 4})), "0123");
  EXPECT_EQ(server_.n_requests, n);
  store_.put("k", bytes_of("abcdefghij"));
  server_.version = 2;
  EXPECT_EQ(text_of(cache.get("k", {0, 10})), "abcdefghij");
}

TEST_F(HttpStores, AreOpenedByTheirUrl) {
  EXPECT_EQ(open_store("https://host.example/data?token=x")->url(),
            "https://host.example/data?...");
}

}  // namespace
}  // namespace rastream
