// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/dcache.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "rastream/store/staging.h"
#include "rastream/store/store_config.h"
#include "tests/servers/server_process.h"
#include "tests/suites/store_fixture.h"

namespace rastream {
namespace {

const std::string kToken = "canary-macaroon-0123456789";

HttpOptions hasty_options() {
  HttpOptions options;
  options.clock.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
  return options;
}

/// The stand-in, and a store at a folder of it.
struct Place {
  explicit Place(const std::string& folder = "/pnfs/home", bool has_api = true,
                 const std::string& token = "") {
    HttpOptions options = hasty_options();
    if (!token.empty()) {
      Credentials credentials;
      for (const char* port : {"door", "api"}) {
        Credential c;
        c.secret = Secret(token);
        credentials.add(server.origin(port) + "/", c);
      }
      options.credentials = std::make_shared<Credentials>(credentials);
      server.set({{"tokens",
                   {{kToken, Json::object()},
                    {"expired", {{"expires", 1}}},
                    {"read-only", {{"read_only", true}}},
                    {"elsewhere", {{"path", "/pnfs/other"}}}}}});
    }
    server.ask({{"put", folder}, {"folder", true}});
    store = std::make_unique<DCacheStore>("dcache://surf/", server.origin("door") + folder,
                                          has_api ? server.origin("api") + "/api/v1" : "",
                                          std::make_shared<HttpClient>(options));
  }

  void put(const std::string& path, const std::string& text, Json more = Json::object()) {
    more["put"] = path;
    more["text"] = text;
    server.ask(more);
  }

  ServerProcess server{{"python3", "tests/servers/dcache_like.py"}};
  std::unique_ptr<DCacheStore> store;
};

std::unique_ptr<Store> new_store() {
  static Place place;
  static int n_made = 0;
  const std::string folder = fmt::format("/pnfs/s{}", n_made++);
  place.server.ask({{"put", folder}, {"folder", true}});
  return std::make_unique<DCacheStore>("dcache://surf/", place.server.origin("door") + folder,
                                       place.server.origin("api") + "/api/v1",
                                       std::make_shared<HttpClient>(hasty_options()));
}

const auto kStores = testing::Values(StoreFactory{"DCache", new_store});
const auto name_of = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(DCache, StoreSuite, kStores, name_of);
INSTANTIATE_TEST_SUITE_P(DCache, FileSystemSuite, kStores, name_of);

TEST(DCacheStore, CredentialsReachDoorAndFrontendAndNeverAPool) {
  Place place("/pnfs/home", true, kToken);
  place.store->put("a/b.nc", bytes_of("Hello world!"));
  EXPECT_EQ(text_of(place.store->get("a/b.nc")), "Hello world!");
  EXPECT_EQ(text_of(place.store->get("a/b.nc", {6, 11})), "world");
  int n_pool = 0;
  for (const Json& seen : place.server.ask({{"requests", true}})) {
    if (seen["server"] == "pool") {
      ++n_pool;
      EXPECT_EQ(seen.dump().find(kToken), std::string::npos) << seen.dump();
    } else {
      EXPECT_EQ(seen["headers"].value("authorization", ""), "Bearer " + kToken);
      EXPECT_EQ(seen["url"].dump().find(kToken), std::string::npos);
    }
  }
  EXPECT_EQ(n_pool, 3);
}

TEST(DCacheStore, RefusalsAreToldApart) {
  const auto code_with = [](const std::string& token) {
    Place place("/pnfs/home", true, token);
    place.put("/pnfs/home/x", "x");
    return code_of([&] { place.store->put("y", bytes_of("y")); });
  };
  EXPECT_EQ(code_with("expired"), Errc::permission_denied);
  EXPECT_EQ(code_with("read-only"), Errc::permission_denied);
  EXPECT_EQ(code_with("elsewhere"), Errc::permission_denied);
  EXPECT_EQ(code_with("unknown"), Errc::permission_denied);
  Place place("/pnfs/home", true, "expired");
  place.put("/pnfs/home/x", "x");
  const Error e = error_of([&] { place.store->get("x"); });
  EXPECT_EQ(std::string(e.what()).find("expired\""), std::string::npos) << "no token in an error";
  EXPECT_NE(std::string(e.what()).find("401"), std::string::npos) << e.what();
}

TEST(DCacheStore, APoolThatFailsIsAskedForAgainAtTheDoor) {
  Place place;
  place.put("/pnfs/home/x", "value");
  place.server.ask({{"requests", true}});
  place.server.set({{"fail_next", {{{"role", "pool"}, {"method", "GET"}, {"status", 503}}}}});
  EXPECT_EQ(text_of(place.store->get("x")), "value");
  std::vector<std::string> roles;
  for (const Json& seen : place.server.ask({{"requests", true}}))
    roles.push_back(seen["server"].get<std::string>());
  EXPECT_EQ(roles, (std::vector<std::string>{"door", "pool", "door", "pool"}));
}

TEST(DCacheStore, UploadsCarryTheirDigestAndAnnounceTheirBody) {
  Place place;
  place.store->put("x", bytes_of("value"));
  bool has_seen = false;
  for (const Json& seen : place.server.ask({{"requests", true}})) {
    if (seen["method"] != "PUT") continue;
    has_seen = true;
    EXPECT_EQ(seen["headers"].value("content-md5", ""), "IGPBYI1uC6+AJJxC4r5YBA==");
    EXPECT_EQ(seen["headers"].value("expect", ""), "100-continue");
  }
  EXPECT_TRUE(has_seen);
  EXPECT_EQ(to_string(place.store->digests("x").at(0)), "adler32:066a021e");
}

TEST(DCacheStore, DigestsAreFoundByIdOnOlderFrontends) {
  Place place;
  place.put("/pnfs/home/x", "value");
  place.server.set({{"knows_checksum_flag", false}});
  EXPECT_TRUE(place.store->stat("x")->digests.empty());
  EXPECT_EQ(to_string(place.store->digests("x").at(0)), "adler32:066a021e");
}

TEST(DCacheStore, AFolderOfManyPagesIsListedWhole) {
  Place place;
  for (int i = 0; i < 2500; ++i) place.put(fmt::format("/pnfs/home/many/{:04}", i), "");
  EXPECT_EQ(place.store->entries("many").size(), 2500u);
  place.server.set({{"newest_first", true}});
  const auto found = place.store->entries("many");
  EXPECT_EQ(found.front().path, "many/0000") << "in the order of names, whatever the server's";
}

TEST(DCacheStore, FilesOnTapeAreStagedAndSeenToBeReady) {
  Place place;
  for (const char* name : {"a", "b"})
    place.put(fmt::format("/pnfs/home/tape/{}", name), "x", {{"locality", "NEARLINE"}});
  place.put("/pnfs/home/tape/lost", "x", {{"locality", "LOST"}});
  EXPECT_EQ(place.store->stat("tape/a")->locality, Locality::nearline);
  EXPECT_FALSE(place.store->stat("tape")->locality.has_value());
  const std::vector<std::string> paths = {"tape/a", "tape/b", "tape/lost"};
  const std::string request = place.store->stage(paths, std::chrono::hours(24));
  StageState state = place.store->stage_state(request);
  EXPECT_EQ(state.n_waiting, 2);
  EXPECT_EQ(state.failed, std::vector<std::string>{"tape/lost"});
  state = place.store->stage_state(request);
  EXPECT_EQ(state.n_ready, 2);
  EXPECT_EQ(place.store->stat("tape/a")->locality, Locality::online_and_nearline);
  EXPECT_EQ(code_of([&] { place.store->stage_state("no-such-request"); }), Errc::not_found);
}

TEST(DCacheStore, WaitingForTapeShowsHowManyFilesAreThereAndEndsWithTheFirstThatIsLost) {
  Place place;
  for (const char* name : {"a", "b"})
    place.put(fmt::format("/pnfs/home/tape/{}", name), "x", {{"locality", "NEARLINE"}});
  place.put("/pnfs/home/tape/lost", "x", {{"locality", "LOST"}});
  const std::vector<std::string> good = {"tape/a", "tape/b"};
  const std::vector<std::string> all = {"tape/a", "tape/b", "tape/lost"};
  const auto wait = [&](const std::vector<std::string>& paths, bool needs_all, std::string& shown) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* progress = ::open_memstream(&text, &size);
    const auto state = wait_for_stage(
        *place.store, place.store->stage(paths, std::chrono::hours(24)), needs_all, {}, progress);
    std::fclose(progress);
    shown.assign(text, size);
    std::free(text);
    return state;
  };
  std::string shown;
  EXPECT_EQ(wait(good, true, shown)->n_ready, 2);
  EXPECT_NE(shown.find("stage 100 %"), std::string::npos) << shown;
  place.put("/pnfs/home/tape/a", "x", {{"locality", "NEARLINE"}});
  EXPECT_EQ(wait(all, true, shown)->failed, std::vector<std::string>{"tape/lost"});
  EXPECT_EQ(shown.find("stage 100 %"), std::string::npos) << shown;
  EXPECT_EQ(wait(all, false, shown)->n_waiting, 0);
  std::stop_source stopped;
  stopped.request_stop();
  place.put("/pnfs/home/tape/a", "x", {{"locality", "NEARLINE"}});
  const std::string request = place.store->stage(good, std::chrono::hours(24));
  EXPECT_FALSE(wait_for_stage(*place.store, request, true, stopped.get_token()).has_value());
}

TEST(DCacheStore, ADoorAloneServesNamesTooButNoTape) {
  Place place("/pnfs/home", false);
  place.store->put("a/x", bytes_of("value"));
  EXPECT_EQ(place.store->list(""), std::vector<std::string>{"a/x"});
  EXPECT_EQ(to_string(place.store->digests("a/x").at(0)), "adler32:066a021e");
  EXPECT_EQ(place.store->stat("a/x")->locality, Locality::online);
  const std::vector<std::string> paths = {"a/x"};
  EXPECT_EQ(code_of([&] { place.store->stage(paths, std::chrono::hours(1)); }), Errc::unsupported);
}

/// As Python writes it.
std::string repr(const std::string& text) { return "'" + text + "'"; }

std::string repr_of_time(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm t{};
  ::gmtime_r(&seconds, &t);
  return fmt::format("datetime.datetime({}, {}, {}, {}, {}, {}, {})", t.tm_year + 1900,
                     t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, ms % 1000 * 1000);
}

std::string repr_of_names(const std::vector<FileInfo>& files) {
  std::vector<std::string> names;
  for (const FileInfo& info : files) names.push_back(repr("/" + info.path));
  return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string repr_of_info(const FileInfo& info, const std::string& name) {
  return fmt::format("{{'name': {}, 'size': {}, 'type': '{}', 'created': {}, 'modified': {}}}",
                     repr(name), info.size_bytes, info.is_folder ? "directory" : "file",
                     repr_of_time(*info.created_ms), repr_of_time(*info.modified_ms));
}

/// Line breaks are Python's pretty printing.
std::string on_one_line(std::string text) {
  for (std::size_t at; (at = text.find('\n')) != std::string::npos;) text.erase(at, 1);
  for (std::size_t at; (at = text.find("  ")) != std::string::npos;) text.erase(at, 1);
  return text;
}

/// The argument of "fs.NAME("/path"...".
std::string argument(const std::string& call) {
  const std::size_t begin = call.find('"') + 2;  // without the first slash: the store's root
  std::string path = call.substr(begin, call.find('"', begin) - begin);
  while (path.ends_with('/')) path.pop_back();
  return path;
}

class RecordedSession : public testing::Test {
 protected:
  static constexpr std::int64_t kCreated = 1683240455736;  // 2023-05-04 22:47:35.736

  void SetUp() override {
    for (const char* name : {"testdir_1/file_1.txt", "testdir_1/file_2.txt", "testdir_2/file_1.txt",
                             "testdir_2/file_2.txt"}) {
      place_.put(fmt::format("/test/{}", name), "Hello world!",
                 {{"created_ms", kCreated}, {"modified_ms", kCreated + 39}});
    }
    place_.server.ask({{"put", "/test/testdir_1"},
                       {"created_ms", kCreated - 114},
                       {"modified_ms", kCreated + 160}});
    place_.server.set({{"newest_first", true}});
  }

  std::string answer(const std::string& call) {
    DCacheStore& store = *place_.store;
    const std::string function = call.substr(3, call.find('(') - 3);
    const std::string path = function == "cat" && call.find('"') == std::string::npos
                                 ? "test/testdir_1/file_1.txt"
                                 : argument(call);
    if (function == "ls" && call.find("detail=False") != std::string::npos) {
      auto names = store.entries(path);
      std::reverse(names.begin(), names.end());  // dCache's order that day; ours is by name
      if (path == "test/testdir_2") std::reverse(names.begin(), names.end());
      return repr_of_names(names);
    }
    if (function == "ls") return "[" + repr_of_info(*store.stat(path), "/" + path) + "]";
    if (function == "info") return repr_of_info(*store.stat(path), "/" + path + "/");
    if (function == "exists") return store.stat(path) ? "True" : "False";
    if (function == "isdir") return store.stat(path)->is_folder ? "True" : "False";
    if (function == "created") return repr_of_time(*store.stat(path)->created_ms);
    if (function == "size") return std::to_string(store.stat(path)->size_bytes);
    if (function == "glob") return repr_of_names(glob(store, path));
    if (function == "cat") return "b" + repr(text_of(store.get(path)));
    std::vector<FileInfo> files;
    std::int64_t n_bytes = 0;
    walk(store, path, [&](const FileInfo& info) {
      if (info.is_folder) return;
      files.push_back(info);
      n_bytes += info.size_bytes;
    });
    if (function == "find") return repr_of_names(files);
    if (function == "du") return std::to_string(n_bytes);
    return "no such function: " + function;
  }

  Place place_{"/"};
};

TEST_F(RecordedSession, GivesWhatDCacheGave) {
  std::ifstream file("../shared/data/dcache/dcachefs_recording.json");
  if (!file) GTEST_SKIP() << "../shared/data is absent";
  const Json recording = Json::parse(file);
  int n_played = 0;
  for (const Json& step : recording) {
    const std::string call = step["call"];
    if (!call.starts_with("fs.")) continue;  // dask and xarray on top of it
    // Moves and removals have no output, so that they are not recorded; what came shows them.
    if (call == "fs.ls(\"/test/testdir_2/\", detail=False)")
      place_.store->move("test/testdir_2/file_1.txt", "test/testdir_2/file_renamed.txt");
    if (call.starts_with("fs.glob")) place_.store->remove("test/testdir_2/file_2.txt");
    EXPECT_EQ(answer(call), on_one_line(step["result"])) << call;
    ++n_played;
  }
  EXPECT_EQ(n_played, 14);
}

TEST(StoreConfigs, TheLongestPrefixWins) {
  StoreConfigs configs;
  configs.add(Json::parse(R"({"stores": [
      {"url": "dcache://surf/", "type": "dcache", "webdav_url": "https://door:2880/pnfs/"},
      {"url": "dcache://surf/deep", "type": "dcache", "webdav_url": "https://other:2880"}]})"),
              "test");
  ASSERT_NE(configs.find("dcache://surf/x"), nullptr);
  EXPECT_EQ(configs.find("dcache://surf/x")->webdav_url, "https://door:2880/pnfs");
  EXPECT_EQ(configs.find("dcache://surf/deep/x")->webdav_url, "https://other:2880");
  EXPECT_EQ(configs.find("dcache://surf/deeper")->webdav_url, "https://door:2880/pnfs");
  EXPECT_EQ(configs.find("dcache://surfer/x"), nullptr);
  EXPECT_EQ(rest_of(*configs.find("dcache://surf//a/b"), "dcache://surf//a/b"), "a/b");
}

TEST(StoreConfigs, RefusesWhatIsNoConfigurationAndPasswords) {
  for (const char* text :
       {"[]", R"({"stores": 1})", R"({"stores": [1]})", R"({"stores": [{"type": "dcache"}]})",
        R"({"stores": [{"url": "x://y", "type": "ftp"}]})",
        R"({"stores": [{"url": "x://y", "type": "dcache", "token": "t"}]})",
        R"({"stores": [{"url": "x://y", "type": "dcache", "api_url": "file:///etc"}]})",
        R"({"stores": [{"url": "x://y", "type": "dcache", "api_url": "https://u:p@host/"}]})",
        R"({"stores": [{"url": "x://y", "type": "s3", "path_style": "yes"}]})"}) {
    StoreConfigs configs;
    EXPECT_EQ(code_of([&] { configs.add(Json::parse(text), "test"); }), Errc::data_loss) << text;
  }
}

}  // namespace
}  // namespace rastream
