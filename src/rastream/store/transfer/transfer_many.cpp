// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/transfer_many.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "rastream/base/parallel_work.h"
#include "rastream/base/progress.h"
#include "rastream/store/file.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

std::set<fs::path> folders_of(const std::vector<DownloadJob>& jobs) {
  std::set<fs::path> folders;
  std::set<fs::path> paths;
  for (const DownloadJob& job : jobs) {
    const fs::path path = fs::absolute(job.path).lexically_normal();
    if (!paths.insert(path).second)
      throw Error(Errc::invalid_argument, "'{}': two files are to be fetched to it",
                  job.path.native());
    folders.insert(path.parent_path());
  }
  return folders;
}

double total_bytes(const std::vector<DownloadJob>& jobs) {
  double total = 0;
  for (const DownloadJob& job : jobs)
    total += static_cast<double>(job.expected.size_bytes.value_or(0));
  return total;
}

/// What the workers share.
class Batch {
 public:
  Batch(HttpClient& client, const std::vector<DownloadJob>& jobs, const TransferOptions& options)
      : client_(client),
        jobs_(jobs),
        options_(options),
        progress_(options.label, total_bytes(jobs), "B", options.progress) {}

  void fetch(std::size_t index) {
    DownloadOptions options = options_.download;
    options.expected = jobs_[index].expected;
    options.stop = options_.stop;
    options.syncs_folder = false;
    options.on_bytes = [this](std::int64_t n) { count(n); };
    try {
      note(index, download(client_, jobs_[index].url, jobs_[index].path, options));
    } catch (const Error& e) {
      note_failure(index, e);
    }
  }

  TransferReport finish() {
    std::sort(report_.failures.begin(), report_.failures.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    progress_.finish();
    return std::move(report_);
  }

 private:
  void count(std::int64_t n) {
    const std::lock_guard lock(mutex_);
    n_bytes_ += n;
    progress_.update(static_cast<double>(n_bytes_));
  }

  void note(std::size_t index, const DownloadResult& result) {
    const std::lock_guard lock(mutex_);
    ++(result.was_intact ? report_.n_intact : report_.n_done);
    report_.size_bytes += result.size_bytes;
    report_.n_received += result.n_received;
    if (options_.on_job) options_.on_job(index, &result, nullptr);
  }

  void note_failure(std::size_t index, const Error& error) {
    const std::lock_guard lock(mutex_);
    report_.failures.push_back({index, error.code(), error.what()});
    if (options_.on_job) options_.on_job(index, nullptr, &error);
  }

  HttpClient& client_;
  const std::vector<DownloadJob>& jobs_;
  const TransferOptions& options_;
  std::mutex mutex_;
  Progress progress_;
  std::int64_t n_bytes_ = 0;
  TransferReport report_;
};

}  // namespace

TransferReport download_many(HttpClient& client, const std::vector<DownloadJob>& jobs,
                             const TransferOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const std::set<fs::path> folders = folders_of(jobs);
  for (const fs::path& folder : folders) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw error_from_errno(error.value(), "create folder", folder.native());
  }
  Batch batch(client, jobs, options);
  std::atomic<std::int64_t> n_begun = 0;
  run_parallel(options.n_workers, static_cast<std::int64_t>(jobs.size()), [&](std::int64_t k) {
    if (options.stop.stop_requested()) return;
    ++n_begun;
    batch.fetch(static_cast<std::size_t>(k));
  });
  if (options.download.is_synced) {
    for (const fs::path& folder : folders) sync_folder(folder);
  }
  TransferReport report = batch.finish();
  report.n_stopped = static_cast<std::int64_t>(jobs.size()) - n_begun;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

Json report_to_json(const TransferReport& report, const std::vector<DownloadJob>& jobs) {
  Json failed = Json::array();
  for (const TransferFailure& failure : report.failures) {
    const DownloadJob& job = jobs[failure.index];
    const std::size_t query = job.url.find_first_of("?#");
    Json entry = {{"url", printable_url(std::string_view(job.url).substr(0, query))},
                  {"path", job.path.native()}};
    if (query != std::string::npos) entry["query_left_out"] = true;
    if (job.expected.size_bytes) entry["size"] = *job.expected.size_bytes;
    for (const Digest& digest : job.expected.digests) {
      if (digest.kind != DigestKind::adler32) entry["checksum"] = to_multihash(digest);
    }
    entry["code"] = to_string(failure.code);
    entry["error"] = failure.message;
    failed.push_back(entry);
  }
  return {{"done", report.n_done},
          {"intact", report.n_intact},
          {"not_begun", report.n_stopped},
          {"bytes", report.size_bytes},
          {"bytes_received", report.n_received},
          {"seconds", report.seconds},
          {"failed", failed}};
}

std::vector<DownloadJob> parse_failed_jobs(const Json& report) {
  constexpr const char* kWhat = "report of transfers";
  if (!report.is_object() || !report.contains("failed") || !report["failed"].is_array())
    throw Error(Errc::data_loss, "{}: expected a list 'failed'", kWhat);
  std::vector<DownloadJob> jobs;
  for (const Json& entry : report["failed"]) {
    DownloadJob job{json_member<std::string>(entry, "url", kWhat),
                    json_member<std::string>(entry, "path", kWhat),
                    {}};
    if (entry.contains("query_left_out"))
      throw Error(Errc::invalid_argument,
                  "{}: '{}' had a query, which is not kept: fetch it from the catalog again", kWhat,
                  printable_url(job.url));
    if (entry.contains("size"))
      job.expected.size_bytes = json_member<std::int64_t>(entry, "size", kWhat);
    if (entry.contains("checksum"))
      job.expected.digests.push_back(
          parse_multihash(json_member<std::string>(entry, "checksum", kWhat)));
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace rastream
