// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/api/stac_api.h"

#include <gtest/gtest.h>

#include <mutex>

#include "rastream/catalog/api/free_text.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

std::string item_text_of(const std::string& id, const std::string& collection = "c") {
  return fmt::format(
      R"({{"type":"Feature","stac_version":"1.0.0","id":"{}","collection":"{}","geometry":null,)"
      R"("bbox":[1,2,3,4],"properties":{{"datetime":"2020-01-01T00:00:00Z"}},"links":[],)"
      R"("assets":{{}}}})",
      id, collection);
}

std::string page_text(const std::vector<std::string>& ids, const std::string& next = "",
                      const std::string& more = "") {
  std::string features;
  for (const std::string& id : ids) features += (features.empty() ? "" : ",") + item_text_of(id);
  return R"({"type":"FeatureCollection","features":[)" + features + R"(],"links":[)" + next + "]" +
         more + "}";
}

std::string next_link(const std::string& members) { return R"({"rel":"next",)" + members + "}"; }

/// A STAC API whose answers a test writes, and what it was asked.
class FakeApi {
 public:
  using Answer = std::function<void(const ServedRequest&, ServedConnection&)>;
  explicit FakeApi(Answer answer, std::vector<std::string> conformance = {"core", "item-search",
                                                                          "collections"})
      : conformance_(std::move(conformance)), answer_(std::move(answer)) {}

  std::string url(const std::string& path = "/") const { return server_.url(path); }
  std::vector<ServedRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  StacApi open(ApiOptions options = {}) const {
    if (!options.client) options.client = client();
    return StacApi::open(url(), std::move(options));
  }
  static std::shared_ptr<HttpClient> client() {
    HttpOptions options;
    options.clock.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
    return std::make_shared<HttpClient>(options);
  }

 private:
  void serve(const ServedRequest& request, ServedConnection& connection) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    if (request.path() != "/") return answer_(request, connection);
    std::string uris;
    for (const std::string& c : conformance_)
      uris += (uris.empty() ? "\"" : ",\"") + ("https://api.stacspec.org/v1.0.0/" + c) + "\"";
    connection.answer(200, R"({"type":"Catalog","id":"api","stac_version":"1.0.0",
      "description":"","conformsTo":[)" + uris + R"(],"links":[
      {"rel":"search","type":"application/geo+json","href":"/search"},
      {"rel":"data","type":"application/json","href":"./collections"}]})");
  }

  std::vector<std::string> conformance_;
  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<ServedRequest> requests_;
  LoopbackServer server_{[this](const ServedRequest& r, ServedConnection& c) { serve(r, c); }};
};

std::vector<std::string> ids_of(ItemSearch search) {
  std::vector<std::string> ids;
  while (const auto item = search.next()) ids.push_back(item->id);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(StacApi, APostPagesByABodyOfItsOwn) {
  FakeApi api([](const ServedRequest& request, ServedConnection& connection) {
    const bool is_first = request.body.find("token") == std::string::npos;
    const std::string next = next_link(R"("href":"/search","method":"POST","body":{"token":"2"})");
    connection.answer(200, is_first ? page_text({"a", "b"}, next) : page_text({"c"}));
  });
  Search search;
  set_parameter(search, "collections", "c");
  set_parameter(search, "limit", "2");
  EXPECT_EQ(ids_of(api.open().search(search)), (Ids{"a", "b", "c"}));
  const auto requests = api.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[1].method, "POST");
  EXPECT_EQ(parse_json(requests[1].body, ""), parse_json(R"({"limit":2,"collections":["c"]})", ""));
  EXPECT_EQ(requests[2].body, R"({"token":"2"})");
}

TEST(StacApi, AMergedBodyKeepsTheConditions) {
  FakeApi api([](const ServedRequest& request, ServedConnection& connection) {
    const bool is_first = request.body.find("page") == std::string::npos;
    const std::string next = next_link(
        R"("href":"/search","method":"POST","merge":true,"body":{"page":2},"headers":{"X-Page":"2",
           "Host":"evil","Content-Length":"1"})");
    connection.answer(200, is_first ? page_text({"a"}, next) : page_text({"b"}));
  });
  Search search;
  set_parameter(search, "ids", "a,b");
  EXPECT_EQ(ids_of(api.open().search(search)), (Ids{"a", "b"}));
  const auto requests = api.requests();
  EXPECT_EQ(parse_json(requests[2].body, ""), parse_json(R"({"ids":["a","b"],"page":2})", ""));
  EXPECT_EQ(requests[2].header("X-Page"), "2");
  EXPECT_NE(requests[2].header("Host"), "evil");
}

TEST(StacApi, AGetPagesByItsLinksAlone) {
  FakeApi api([](const ServedRequest& request, ServedConnection& connection) {
    const bool is_first = request.target.find("token") == std::string::npos;
    connection.answer(200, is_first ? page_text({"a"}, R"({"rel":"next","href":"search?token=2"})")
                                    : page_text({"b"}));
  });
  Search search;
  set_parameter(search, "bbox", "1,2,3,4");
  EXPECT_EQ(ids_of(api.open().search(search, ApiMethod::get)), (Ids{"a", "b"}));
  EXPECT_EQ(api.requests()[1].target, "/search?bbox=1.0%2C2.0%2C3.0%2C4.0");
  EXPECT_EQ(api.requests()[2].target, "/search?token=2");
}

TEST(StacApi, AServerWithoutPostIsAskedByGet) {
  FakeApi api([](const ServedRequest& request, ServedConnection& connection) {
    if (request.method == "POST") return connection.answer(405, "no");
    connection.answer(200, page_text({"a"}, "", R"(,"numberMatched":7)"));
  });
  EXPECT_EQ(ids_of(api.open().search({})), (Ids{"a"}));
  EXPECT_EQ(api.open().matched({}), 7);
}

TEST(StacApi, MaxItemsEndsAndBoundsThePages) {
  FakeApi api([](const ServedRequest&, ServedConnection& connection) {
    connection.answer(200, page_text({"a", "b", "c"}, next_link(R"("href":"/search?2")")));
  });
  Search search;
  search.max_items = 2;
  search.limit = 100;
  EXPECT_EQ(ids_of(api.open().search(search)), (Ids{"a", "b"}));
  EXPECT_EQ(api.requests().size(), 2U);
  EXPECT_EQ(api.requests()[1].body, R"({"limit":2})");
}

TEST(StacApi, MatchedIsReadFromBothPlaces) {
  for (const char* more : {R"(,"numberMatched":42)", R"(,"context":{"matched":42})"}) {
    FakeApi api([&](const ServedRequest&, ServedConnection& connection) {
      connection.answer(200, page_text({"a"}, "", more));
    });
    EXPECT_EQ(api.open().matched({}), 42) << more;
    EXPECT_EQ(api.requests()[1].body, R"({"limit":1})");
  }
  FakeApi silent([](const ServedRequest&, ServedConnection& connection) {
    connection.answer(200, page_text({"a"}));
  });
  EXPECT_EQ(silent.open().matched({}), std::nullopt);
}

TEST(StacApi, AnAnswerWithoutAnEndIsRefusedWithItsCause) {
  struct Case {
    const char* cause;
    std::function<std::string(int page)> answer;
  };
  const auto to = [](const std::string& href) { return next_link("\"href\":\"" + href + "\""); };
  const Case cases[] = {
      {"read before", [&](int page) { return page_text({fmt::format("i{}", page)}, to("/self")); }},
      {"read before",
       [&](int page) {
         return page_text({fmt::format("i{}", page)}, to(page % 2 ? "/search?a" : "/search?b"));
       }},
      {"only features that earlier pages had",
       [&](int page) { return page_text({"same"}, to(fmt::format("/search?page={}", page))); }},
      {"is empty",
       [&](int page) { return page_text({}, to(fmt::format("/search?page={}", page))); }},
      {"still a next one",
       [&](int page) {
         return page_text({fmt::format("i{}", page)}, to(fmt::format("/search?page={}", page)));
       }},
      {"in its href",
       [&](int page) {
         return page_text({fmt::format("i{}", page)},
                          to("/search?x=" + std::string(std::size_t{1} << (page + 8), 'x')));
       }},
  };
  for (const Case& one : cases) {
    std::atomic<int> page = 0;
    FakeApi api([&](const ServedRequest&, ServedConnection& connection) {
      connection.answer(200, one.answer(++page));
    });
    const StacApi open = api.open({.max_pages = 50});
    expect_refused(Errc::data_loss, one.cause, [&] { ids_of(open.search({})); });
    EXPECT_LE(page, 51);
  }
}

TEST(StacApi, AnItemThatComesAgainIsLeftOut) {
  FakeApi api([](const ServedRequest& request, ServedConnection& connection) {
    const bool is_first = request.target == "/search";
    connection.answer(200, is_first ? page_text({"a", "b"}, next_link(R"("href":"/search?2")"))
                                    : page_text({"b", "c"}));
  });
  ItemSearch search = api.open().search({}, ApiMethod::get);
  EXPECT_EQ(search.next_page().size(), 2U);
  EXPECT_EQ(search.next_page().size(), 1U);
  EXPECT_EQ(search.n_repeated(), 1);
}

TEST(StacApi, AFewEmptyPagesAreNotTheEnd) {
  FakeApi api([](const ServedRequest& request, ServedConnection& connection) {
    const bool is_first = request.target == "/search";
    connection.answer(
        200, is_first ? page_text({}, next_link(R"("href":"/search?2")")) : page_text({"late"}));
  });
  EXPECT_EQ(ids_of(api.open().search({}, ApiMethod::get)), (Ids{"late"}));
}

TEST(StacApi, SecretsStayAtHomeWhereverTheNextLinkLeads) {
  std::string seen;
  LoopbackServer foreign(
      [&](const ServedRequest& request, ServedConnection& connection) {
        seen += request.head + request.body;
        connection.answer(200, page_text({"b"}));
      },
      "127.0.0.2");
  FakeApi api([&](const ServedRequest&, ServedConnection& connection) {
    connection.answer(200, page_text({"a"}, next_link("\"href\":\"" + foreign.url("/n") +
                                                      R"(","headers":{"X-Link":"canary-3"})")));
  });
  ApiOptions options;
  options.headers = {{"Authorization", "Bearer canary-1"}};
  options.parameters = {{"key", "canary-2"}};
  EXPECT_EQ(ids_of(api.open(options).search({})), (Ids{"a", "b"}));
  EXPECT_FALSE(seen.empty());
  EXPECT_EQ(seen.find("canary"), std::string::npos) << seen;
  for (const ServedRequest& request : api.requests()) {
    EXPECT_EQ(request.header("Authorization"), "Bearer canary-1");
    EXPECT_NE(request.target.find("key=canary-2"), std::string::npos);
  }
}

TEST(StacApi, WhatIsNoPageIsRefused) {
  for (const char* body :
       {"", "[]", "{}", "null", "{", R"({"features":{}})", R"({"features":[1]})",
        R"({"features":[],"links":[{"rel":"next"}]})",
        R"({"features":[],"links":[{"rel":"next","href":"/x","method":"DELETE"}]})"}) {
    FakeApi api([&](const ServedRequest&, ServedConnection& connection) {
      connection.answer(200, body);
    });
    EXPECT_EQ(code_of([&] { ids_of(api.open().search({})); }), Errc::data_loss) << body;
  }
  FakeApi api([](const ServedRequest&, ServedConnection& connection) {
    connection.answer(200, page_text({"a"}, next_link(R"("href":"file:///etc/passwd")")));
  });
  EXPECT_EQ(code_of([&] { ids_of(api.open().search({})); }), Errc::invalid_argument);
}

TEST(StacApi, ABusyServerIsAskedAgain) {
  std::atomic<int> n = 0;
  FakeApi api([&](const ServedRequest&, ServedConnection& connection) {
    if (++n < 3) return connection.answer(n == 1 ? 503 : 429, "later", "Retry-After: 1\r\n");
    connection.answer(200, page_text({"a"}));
  });
  EXPECT_EQ(ids_of(api.open().search({})), (Ids{"a"}));
  EXPECT_EQ(n, 3);
}

TEST(StacApi, ItemsOfLargeAnswersAreAPageAtATime) {
  FakeApi api([](const ServedRequest& request, ServedConnection& connection) {
    const std::size_t at = request.target.find('?');
    const int page = at == std::string::npos ? 0 : std::stoi(request.target.substr(at + 1));
    std::vector<std::string> ids;
    for (int i = 0; i < 500; ++i) ids.push_back(fmt::format("i{}", page * 500 + i));
    const std::string next = next_link(fmt::format("\"href\":\"/search?{}\"", page + 1));
    connection.answer(200, page_text(ids, page < 19 ? next : ""));
  });
  EXPECT_EQ(ids_of(api.open().search({}, ApiMethod::get)).size(), 10'000U);
}

constexpr const char* kCollections = R"({"collections":[
  {"type":"Collection","id":"s2","stac_version":"1.0.0","title":"Sentinel-2 Level-2A",
   "description":"optical","keywords":["msi"],"license":"x","links":[],
   "extent":{"spatial":{"bbox":[[0,0,10,10]]},"temporal":{"interval":[["2015-01-01T00:00:00Z",null]]}}},
  {"type":"Collection","id":"ls","stac_version":"1.0.0","title":"Landsat","description":"thermal",
   "license":"x","links":[],
   "extent":{"spatial":{"bbox":[[170,-10,-170,10]]},
   "temporal":{"interval":[["1980-01-01T00:00:00Z","2000-01-01T00:00:00Z"]]}}}],"links":[]})";

Ids collections_of(const StacApi& api, std::initializer_list<std::pair<const char*, const char*>> p) {
  Search search;
  for (const auto& [name, value] : p) set_parameter(search, name, value);
  Ids ids;
  for (const Collection& c : api.collections(search)) ids.push_back(c.id);
  return ids;
}

TEST(StacApi, CollectionsAreSearchedHereWhereTheServerDoesNot) {
  FakeApi api([](const ServedRequest&, ServedConnection& connection) {
    connection.answer(200, kCollections);
  });
  const StacApi open = api.open();
  EXPECT_EQ(collections_of(open, {}), (Ids{"s2", "ls"}));
  EXPECT_EQ(collections_of(open, {{"bbox", "5,5,6,6"}}), (Ids{"s2"}));
  EXPECT_EQ(collections_of(open, {{"bbox", "-175,0,-172,5"}}), (Ids{"ls"}));
  EXPECT_EQ(collections_of(open, {{"datetime", "1990"}}), (Ids{"ls"}));
  EXPECT_EQ(collections_of(open, {{"datetime", "2024/.."}}), (Ids{"s2"}));
  EXPECT_EQ(collections_of(open, {{"q", "sentinel"}}), (Ids{"s2"}));
  EXPECT_EQ(collections_of(open, {{"q", "sentinel,thermal"}}), (Ids{"s2", "ls"}));
  expect_refused(Errc::unsupported, "collections",
                 [&] { collections_of(open, {{"query", "a=1"}}); });
}

TEST(StacApi, OneCollectionAndOneItemAreFoundOrNamed) {
  FakeApi api(
      [](const ServedRequest& request, ServedConnection& connection) {
        if (request.path() == "/collections/c%20c")
          connection.answer(200, R"({"type":"Collection","id":"c c","stac_version":"1.0.0",
            "description":"","license":"x","links":[{"rel":"items","href":"c%20c/items"}]})");
        else if (request.path() == "/collections/c%20c/items/a%2Fb")
          connection.answer(200, item_text_of("a/b"));
        else
          connection.answer(404, R"({"code":"NotFoundError"})");
      },
      {"core", "item-search", "collections", "ogcapi-features"});
  const StacApi open = api.open();
  const Collection collection = open.collection("c c");
  EXPECT_EQ(open.item(collection, "a/b").id, "a/b");
  expect_refused(Errc::not_found, "no item 'x'", [&] { open.item(collection, "x"); });
  expect_refused(Errc::not_found, "no collection 'x'", [&] { open.collection("x"); });
}

TEST(StacApi, QueryablesOfSeveralCollectionsAgree) {
  FakeApi api(
      [](const ServedRequest& request, ServedConnection& connection) {
        const bool is_a = request.path() == "/collections/a/queryables";
        connection.answer(200, is_a ? R"({"$id":"a","additionalProperties":true,"properties":{
                                          "x":{"type":"number"},"y":{"type":"string"}}})"
                                    : R"({"$id":"b","additionalProperties":true,"properties":{
                                          "x":{"type":"integer"},"z":{"type":"string"}}})");
      },
      {"core", "item-search", "item-search#filter"});
  EXPECT_EQ(api.open().merged_queryables({"a", "b"}),
            parse_json(R"({"additionalProperties":true,"properties":{"y":{"type":"string"},
                           "z":{"type":"string"}}})", ""));
  FakeApi without([](const ServedRequest&, ServedConnection& c) { c.answer(200, "{}"); });
  expect_refused(Errc::unsupported, "FILTER", [&] { without.open().queryables(); });
}

TEST(StacApi, WhatAnApiCannotDoIsSaid) {
  FakeApi api([](const ServedRequest&, ServedConnection& c) { c.answer(200, "{}"); }, {"core"});
  StacApi open = api.open();
  expect_refused(Errc::unsupported, "ITEM_SEARCH", [&] { open.search({}); });
  open.conformance().add("item_search");
  EXPECT_TRUE(open.can_search());
  open.conformance().remove("ITEM_SEARCH");
  EXPECT_FALSE(open.can_search());
  expect_refused(Errc::invalid_argument, "CORE, COLLECTIONS", [&] { open.conformance().add("X"); });
}

TEST(Conformance, ClassesOfExtensionsGoWithTheirOwn) {
  Conformance c({"https://api.stacspec.org/v1.0.0-rc.2/item-search#filter", "http://other/core"});
  EXPECT_TRUE(c.has("FILTER"));
  EXPECT_TRUE(c.has("ITEM_SEARCH"));
  EXPECT_FALSE(c.has("SORT"));
  EXPECT_FALSE(c.has("CORE"));
  c.remove("ITEM_SEARCH");
  EXPECT_FALSE(c.has("FILTER"));
  EXPECT_EQ(c.uris(), (Ids{"http://other/core"}));
}

TEST(FreeText, WordsAreFoundAsTheStandardSays) {
  const Ids texts = {"Sentinel-2 Level-2A", "Surface reflectance, océan colour", "msi, optical"};
  for (const char* q : {"sentinel", "SENTINEL optical", "sentinel,radar", "radar OR optical",
                        "\"surface reflectance\"", "sentinel -radar", "sentinel NOT radar",
                        "+sentinel", "(radar,optical) msi", "ocean", "sentinel-2", "msi AND colour"})
    EXPECT_TRUE(has_words(q, texts)) << q;
  for (const char* q : {"radar", "sentinel radar", "\"reflectance surface\"", "sentinel -optical",
                        "sent", "(radar,sar) msi"})
    EXPECT_FALSE(has_words(q, texts)) << q;
  for (const char* q : {"", "(a", "a)", "\"a", ","})
    EXPECT_EQ(code_of([&] { has_words(q, texts); }), Errc::invalid_argument) << q;
}

}  // namespace
}  // namespace rastream
