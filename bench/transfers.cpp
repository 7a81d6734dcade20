// SPDX-License-Identifier: Apache-2.0
// Downloads as whole processes, to be timed beside curl, rclone and aria2:
//   bench_transfers large URL PATH STREAMS
//   bench_transfers many BASE_URL FOLDER N CONNECTIONS sync|nosync    (BASE_URL/0 to BASE_URL/N-1)
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "rastream/store/transfer/transfer_many.h"

namespace rastream {
namespace {

void fetch_large(const std::string& url, const std::string& path, int n_streams) {
  HttpClient client;
  DownloadOptions options;
  options.n_streams = n_streams;
  options.is_synced = false;
  options.skips_intact = false;
  const DownloadResult result = download(client, url, path, options);
  fmt::print("{} bytes\n", result.size_bytes);
}

void fetch_many(const std::string& base, const std::string& folder, int n, int n_connections,
                bool is_synced) {
  HttpOptions http;
  http.connections_per_origin = n_connections;
  HttpClient client(http);
  std::vector<DownloadJob> jobs;
  for (int i = 0; i < n; ++i)
    jobs.push_back({fmt::format("{}/{}", base, i), fmt::format("{}/{}", folder, i), {}});
  TransferOptions options;
  options.n_workers = n_connections;
  options.download.is_synced = is_synced;
  const TransferReport report = download_many(client, jobs, options);
  if (!report.is_complete()) throw Error(Errc::unavailable, "{}", report.failures.at(0).message);
  fmt::print("{} files, {} bytes\n", report.n_done, report.size_bytes);
}

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  try {
    if (argc == 5 && words[1] == "large") {
      rastream::fetch_large(words[2], words[3], std::atoi(argv[4]));
    } else if (argc == 7 && words[1] == "many") {
      rastream::fetch_many(words[2], words[3], std::atoi(argv[4]), std::atoi(argv[5]),
                           words[6] == "sync");
    } else {
      fmt::print(stderr, "usage: see the head of bench/transfers.cpp\n");
      return 2;
    }
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
