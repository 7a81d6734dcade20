// SPDX-License-Identifier: Apache-2.0
// What tests of the files of a catalog share: a catalog in a scratch folder, and a server with the
// files that it names.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>

#include "rastream/base/text_file.h"
#include "rastream/exec/copy_assets.h"
#include "rastream/store/file.h"
#include "rastream/store/http/http_client.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"
#include "tests/suites/small_stores.h"

namespace rastream {

/// Values by path, by GET, HEAD and PUT; some of them break off or are not there.
class Archive {
 public:
  Archive() : server_([this](const auto& r, auto& c) { serve(r, c); }) {}
  std::string url(const std::string& path = "") const { return server_.url(path); }
  void put(const std::string& path, const std::string& body) {
    const std::lock_guard lock(mutex_);
    bodies_[path] = body;
  }
  std::string body(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return bodies_[path];
  }
  void cut(const std::string& path, bool is_cut) {
    const std::lock_guard lock(mutex_);
    is_cut ? void(cut_.insert(path)) : void(cut_.erase(path));
  }
  std::vector<std::string> fetched() {
    const std::lock_guard lock(mutex_);
    return std::exchange(fetched_, {});
  }

 private:
  void serve(const ServedRequest& request, ServedConnection& connection) {
    const std::lock_guard lock(mutex_);
    const std::string path = request.path();
    if (request.method == "PUT") {
      bodies_[path] = request.body;
      return connection.answer(201, "");
    }
    const auto found = bodies_.find(path);
    if (found == bodies_.end()) return connection.answer(404, "not here\n");
    const std::string& body = found->second;
    const auto md5 = digest_of(DigestKind::md5, std::as_bytes(std::span(body)));
    const std::string fields = "ETag: \"" + to_hex(md5.value) + "\"\r\n" +
                               "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
    if (request.method == "HEAD") return connection.answer_head(200, body, fields);
    fetched_.push_back(path);
    if (!cut_.contains(path)) return connection.answer(200, body, fields);
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\n\r\n" + body.substr(0, body.size() / 2));
    connection.close();
  }

  std::mutex mutex_;
  std::map<std::string, std::string> bodies_;
  std::set<std::string> cut_;
  std::vector<std::string> fetched_;
  LoopbackServer server_;
};

inline std::string sha256_multihash(const std::string& text) {
  return to_multihash(digest_of(DigestKind::sha256, std::as_bytes(std::span(text))));
}

inline Json item_json(const std::string& id, const Json& assets) {
  return {{"type", "Feature"},
          {"stac_version", "1.0.0"},
          {"id", id},
          {"geometry", nullptr},
          {"properties", {{"datetime", "2022-01-15T00:00:00Z"}}},
          {"links", Json::array()},
          {"assets", assets}};
}

inline Json catalog_json(const std::string& id, const Json& links) {
  return {{"type", "Catalog"},
          {"stac_version", "1.0.0"},
          {"id", id},
          {"description", id},
          {"links", links}};
}

/// A catalog in `folder`, whose items are added one by one.
class MadeCatalog {
 public:
  explicit MadeCatalog(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// `place` is the path of the item's document below the folder.
  void add(const std::string& place, const std::string& id, const Json& assets,
           const Json& more = Json::object()) {
    Json item = item_json(id, assets);
    item.update(more);
    const std::filesystem::path path = folder_ / place;
    std::filesystem::create_directories(path.parent_path());
    write_text_file(path, item.dump());
    links_.push_back({{"rel", "item"}, {"href", "./" + place}});
  }

  Catalog open() const {
    std::filesystem::create_directories(folder_);
    write_text_file(folder_ / "catalog.json", catalog_json("made", links_).dump());
    return Catalog::open(folder_ / "catalog.json");
  }

 private:
  std::filesystem::path folder_;
  Json links_ = Json::array();
};

/// Paths of all that is below a folder but folders, sorted.
inline std::vector<std::string> files_below(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  if (!std::filesystem::exists(folder)) return out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) out.push_back(entry.path().lexically_relative(folder));
  }
  std::sort(out.begin(), out.end());
  return out;
}

class AssetTest : public testing::Test {
 protected:
  AssetTest() : catalog_(folder_.path() / "catalog") {
    HttpOptions http;
    http.clock.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
    client_ = std::make_shared<HttpClient>(http);
  }

  CopyAssetsOptions options() const {
    CopyAssetsOptions o;
    o.folder = folder_ / "out";
    o.n_workers = 3;
    o.client = client_;
    return o;
  }
  std::string out(const std::string& path) const { return folder_ / ("out/" + path); }
  static std::string text(const std::string& path) { return text_of(*read_file(path)); }
  static const CopiedAsset& asset_of(const CopyAssetsReport& report, const AssetName& name) {
    for (const CopiedAsset& a : report.assets) {
      if (a.name == name) return a;
    }
    throw std::out_of_range(name.item + " " + name.key);
  }
  /// Two items with two files each, behind the server.
  void add_years() {
    for (const std::string year : {"1980", "1981"}) {
      Json assets;
      for (const std::string key : {"tmin", "tmax"}) {
        const std::string path = "/" + key + "_" + year + ".nc";
        archive_.put(path, key + " of " + year);
        assets[key] = {{"href", archive_.url(path)}};
      }
      catalog_.add("hi-" + year + "/hi-" + year + ".json", "hi-" + year, assets);
    }
  }

  ScratchFolder folder_;
  Archive archive_;
  MadeCatalog catalog_;
  std::shared_ptr<HttpClient> client_;
};

/// A cube of days, latitudes 50 to 59 and longitudes 0 to 9, whose cells are their own numbers.
inline void write_cube(const std::string& path) {
  std::vector<stores::Variable> all;
  const auto add_index = [&](const char* name, std::int64_t n, double first, double step) {
    all.push_back(stores::variable(name, {name}, {n}, {n}, DType::float64,
                                   [=](const Extents& i) { return first + step * double(i[0]); }));
  };
  add_index("time", 20, 0, 1);
  all.back().attributes.set("units", std::string("days since 2022-01-01"));
  add_index("lat", 10, 59, -1);
  all.back().attributes.set("units", std::string("degrees_north"));
  add_index("lon", 10, 0, 1);
  all.back().attributes.set("units", std::string("degrees_east"));
  all.push_back(stores::variable(
      "v", {"time", "lat", "lon"}, {20, 10, 10}, {1, 10, 10}, DType::float32,
      [](const Extents& i) { return double(i[0]) * 100 + double(i[1]) * 10 + double(i[2]); }));
  stores::write_store(path, all);
}

/// Copies whole files; the tests are in more than one file.
class CopyAssets : public AssetTest {};

}  // namespace rastream
