// SPDX-License-Identifier: Apache-2.0
// Thousands of downloads from a server that fails in every known way: none may leave a wrong file
// under its name, tell a secret to another origin, or hang.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <sstream>

#include "rastream/base/parallel_work.h"
#include "rastream/store/file.h"
#include "rastream/store/transfer/download.h"
#include "tests/servers/hostile_server.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr const char* kCanary = "c4nary-s3cret-91f3";
constexpr int kForever = 1'000'000;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kTransfers = 1'500;
#else
constexpr int kTransfers = 10'000;
#endif

int number_from_environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

/// What the client knows beforehand, beside what the server says.
enum class Knowledge { size_and_sha256, size, sha256, servers_digest };

struct Trial {
  FaultKind kind;
  HostileFile file;
  Knowledge knowledge = Knowledge::size;
};

Trial trial_of(std::mt19937& generator, int index) {
  const auto kinds = fault_kinds();
  constexpr std::array kSizes = {0, 1, 100, 4'000, 20'000, 60'000};
  constexpr std::array kFaults = {1, 2, kForever};
  Trial trial{kinds[static_cast<std::size_t>(index) % kinds.size()], {}};
  trial.file.fault = trial.kind.name;
  trial.file.n_faults = kFaults[generator() % kFaults.size()];
  trial.file.seed = static_cast<unsigned>(index);
  trial.file.size = static_cast<std::size_t>(kSizes[generator() % kSizes.size()]);
  trial.file.size += trial.file.size ? generator() % trial.file.size : 0;
  trial.knowledge =
      trial.kind.needs_digest ? Knowledge::sha256 : static_cast<Knowledge>(generator() % 4);
  trial.file.gives_digest = trial.knowledge == Knowledge::servers_digest || generator() % 2 == 0;
  return trial;
}

ExpectedFile expected_of(const Trial& trial, const std::string& body) {
  ExpectedFile expected;
  if (trial.knowledge <= Knowledge::size)
    expected.size_bytes = static_cast<std::int64_t>(body.size());
  if (trial.knowledge == Knowledge::size_and_sha256 || trial.knowledge == Knowledge::sha256)
    expected.digests = {digest_of(DigestKind::sha256, std::as_bytes(std::span(body)))};
  return expected;
}

std::string text_in(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// All trials of one run, and what they must not do.
class Torture {
 public:
  Torture(unsigned seed, int n_trials) : server_(kCanary) {
    std::string name = (fs::temp_directory_path() / "rastream-torture-XXXXXX").native();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    folder_ = name;
    std::mt19937 generator(seed);
    for (int i = 0; i < n_trials; ++i) trials_.push_back(trial_of(generator, i));
  }
  ~Torture() { fs::remove_all(folder_); }

  void run() {
    // Who waits for long does not take a busy machine for a stall; who meets a stall must not wait.
    HttpClient patient(options(milliseconds(20'000)));
    HttpClient impatient(options(milliseconds(100)));
    run_parallel(16, static_cast<std::int64_t>(trials_.size()), [&](std::int64_t i) {
      const auto index = static_cast<std::size_t>(i);
      run_one(is_slow(trials_[index]) ? impatient : patient, index);
    });
    for (const fs::path& path : find_leftovers(folder_)) note("left behind: " + path.native());
    if (server_.n_secrets_abroad() > 0)
      note(fmt::format("{} secrets at foreign origins", server_.n_secrets_abroad()));
  }

  const HostileServer& server() const { return server_; }
  const std::map<std::string, int>& problems() const { return problems_; }
  int n_done() const { return n_done_; }
  milliseconds slowest() const { return slowest_; }

 private:
  static bool is_slow(const Trial& trial) {
    return trial.kind.name.starts_with("stall") || trial.kind.name == "slow_drip";
  }

  HttpOptions options(milliseconds stall) {
    HttpOptions options;
    options.timeouts = {milliseconds(20'000), stall, milliseconds(60'000)};
    options.retry.max_attempts = 4;
    options.connections_per_origin = 64;
    options.clock.wait = [](milliseconds, const std::stop_token&) {};
    Credentials credentials;
    Credential credential;
    credential.secret = Secret(kCanary);
    credentials.add(server_.origin(), credential);
    options.credentials = std::make_shared<Credentials>(std::move(credentials));
    return options;
  }

  void run_one(HttpClient& client, std::size_t index) {
    const Trial& trial = trials_[index];
    const fs::path path = folder_ / std::to_string(index);
    const std::string body = hostile_body(trial.file.seed, trial.file.size);
    DownloadOptions options;
    options.expected = expected_of(trial, body);
    options.is_synced = index % 50 == 0;
    const auto begin = std::chrono::steady_clock::now();
    std::string error;
    try {
      download(client, server_.url(trial.file), path, options);
    } catch (const Error& e) {
      error = e.what();
    }
    judge(trial, path, body, error);
    fs::remove(path);
    const std::lock_guard lock(mutex_);
    slowest_ = std::max(slowest_, std::chrono::duration_cast<milliseconds>(
                                      std::chrono::steady_clock::now() - begin));
  }

  void judge(const Trial& trial, const fs::path& path, const std::string& body,
             const std::string& error) {
    const auto complain = [&](const std::string& what) {
      note(fmt::format("{} (faults {}, knowledge {}{}): {}", trial.kind.name, trial.file.n_faults,
                       static_cast<int>(trial.knowledge), body.empty() ? ", empty file" : "",
                       what));
    };
    if (error.find(kCanary) != std::string::npos) complain("the error shows the secret");
    if (!error.empty()) {
      if (fs::exists(path)) complain("failed, but there is a file");
      const bool has_passed = trial.file.n_faults <= 2;
      if (trial.kind.remedy == Remedy::none ||
          (trial.kind.remedy == Remedy::retry && has_passed && !is_slow(trial)))
        complain("failed: " + error.substr(error.find("file?...") + 8));
      return;
    }
    ++n_done_;
    if (text_in(path) != body) complain("a wrong file under the name");
    const bool lasts = trial.kind.remedy == Remedy::retry && trial.file.n_faults == kForever;
    if ((trial.kind.remedy == Remedy::refuse || lasts) && !body.empty()) complain("was taken");
  }

  void note(const std::string& problem) {
    const std::lock_guard lock(mutex_);
    ++problems_[problem];
  }

  HostileServer server_;
  fs::path folder_;
  std::vector<Trial> trials_;
  std::mutex mutex_;
  std::map<std::string, int> problems_;
  std::atomic<int> n_done_ = 0;
  milliseconds slowest_{0};
};

TEST(HostileTransfers, NoneOfThousandsLeavesAWrongFileTellsASecretOrHangs) {
  const auto seed = static_cast<unsigned>(
      number_from_environment("RASTREAM_SEED", static_cast<int>(std::random_device{}() >> 1)));
  const int n = number_from_environment("RASTREAM_TRANSFERS", kTransfers);
  SCOPED_TRACE(fmt::format("RASTREAM_SEED={} RASTREAM_TRANSFERS={}", seed, n));
  EXPECT_GE(fault_kinds().size(), 40u);
  Torture torture(seed, n);
  torture.run();
  std::cout << fmt::format(
      "seed {}: {} transfers over {} kinds of fault, {} whole, {} refused, {} requests abroad, "
      "slowest {} ms\n",
      seed, n, fault_kinds().size(), torture.n_done(), n - torture.n_done(),
      torture.server().n_foreign(), torture.slowest().count());
  for (const auto& [problem, count] : torture.problems())
    ADD_FAILURE() << count << " x " << problem;
  EXPECT_GT(torture.server().n_authorized(), n / 2) << "the secret goes where it belongs";
  EXPECT_GT(torture.server().n_foreign(), 0);
  EXPECT_LT(torture.slowest(), std::chrono::minutes(1)) << "one hangs";
}

}  // namespace
}  // namespace rastream
