// SPDX-License-Identifier: Apache-2.0
// rastream stac serve: a static catalog as a STAC API on this machine.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "rastream/catalog/serve/stac_server.h"
#include "rastream/cli/command.h"
#include "rastream/cli/stac/stac_commands.h"

namespace rastream {
namespace {

constexpr const char* kFooter = R"(
TARGET is an index that `rastream stac index` made, or a catalog or file of items, of which an
index is made first. Only this machine is served unless --address says otherwise.

Examples:
  rastream stac serve archive.index --port 8080
  rastream stac search http://127.0.0.1:8080 --bbox 5 52 6 53 --filter "eo:cloud_cover < 10")";

struct Arguments {
  std::string target;
  ServerOptions server;
};

/// A file that is gone with it.
class TemporaryIndex {
 public:
  explicit TemporaryIndex(const std::string& catalog)
      : path_((std::filesystem::temp_directory_path() /
               fmt::format("rastream-serve-{}.index", ::getpid()))
                  .string()) {
    IndexOptions options;
    options.is_new = true;
    options.crawl.stop = interrupt_token();
    build_index(catalog, path_, options);
  }
  ~TemporaryIndex() { ::unlink(path_.c_str()); }
  TemporaryIndex(const TemporaryIndex&) = delete;
  TemporaryIndex& operator=(const TemporaryIndex&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int run(const Arguments& a) {
  std::optional<TemporaryIndex> made;
  if (!is_index_file(a.target)) made.emplace(a.target);
  const Index index = Index::open(made ? made->path() : a.target);
  made.reset();  // a mapped file stays
  StacServer server(StacAnswers(index), a.server);
  fmt::print("{} items at {}/ (Ctrl-C ends)\n", index.n_items(), server.url());
  std::fflush(stdout);
  server.run(interrupt_token());
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  app.add_option("target", a->target, "an index, a catalog or a file of items")->required();
  app.add_option("--port", a->server.port, "0: one that is free")->capture_default_str();
  app.add_option("--address", a->server.address, "address to listen at")->capture_default_str();
  app.add_option("--threads", a->server.n_threads, "requests at a time")->capture_default_str();
  app.footer(kFooter);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_serve_command() {
  return {"serve", "Serve a catalog or an index as a STAC API", &set_up};
}

}  // namespace rastream
