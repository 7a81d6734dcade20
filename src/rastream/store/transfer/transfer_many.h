// SPDX-License-Identifier: Apache-2.0
// Many files at a time, with a report of what failed that can be run again.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "rastream/base/json.h"
#include "rastream/store/transfer/download.h"

namespace rastream {

struct DownloadJob {
  std::string url;
  std::filesystem::path path;
  ExpectedFile expected = {};
};

struct TransferFailure {
  std::size_t index = 0;  ///< of the job
  Errc code = Errc::internal;
  std::string message;
};

struct TransferReport {
  std::int64_t n_done = 0;      ///< fetched
  std::int64_t n_intact = 0;    ///< were there already
  std::int64_t n_stopped = 0;   ///< not begun, for a stop was requested
  std::int64_t size_bytes = 0;  ///< of all files that are there now
  std::int64_t n_received = 0;  ///< bytes over the net
  double seconds = 0;
  std::vector<TransferFailure> failures;  ///< by index

  bool is_complete() const { return failures.empty() && n_stopped == 0; }
};

struct TransferOptions {
  int n_workers = 8;
  /// Of each file; expected, on_bytes and stop are set by download_many.
  DownloadOptions download = {};
  /// Progress in bytes goes there; nullptr: none. The total is of the expected sizes.
  std::FILE* progress = nullptr;
  std::string label = "fetch";
  std::stop_token stop = {};
  /// Called after each job, from one thread at a time.
  std::function<void(std::size_t index, const DownloadResult*, const Error*)> on_job = {};
};

/// download() of each job; missing folders are made. A failure ends no other job: it is reported.
/// With options.download.is_synced all names are on the disk too when it returns. Two jobs with one
/// path are invalid_argument.
TransferReport download_many(HttpClient& client, const std::vector<DownloadJob>& jobs,
                             const TransferOptions& options = {});

/// {"done": .., "failed": [{"url", "path", "size", "checksum", "code", "error"}]}: what
/// parse_failed_jobs reads again. Queries of URLs are left out, for tokens hide in them; such an
/// entry has "query_left_out": true.
Json report_to_json(const TransferReport& report, const std::vector<DownloadJob>& jobs);

/// The jobs of a report that failed. Throws data_loss for what is no report, and invalid_argument
/// for an entry whose query was left out.
std::vector<DownloadJob> parse_failed_jobs(const Json& report);

}  // namespace rastream
