// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <mutex>

#include "rastream/base/parallel_work.h"
#include "rastream/base/progress.h"
#include "rastream/base/text_file.h"
#include "rastream/cli/command.h"
#include "rastream/cli/copy_plan.h"
#include "rastream/cli/text_out.h"
#include "rastream/store/staging.h"
#include "rastream/store/transfer/copy_file.h"

namespace rastream {
namespace {

using Clock = std::chrono::steady_clock;

class CopyRunner {
 public:
  CopyRunner(const CopyPlan& plan, const CopyRunOptions& options)
      : plan_(plan),
        options_(options),
        progress_("copy", static_cast<double>(total_bytes(plan)), "B", options.progress) {
    outcome_.is_there.resize(plan.jobs.size());
    results_.resize(plan.jobs.size());
  }

  CopyOutcome run() {
    const Clock::time_point begin = Clock::now();
    const std::stop_token stop = interrupt_token();
    for (const auto& [to, folder] : plan_.folders) to.files->make_folder(folder);
    if (options_.stages && !stage()) return stopped();
    const bool is_whole = run_parallel(
        options_.n_workers, static_cast<std::int64_t>(plan_.jobs.size()),
        [&](std::int64_t i) { copy(static_cast<std::size_t>(i), stop); }, stop);
    progress_.finish();
    outcome_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (!options_.report.empty()) write_report();
    return is_whole && !stop.stop_requested() ? outcome_ : stopped();
  }

 private:
  static std::int64_t total_bytes(const CopyPlan& plan) {
    std::int64_t n = 0;
    for (const CopyJob& job : plan.jobs) n += job.source.size_bytes;
    return n;
  }

  CopyOutcome stopped() {
    outcome_.exit_code = kInterrupted;
    return outcome_;
  }

  bool stage() {
    std::map<FileSystem*, std::vector<std::string>> waiting;
    for (const CopyJob& job : plan_.jobs) {
      if (job.source.locality == Locality::nearline)
        waiting[job.from.files].push_back(job.source.path);
    }
    return std::all_of(waiting.begin(), waiting.end(), [&](const auto& of_store) {
      return stage_and_wait(*of_store.first, of_store.second, std::chrono::hours(24),
                            options_.progress);
    });
  }

  void copy(std::size_t i, const std::stop_token& stop) {
    const CopyJob& job = plan_.jobs[i];
    std::int64_t n_told = 0;
    std::mutex told;
    CopyFileOptions o;
    o.skips_intact = options_.skips_intact;
    o.stop = stop;
    o.on_bytes = [&](std::int64_t n) {
      {
        const std::lock_guard lock(told);
        n_told += n;
      }
      advance(n);
    };
    try {
      if (!options_.stages) check_online(job.source, job.from.shown(job.source.path));
      const CopyFileResult result =
          copy_file(*job.from.files, job.source, *job.to.files, job.target, o);
      advance(job.source.size_bytes - n_told);
      done(i, result);
    } catch (const Error& e) {
      if (!stop.stop_requested()) failed(i, e);
    }
  }

  void advance(std::int64_t n) {
    const std::lock_guard lock(mutex_);
    n_done_ += n;
    progress_.update(static_cast<double>(n_done_));
  }

  void done(std::size_t i, const CopyFileResult& result) {
    const std::lock_guard lock(mutex_);
    ++(result.was_intact ? outcome_.n_intact : outcome_.n_copied);
    outcome_.n_bytes += plan_.jobs[i].source.size_bytes;
    outcome_.is_there[i] = true;
    results_[i] = result.was_intact ? "intact" : "copied";
  }

  void failed(std::size_t i, const Error& e) {
    const CopyJob& job = plan_.jobs[i];
    const std::lock_guard lock(mutex_);
    ++outcome_.n_failed;
    if (outcome_.exit_code == 0) outcome_.exit_code = exit_code(e.code());
    results_[i] = fmt::format("{}: {}", to_string(e.code()), e.what());
    if (options_.progress) fmt::print(stderr, "\n");
    fmt::print(stderr, "rastream: '{}': {}\n", job.from.shown(job.source.path), e.what());
  }

  void write_report() const {
    Json report = {{"done", Json::array()}, {"failed", Json::array()}};
    for (std::size_t i = 0; i < plan_.jobs.size(); ++i) {
      const CopyJob& job = plan_.jobs[i];
      Json entry = {{"from", job.from.shown(job.source.path)},
                    {"to", job.to.shown(job.target)},
                    {"size", job.source.size_bytes}};
      entry[outcome_.is_there[i] ? "result" : "error"] =
          results_[i].empty() ? "not begun" : results_[i];
      report[outcome_.is_there[i] ? "done" : "failed"].push_back(std::move(entry));
    }
    write_text_file(options_.report, json_lines(report));
  }

  const CopyPlan& plan_;
  const CopyRunOptions& options_;
  Progress progress_;
  std::mutex mutex_;
  std::int64_t n_done_ = 0;
  CopyOutcome outcome_;
  std::vector<std::string> results_;
};

}  // namespace

CopyOutcome run_copy(const CopyPlan& plan, const CopyRunOptions& options) {
  return CopyRunner(plan, options).run();
}

std::string summary_of(const CopyOutcome& outcome, std::string_view verb) {
  std::string text = fmt::format(
      "{} {} file{} ({}B in all) in {}", verb, outcome.n_copied, outcome.n_copied == 1 ? "" : "s",
      shown_size(outcome.n_bytes, true) + " ", format_duration(outcome.seconds));
  if (outcome.n_intact > 0) text += fmt::format(", {} intact already", outcome.n_intact);
  if (outcome.n_failed > 0) text += fmt::format(", {} failed", outcome.n_failed);
  return text;
}

bool stage_and_wait(FileSystem& files, const std::vector<std::string>& paths,
                    std::chrono::hours kept, std::FILE* progress) {
  const std::string request = files.stage(paths, kept);
  fmt::print(stderr, "rastream: {} file{} on tape: waiting for request {}\n", paths.size(),
             paths.size() == 1 ? "" : "s", request);
  const auto state = wait_for_stage(files, request, true, interrupt_token(), progress);
  if (state && !state->failed.empty())
    throw Error(Errc::unavailable, "stage: {} of {} files cannot be brought from tape, '{}' first",
                state->failed.size(), paths.size(), state->failed.front());
  return state.has_value();
}

}  // namespace rastream
