// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/webdav.h"

#include "tests/servers/server_process.h"
#include "tests/suites/store_fixture.h"

namespace rastream {
namespace {

ServerProcess& apache() {
  static ServerProcess server({"python3", "tests/servers/apache_dav.py"});
  return server;
}

ServerProcess& wsgidav() {
  static ServerProcess server({python_with_packages(), "tests/servers/wsgidav_server.py"});
  return server;
}

ServerProcess& xrootd() {
  static ServerProcess server({"python3", "tests/servers/xrootd_http.py"});
  return server;
}

ServerProcess& dcache() {
  static ServerProcess server({"python3", "tests/servers/dcache_like.py"});
  return server;
}

/// Retries without waiting.
std::shared_ptr<HttpClient> hasty_client() {
  HttpOptions options;
  options.clock.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
  return std::make_shared<HttpClient>(options);
}

/// A store in a new folder of the server.
std::unique_ptr<Store> new_store(ServerProcess& server, const char* port) {
  static int n_made = 0;
  if (!server.is_running()) return nullptr;
  const std::string base = fmt::format("{}/store{}/", server.origin(port), n_made++);
  return std::make_unique<WebDavStore>("webdav://server/", base, hasty_client());
}

template <ServerProcess& server()>
std::unique_ptr<Store> new_store_on() {
  auto store = new_store(server(), "port");
  if (store) file_system_of(*store, "test").make_folder("");
  return store;
}

std::unique_ptr<Store> new_store_at_door() {
  auto store = new_store(dcache(), "door");
  file_system_of(*store, "test").make_folder("");
  return store;
}

// apache2 takes the length of the old value and the bytes of the new one; XrootD truncates and
// writes in place what cannot be renamed to, and does not encode names in its listings.
const auto kServers = testing::Values(
    StoreFactory{.name = "Apache", .make = new_store_on<apache>, .readers_see_whole_values = false},
    StoreFactory{
        .name = "WsgiDav", .make = new_store_on<wsgidav>, .readers_see_whole_values = false},
    StoreFactory{.name = "Xrootd",
                 .make = new_store_on<xrootd>,
                 .readers_see_whole_values = false,
                 .takes_all_names = false},
    StoreFactory{.name = "DCacheDoor", .make = new_store_at_door});
const auto name_of = [](const auto& info) { return info.param.name; };

INSTANTIATE_TEST_SUITE_P(WebDav, StoreSuite, kServers, name_of);
INSTANTIATE_TEST_SUITE_P(WebDav, FileSystemSuite, kServers, name_of);

}  // namespace
}  // namespace rastream
