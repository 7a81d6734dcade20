// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/serve/stac_answers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "rastream/base/text_file.h"
#include "rastream/catalog/api/stac_api.h"
#include "rastream/catalog/serve/stac_links.h"
#include "rastream/catalog/serve/stac_server.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBase = "http://127.0.0.1:1";

/// 25 items of a collection, and one that is in none, below a catalog.
class StacServing : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / fmt::format("rastream_{}_{}", info->name(), ::getpid());
    fs::create_directories(folder_);
    Json root = document("Catalog", "root");
    Json collection = document("Collection", "a/b");
    for (int i = 0; i < 25; ++i) {
      write_item(fmt::format("i{:02}", i), i);
      link(collection, "item", fmt::format("i{:02}.json", i));
    }
    link(collection, "license", "license.txt");
    link(root, "child", "collection.json");
    link(root, "item", "alone.json");
    write_item("alone", 99);
    write_text_file((folder_ / "collection.json").string(), collection.dump());
    write_text_file((folder_ / "catalog.json").string(), root.dump());
    build_index((folder_ / "catalog.json").string(), index());
    answers_ = std::make_unique<StacAnswers>(Index::open(index()));
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Json document(const char* type, const char* id) {
    return {{"type", type},
            {"id", id},
            {"stac_version", "1.0.0"},
            {"description", "text"},
            {"links", Json::array()}};
  }
  static void link(Json& json, const char* rel, const std::string& href) {
    json["links"].push_back({{"rel", rel}, {"href", href}});
  }
  void write_item(const std::string& id, int i) const {
    const Json json = {
        {"type", "Feature"},
        {"stac_version", "1.0.0"},
        {"id", id},
        {"geometry", {{"type", "Point"}, {"coordinates", {i, 50}}}},
        {"bbox", {i, 50, i, 50}},
        {"links", Json::array()},
        {"assets", {{"data", {{"href", "./" + id + ".tif"}}}}},
        {"properties", {{"datetime", fmt::format("20{:02}-01-01T00:00:00Z", i)}, {"n", i}}}};
    write_text_file((folder_ / (id + ".json")).string(), json.dump());
  }
  std::string index() const { return (folder_ / "catalog.index").string(); }

  Json get(std::vector<std::string> path,
           std::vector<std::pair<std::string, std::string>> query = {}, int status = 200) const {
    const ServeAnswer answer =
        answers_->answer({"GET", std::move(path), std::move(query), "", kBase});
    EXPECT_EQ(answer.status, status) << answer.body;
    return parse_json(answer.body, "answer");
  }
  Json post(const Json& body, int status = 200) const {
    const ServeAnswer answer = answers_->answer({"POST", {"search"}, {}, body.dump(), kBase});
    EXPECT_EQ(answer.status, status) << answer.body;
    return parse_json(answer.body, "answer");
  }
  static std::vector<std::string> ids(const Json& page) {
    std::vector<std::string> out;
    for (const Json& item : page.at("features")) out.push_back(item.at("id"));
    return out;
  }
  static const Json* find_link(const Json& document, std::string_view rel) {
    for (const Json& link : document.at("links"))
      if (link.at("rel") == rel) return &link;
    return nullptr;
  }

  fs::path folder_;
  std::unique_ptr<StacAnswers> answers_;
};

TEST_F(StacServing, TheLandingPageLeadsEverywhere) {
  const Json landing = get({});
  EXPECT_EQ(landing.at("id"), "root");
  for (const char* rel : {"self", "root", "data", "search", "conformance", "service-desc", "child"})
    EXPECT_NE(find_link(landing, rel), nullptr) << rel;
  EXPECT_EQ(get({"conformance"}).at("conformsTo"), landing.at("conformsTo"));
  EXPECT_TRUE(get({"api"}).at("paths").contains("/search"));
  EXPECT_TRUE(get({"queryables"}).at("properties").contains("n"));
}

TEST_F(StacServing, CollectionsHaveWhatTheSpecificationAsksFor) {
  const Json all = get({"collections"});
  ASSERT_EQ(all.at("collections").size(), 2U) << "the catalog's own item needs one as well";
  const Json one = get({"collections", "a/b"});
  EXPECT_EQ(one.at("extent").at("temporal").at("interval")[0],
            Json({"2000-01-01T00:00:00Z", "2024-01-01T00:00:00Z"}));
  EXPECT_EQ(one.at("extent").at("spatial").at("bbox")[0], Json({0, 50, 24, 50}));
  EXPECT_EQ(find_link(one, "items")->at("href"), std::string(kBase) + "/collections/a%2Fb/items");
  EXPECT_EQ(find_link(one, "license")->at("href"), "file://" + (folder_ / "license.txt").string());
  EXPECT_EQ(get({"collections", "root", "items"}).at("numberMatched"), 1);
  get({"collections", "absent"}, {}, 404);
}

TEST_F(StacServing, AnItemKnowsItsPlaceAndItsFiles) {
  const Json item = get({"collections", "a/b", "items", "i03"});
  EXPECT_EQ(item.at("collection"), "a/b");
  EXPECT_EQ(item.at("assets").at("data").at("href"), "file://" + (folder_ / "i03.tif").string());
  EXPECT_EQ(find_link(item, "self")->at("href"),
            std::string(kBase) + "/collections/a%2Fb/items/i03");
  get({"collections", "a/b", "items", "alone"}, {}, 404);
  get({"collections", "a/b", "items", "i03", "more"}, {}, 404);
}

TEST_F(StacServing, WhatAnHrefNamesStaysTheSame) {
  EXPECT_EQ(served_href("./two words.tif", "/data/item.json"), "file:///data/two%20words.tif");
  EXPECT_EQ(served_href("file:///data/x.tif", "/a/item.json"), "file:///data/x.tif");
  EXPECT_EQ(served_href("x.tif", "https://example.org/a/item.json"), "https://example.org/a/x.tif");
  EXPECT_EQ(served_href("x.tif", "s3://bucket/a/item.json"), "s3://bucket/a/x.tif");
  EXPECT_EQ(served_href("s3://bucket/x.tif", "/a/item.json"), "s3://bucket/x.tif");
  for (const char* same :
       {"mailto:x@y", "doi:10.5/x", "data:image/png;base64,aa", "/vsicurl/https://h/x"})
    for (const char* from : {"https://example.org/item.json", "/data/item.json"})
      EXPECT_EQ(served_href(same, from), same);
  EXPECT_EQ(served_href("sub/two words%20.tif", "https://example.org/a/item.json"),
            "https://example.org/a/sub/two%20words%20.tif");
  EXPECT_FALSE(
      served_href("file:///data/x.tif", "https://example.org/item.json").starts_with("file:"));
}

TEST_F(StacServing, PagesOfBothMethodsMeetAtTheEnd) {
  std::vector<std::string> by_get;
  std::vector<std::pair<std::string, std::string>> query = {{"limit", "10"},
                                                            {"collections", "a/b"}};
  for (int page = 0; page < 9; ++page) {
    const Json found = get({"search"}, query);
    EXPECT_EQ(found.at("numberMatched"), 25);
    for (const std::string& id : ids(found)) by_get.push_back(id);
    const Json* next = find_link(found, "next");
    if (next == nullptr) break;
    const std::string href = next->at("href");
    query = {
        {"limit", "10"}, {"collections", "a/b"}, {"token", href.substr(href.find("token=") + 6)}};
  }
  EXPECT_EQ(by_get.size(), 25U);
  std::vector<std::string> by_post;
  Json body = {{"limit", 10}, {"sortby", {{{"field", "n"}, {"direction", "desc"}}}}};
  for (int page = 0; page < 9; ++page) {
    const Json found = post(body);
    for (const std::string& id : ids(found)) by_post.push_back(id);
    const Json* next = find_link(found, "next");
    if (next == nullptr) break;
    body = next->at("body");
  }
  ASSERT_EQ(by_post.size(), 26U);
  EXPECT_EQ(by_post.front(), "alone");
  EXPECT_EQ(by_post.back(), "i00");
}

TEST_F(StacServing, EveryConditionIsTaken) {
  EXPECT_EQ(ids(get({"search"}, {{"filter", "n >= 23"}, {"filter-lang", "cql2-text"}})).size(), 3U);
  EXPECT_EQ(ids(post({{"filter", {{"op", "="}, {"args", {{{"property", "n"}}, 4}}}}})),
            (std::vector<std::string>{"i04"}));
  EXPECT_EQ(ids(post({{"query", {{"n", {{"lt", 2}}}}}})).size(), 2U);
  EXPECT_EQ(ids(post({{"bbox", {3, 49, 5, 51}}})).size(), 3U);
  EXPECT_EQ(ids(post({{"intersects", {{"type", "Point"}, {"coordinates", {7, 50}}}}})).size(), 1U);
  EXPECT_EQ(ids(post({{"datetime", "2001-01-01T00:00:00Z/2003-01-01T00:00:00Z"}})).size(), 3U);
  EXPECT_EQ(ids(post({{"ids", {"i01", "alone"}}})).size(), 2U);
  const Json few = post({{"ids", {"i01"}}, {"fields", {{"include", {"properties.n"}}}}});
  EXPECT_EQ(few.at("features")[0].at("properties"), Json({{"n", 1}}));
}

TEST_F(StacServing, WhatIsNotUnderstoodIs400AndNothingElse) {
  for (const auto& query :
       std::vector<std::pair<std::string, std::string>>{{"limit", "0"},
                                                        {"limit", "x"},
                                                        {"bbox", "1,2"},
                                                        {"datetime", "x"},
                                                        {"datetime", "2001"},
                                                        {"datetime", "2001-01-01T00:00:00"},
                                                        {"filter", "("},
                                                        {"token", "abc"},
                                                        {"token", "-1"},
                                                        {"intersects", "{"},
                                                        {"filter", "f(a)"}})
    EXPECT_TRUE(get({"search"}, {query}, 400).contains("description")) << query.first;
  EXPECT_EQ(answers_->answer({"POST", {"search"}, {}, "{", kBase}).status, 400);
  EXPECT_EQ(answers_->answer({"POST", {"search"}, {}, R"({"token":5})", kBase}).status, 400);
  EXPECT_EQ(answers_->answer({"DELETE", {"search"}, {}, "", kBase}).status, 405);
  EXPECT_EQ(answers_->answer({"POST", {"collections"}, {}, "", kBase}).status, 405);
  get({"nothing"}, {}, 404);
  EXPECT_TRUE(ids(get({"search"}, {{"token", "999999999"}})).empty());
  EXPECT_EQ(ids(get({"search"}, {{"limit", "99999999999999999999"}})).size(), 26U);
  EXPECT_EQ(ids(post({{"limit", 1000000}})).size(), 26U);
  EXPECT_EQ(ids(get({"search"}, {{"datetime", "/2001-01-01T00:00:00Z"}})).size(), 2U);
}

TEST_F(StacServing, OurClientReadsOurServer) {
  StacServer server(StacAnswers(Index::open(index())), {});
  std::jthread thread([&](const std::stop_token& stop) { server.run(stop); });
  ApiOptions options;
  options.client = std::make_shared<HttpClient>();
  const StacApi api = StacApi::open(server.url() + "/", options);
  for (const ApiMethod method : {ApiMethod::get, ApiMethod::post}) {
    Search search;
    set_parameter(search, "limit", "7");
    set_parameter(search, "filter", "n < 20");
    complete_search(search);
    ItemSearch found = api.search(search, method);
    int n = 0;
    while (const auto item = found.next()) ++n;
    EXPECT_EQ(n, 20);
    EXPECT_EQ(api.matched(search, method), 20);
  }
  EXPECT_EQ(api.item(api.collection("a/b"), "i05").collection, "a/b");
  EXPECT_EQ(api.collections().size(), 2U);
  EXPECT_TRUE(api.queryables("a/b").at("properties").contains("n"));
}

TEST_F(StacServing, AnotherHostsNameIsRefused) {
  StacServer server(StacAnswers(Index::open(index())), {});
  std::jthread thread([&](const std::stop_token& stop) { server.run(stop); });
  HttpClient client;
  HttpRequest request;
  request.url = server.url() + "/search";
  for (const char* host : {"evil.example", "evil.example:80", "127.0.0.1"}) {
    request.headers = {{"Host", host}};
    EXPECT_EQ(client.send(request).status, 421) << host;
  }
  request.headers = {};
  EXPECT_EQ(client.send(request).status, 200);
  request.method = "POST";
  request.body = std::string(5 << 20, ' ');
  EXPECT_EQ(client.send(request).status, 413);
}

}  // namespace
}  // namespace rastream
