// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/asset_location.h"

#include <gtest/gtest.h>

#include "rastream/store/http/http_client.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

/// An item that was read from `place`, with an asset "a" at `href`.
Item item_at(const std::string& place, const std::string& href) {
  Item item;
  item.id = "i";
  item.href = place;
  Asset asset;
  asset.href = href;
  item.assets.emplace_back("a", asset);
  return item;
}

TEST(AssetLocation, AnItemOfAStoreReachesNoPrivateAddress) {
  int n_requests = 0;
  LoopbackServer inside([&](const ServedRequest&, ServedConnection& connection) {
    ++n_requests;
    connection.answer(200, "secret");
  });
  HttpClient client{HttpOptions{}};
  for (const char* place :
       {"https://catalog.example/i.json", "webdavs://catalog.example/stac/i.json",
        "davs://catalog.example/i.json", "dcache://catalog.example/i.json", "s3://bucket/i.json"}) {
    const AssetLocation at = locate_asset(item_at(place, inside.url("/a.nc")), "a");
    EXPECT_TRUE(at.document_url.starts_with("https://")) << place << " " << at.document_url;
    EXPECT_EQ(code_of([&] { check_address(at, client); }), Errc::permission_denied) << place;
  }
  EXPECT_EQ(n_requests, 0);
}

TEST(AssetLocation, AnItemOfThisMachineReachesIt) {
  LoopbackServer inside([](const ServedRequest&, ServedConnection& connection) {
    connection.answer_head(200, "bytes");
  });
  HttpClient client{HttpOptions{}};
  const AssetLocation at = locate_asset(item_at("/data/i.json", inside.url("/a.nc")), "a");
  EXPECT_EQ(at.document_url, "");
  EXPECT_NO_THROW(check_address(at, client));
}

TEST(AssetLocation, AnItemFromElsewhereNamesItsOwnStoreAndTheWebAlone) {
  const std::string place = "webdavs://catalog.example/stac/i.json";
  EXPECT_EQ(locate_asset(item_at(place, "../a.nc"), "a").href, "webdavs://catalog.example/a.nc");
  EXPECT_EQ(locate_asset(item_at(place, "https://data.example/a.nc"), "a").href,
            "https://data.example/a.nc");
  for (const char* href :
       {"file:///etc/passwd", "webdav://127.0.0.1/a", "webdavs://other.example/a",
        "dcache://catalog.example/a", "memory://x/a"}) {
    for (const std::string& from : {place, std::string("https://catalog.example/i.json")})
      EXPECT_EQ(code_of([&] { locate_asset(item_at(from, href), "a"); }), Errc::permission_denied)
          << from << " " << href;
  }
}

}  // namespace
}  // namespace rastream
