// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>

#include "rastream/base/base64.h"
#include "rastream/store/file.h"
#include "rastream/store/transfer/byte_set.h"
#include "rastream/store/transfer/transfer_many.h"
#include "rastream/store/transfer/upload.h"
#include "tests/servers/hostile_server.h"
#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// One file on a server with ranges, ETag and whatever a test switches on.
class FileServer {
 public:
  FileServer() : server_([this](const auto& r, auto& c) { serve(r, c); }) {}

  std::string url(const std::string& path = "/f.bin") const { return server_.url(path); }
  std::vector<ServedRequest> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  void forget_requests() {
    const std::lock_guard lock(mutex_);
    requests_.clear();
  }
  std::int64_t n_sent() const { return n_sent_; }

  std::string body;
  std::string etag = "\"v1\"";
  std::string fields;  ///< more of each answer
  bool serves_ranges = true;
  std::atomic<int> n_cut = 0;            ///< answers to come that break off
  std::atomic<std::int64_t> cut_at = 0;  ///< after so many bytes of the body
  std::function<void(const ServedRequest&)> before_answer = [](const auto&) {};

 private:
  void serve(const ServedRequest& request, ServedConnection& connection) {
    before_answer(request);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const std::string common = (etag.empty() ? "" : "ETag: " + etag + "\r\n") + fields;
    if (request.method == "HEAD") return connection.answer_head(200, body, common);
    if (request.method == "PUT") {
      body = request.body;
      return connection.answer(201, "");
    }
    unsigned long long begin = 0;
    unsigned long long last = 0;
    const int n = std::sscanf(request.header("Range").c_str(), "bytes=%llu-%llu", &begin, &last);
    const std::string if_range = request.header("If-Range");
    const bool is_range =
        serves_ranges && n >= 1 && begin < body.size() && (if_range.empty() || if_range == etag);
    const std::size_t end =
        is_range && n == 2 ? std::min<std::size_t>(last + 1, body.size()) : body.size();
    if (!is_range) begin = 0;
    std::string part = body.substr(begin, end - begin);
    std::string head = fmt::format("HTTP/1.1 {} X\r\n{}Content-Length: {}\r\n",
                                   is_range ? 206 : 200, common, part.size());
    if (is_range)
      head += fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin, end - 1, body.size());
    const bool is_cut = n_cut > 0 && n_cut-- > 0;
    if (is_cut) part = part.substr(0, static_cast<std::size_t>(cut_at));
    n_sent_ += static_cast<std::int64_t>(part.size());
    connection.send(head + "\r\n" + part);
    if (is_cut) connection.close();
  }

  std::mutex mutex_;
  std::vector<ServedRequest> requests_;
  std::atomic<std::int64_t> n_sent_ = 0;
  LoopbackServer server_;
};

class Transfers : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "rastream-transfer-XXXXXX").native();
    ASSERT_TRUE(::mkdtemp(name.data()));
    folder_ = name;
    path_ = folder_ / "file";
    HttpOptions options;
    options.clock.wait = [](milliseconds, const std::stop_token&) {};
    client_ = std::make_unique<HttpClient>(options);
  }
  void TearDown() override { fs::remove_all(folder_); }

  DownloadResult fetch(DownloadOptions options = {}) {
    return download(*client_, server_.url(), path_, options);
  }
  static DownloadOptions in_parts(std::int64_t part_bytes) {
    DownloadOptions options;
    options.part_bytes = part_bytes;
    return options;
  }
  std::string text() const {
    std::ostringstream out;
    out << std::ifstream(path_, std::ios::binary).rdbuf();
    return out.str();
  }
  std::size_t n_files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  static std::vector<Digest> sha_of(const std::string& text) {
    return {digest_of(DigestKind::sha256, bytes_of(text))};
  }

  FileServer server_;
  fs::path folder_;
  fs::path path_;
  std::unique_ptr<HttpClient> client_;
};

TEST(ByteSet, KnowsWhatIsMissingWhateverTheOrder) {
  std::mt19937 generator(7);
  for (int trial = 0; trial < 200; ++trial) {
    ByteSet set;
    std::vector<bool> there(100);
    for (int i = 0; i < 8; ++i) {
      const auto begin = static_cast<std::int64_t>(generator() % 100);
      const auto end = begin + static_cast<std::int64_t>(generator() % 30);
      set.add({begin, end});
      for (auto k = begin; k < std::min<std::int64_t>(end, 100); ++k)
        there[static_cast<std::size_t>(k)] = true;
    }
    std::vector<bool> from_missing(100, true);
    for (const ByteRange& r : set.missing(100)) {
      EXPECT_LT(r.begin, r.end);
      for (auto k = r.begin; k < r.end; ++k) from_missing[static_cast<std::size_t>(k)] = false;
    }
    EXPECT_EQ(from_missing, there);
  }
}

TEST_F(Transfers, AFileComesWholeInOneRequestAndNothingElseIsLeft) {
  server_.body = hostile_body(1, 100'000);
  server_.fields = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  const DownloadResult result = fetch();
  EXPECT_EQ(text(), server_.body);
  EXPECT_EQ(result.size_bytes, 100'000);
  EXPECT_EQ(server_.requests().size(), 1u);
  EXPECT_EQ(n_files(), 1u);
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mtim.tv_sec, 784'111'777) << "the server's time of change";
}

TEST_F(Transfers, AnEmptyFileIsAFile) {
  fetch();
  EXPECT_EQ(text(), "");
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(Transfers, ALargeFileComesInParallelPartsOfOneVersion) {
  server_.body = hostile_body(2, 1'000'001);
  DownloadOptions options = in_parts(100'000);
  options.expected.digests = sha_of(server_.body);
  std::atomic<std::int64_t> n_seen = 0;
  options.on_bytes = [&](std::int64_t n) { n_seen += n; };
  const DownloadResult result = fetch(options);
  EXPECT_EQ(text(), server_.body);
  EXPECT_EQ(n_seen, 1'000'001);
  EXPECT_EQ(result.verified.size(), 1u);
  const auto requests = server_.requests();
  EXPECT_EQ(requests.size(), 11u);
  for (std::size_t i = 1; i < requests.size(); ++i)
    EXPECT_EQ(requests[i].header("If-Range"), "\"v1\"");
}

TEST_F(Transfers, AServerWithoutRangesSendsTheFileInOneAnswer) {
  server_.body = hostile_body(3, 500'000);
  server_.serves_ranges = false;
  fetch(in_parts(100'000));
  EXPECT_EQ(text(), server_.body);
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(Transfers, WithoutAVersionOrDigestPartsAreNotPutTogether) {
  server_.body = hostile_body(4, 500'000);
  server_.etag = "";
  fetch(in_parts(100'000));
  EXPECT_EQ(text(), server_.body);
  const auto requests = server_.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].header("Range"), "");
}

TEST_F(Transfers, ABrokenAnswerGoesOnWhereItStopped) {
  server_.body = hostile_body(5, 300'000);
  server_.n_cut = 3;
  server_.cut_at = 50'000;
  fetch();
  EXPECT_EQ(text(), server_.body);
  EXPECT_EQ(server_.n_sent(), 300'000) << "no byte twice";
  EXPECT_EQ(server_.requests().back().header("Range"), "bytes=150000-299999");
}

TEST_F(Transfers, MuchProgressForgivesManyFailures) {
  server_.body = hostile_body(6, 20'000'000);
  server_.n_cut = 15;
  server_.cut_at = 1'200'000;
  DownloadOptions options = in_parts(32 << 20);
  fetch(options);
  EXPECT_EQ(text(), server_.body);
}

TEST_F(Transfers, AChangeInTheMiddleBeginsAnewAndNeverMixes) {
  server_.body = hostile_body(7, 300'000);
  const std::string changed = hostile_body(8, 300'000);
  server_.n_cut = 1;
  server_.cut_at = 100'000;
  server_.before_answer = [&](const ServedRequest& r) {
    if (!r.header("If-Range").empty()) {
      server_.body = changed;
      server_.etag = "\"v2\"";
    }
  };
  fetch();
  EXPECT_EQ(text(), changed);
}

TEST_F(Transfers, AFileThatChangesAllTheTimeIsRefused) {
  server_.body = hostile_body(9, 300'000);
  int n = 0;
  server_.before_answer = [&](const ServedRequest&) {
    server_.etag = fmt::format("\"v{}\"", ++n);
    server_.n_cut = 1;
    server_.cut_at = 1000;
  };
  EXPECT_EQ(code_of([&] { fetch(); }), Errc::data_loss);
  EXPECT_EQ(n_files(), 0u);
}

TEST_F(Transfers, WhatFailedIsResumedByTheNextProcessAtTheOriginalUrl) {
  server_.body = hostile_body(10, 8'000'000);
  server_.n_cut = 1'000;
  server_.cut_at = 0;
  std::atomic<int> n = 0;
  server_.before_answer = [&](const ServedRequest&) { server_.cut_at = ++n == 1 ? 5'000'000 : 0; };
  DownloadOptions options = in_parts(32 << 20);
  options.expected.digests = sha_of(server_.body);
  EXPECT_EQ(code_of([&] { fetch(options); }), Errc::data_loss) << "broken off";
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_EQ(n_files(), 2u) << "the bytes, and the note of what is durable";
  EXPECT_EQ(find_leftovers(folder_).size(), 2u);
  server_.n_cut = 0;
  server_.before_answer = [](const auto&) {};
  server_.forget_requests();
  const DownloadResult result = fetch(options);
  EXPECT_EQ(text(), server_.body);
  EXPECT_EQ(result.n_resumed, 5'000'000);
  EXPECT_EQ(result.n_received, 3'000'000);
  EXPECT_EQ(server_.requests().at(0).header("Range"), "bytes=5000000-7999999");
  EXPECT_EQ(server_.requests().at(0).header("If-Range"), "\"v1\"");
  EXPECT_EQ(n_files(), 1u);
}

TEST_F(Transfers, AResumeOfAChangedFileBeginsAnew) {
  server_.body = hostile_body(11, 8'000'000);
  server_.n_cut = 1'000;
  std::atomic<int> n = 0;
  server_.before_answer = [&](const ServedRequest&) { server_.cut_at = ++n == 1 ? 5'000'000 : 0; };
  EXPECT_EQ(code_of([&] { fetch(in_parts(32 << 20)); }), Errc::data_loss) << "broken off";
  server_.n_cut = 0;
  server_.before_answer = [](const auto&) {};
  server_.body = hostile_body(12, 8'000'000);
  server_.etag = "\"v2\"";
  EXPECT_EQ(fetch(in_parts(32 << 20)).n_resumed, 0);
  EXPECT_EQ(text(), server_.body);
}

TEST_F(Transfers, DamagedBytesOfAnEarlierProcessAreFoundByTheDigestAndFetchedAgain) {
  server_.body = hostile_body(13, 8'000'000);
  server_.n_cut = 1'000;
  std::atomic<int> n = 0;
  server_.before_answer = [&](const ServedRequest&) { server_.cut_at = ++n == 1 ? 5'000'000 : 0; };
  DownloadOptions options = in_parts(32 << 20);
  options.expected.digests = sha_of(server_.body);
  EXPECT_EQ(code_of([&] { fetch(options); }), Errc::data_loss) << "broken off";
  for (const fs::path& leftover : find_leftovers(folder_)) {
    if (fs::file_size(leftover) > 1'000'000) {
      std::fstream file(leftover, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(1234);
      file << "damaged";
    }
  }
  server_.n_cut = 0;
  server_.before_answer = [](const auto&) {};
  fetch(options);
  EXPECT_EQ(text(), server_.body);
}

TEST_F(Transfers, AnotherProcessAtWorkOnTheSameFileIsNotDisturbed) {
  server_.body = hostile_body(14, 200'000);
  server_.n_cut = 1;
  server_.cut_at = 100'000;
  bool has_fetched = false;
  server_.before_answer = [&](const ServedRequest& r) {
    if (r.header("If-Range").empty() || std::exchange(has_fetched, true)) return;
    HttpClient other;
    download(other, server_.url(), path_);
    EXPECT_EQ(text(), server_.body);
  };
  fetch();
  EXPECT_EQ(text(), server_.body);
  EXPECT_EQ(n_files(), 1u);
}

TEST_F(Transfers, ALinkThatWaitsUnderTheTemporaryNameIsNotFollowed) {
  server_.n_cut = 1'000;
  // The name is known after a first try that leaves it.
  server_.body = hostile_body(15, 4'000'000);
  std::atomic<int> n = 0;
  server_.before_answer = [&](const ServedRequest&) { server_.cut_at = ++n == 1 ? 3'000'000 : 0; };
  EXPECT_EQ(code_of([&] { fetch(in_parts(32 << 20)); }), Errc::data_loss) << "broken off";
  const fs::path victim = folder_ / "victim";
  std::ofstream(victim) << "untouched";
  for (const fs::path& leftover : find_leftovers(folder_)) {
    fs::remove(leftover);
    fs::create_symlink(victim, leftover);
  }
  server_.n_cut = 0;
  server_.before_answer = [](const auto&) {};
  fetch();
  EXPECT_EQ(text(), server_.body);
  std::ostringstream kept;
  kept << std::ifstream(victim).rdbuf();
  EXPECT_EQ(kept.str(), "untouched");
}

TEST_F(Transfers, AWrongLengthOrDigestLeavesTheOldFileAndNothingElse) {
  std::ofstream(path_) << "old";
  server_.body = hostile_body(16, 50'000);
  const auto refuses = [&](const DownloadOptions& options) {
    EXPECT_EQ(code_of([&] { fetch(options); }), Errc::data_loss);
    EXPECT_EQ(text(), "old");
    EXPECT_EQ(n_files(), 1u);
  };
  DownloadOptions options;
  options.expected.size_bytes = 50'001;
  refuses(options);
  options.expected = {{}, sha_of("other")};
  refuses(options);
  for (const char* field :
       {"Digest: adler32=0badcafe\r\n", "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
        "Repr-Digest: sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:\r\n"}) {
    server_.fields = field;
    refuses({});
  }
  server_.fields = "";
  server_.etag = "\"00000000000000000000000000000000\"";
  options = {};
  options.is_etag_md5 = true;
  refuses(options);
  options.max_bytes = 10'000;
  refuses(options);
}

TEST_F(Transfers, ADigestOfTheServerIsChecked) {
  server_.body = hostile_body(17, 50'000);
  const Digest adler = digest_of(DigestKind::adler32, bytes_of(server_.body));
  server_.fields = "Digest: adler32=" + to_hex(adler.value) + "\r\n";
  const DownloadResult result = fetch(in_parts(10'000));
  EXPECT_EQ(result.verified, std::vector{adler});
  EXPECT_NE(server_.requests().at(0).header("Want-Digest"), "");
}

TEST_F(Transfers, WhatIsThereAndIntactIsNotFetchedAndEqualLengthIsNotEnough) {
  server_.body = hostile_body(18, 50'000);
  DownloadOptions options;
  options.expected.digests = sha_of(server_.body);
  fetch(options);
  server_.forget_requests();
  EXPECT_TRUE(fetch(options).was_intact);
  EXPECT_TRUE(server_.requests().empty()) << "the catalog's digest is enough";
  std::ofstream(path_) << std::string(50'000, 'x');
  EXPECT_FALSE(fetch(options).was_intact);
  EXPECT_EQ(text(), server_.body);
  std::ofstream(path_) << std::string(50'000, 'x');
  EXPECT_FALSE(fetch().was_intact) << "nothing but the length is known";
  server_.fields = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  EXPECT_FALSE(fetch().was_intact);
  EXPECT_TRUE(fetch().was_intact) << "length and time of change are the server's";
}

TEST_F(Transfers, WithoutLengthAndDigestNobodyCanSayWhetherItIsWhole) {
  HostileServer hostile("canary");
  const std::string url = hostile.url({"truncated_whole_without_length", 1'000'000, 1, 10'000});
  EXPECT_EQ(code_of([&] { download(*client_, url, path_); }), Errc::unsupported);
  EXPECT_EQ(n_files(), 0u);
  DownloadOptions options;
  options.accepts_unverifiable = true;
  EXPECT_EQ(download(*client_, url, path_, options).size_bytes, 5'000);
}

TEST_F(Transfers, AFullDiskIsNamedAndLeavesNothing) {
  const fs::path mount = folder_ / "small";
  fs::create_directories(mount);
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "a small file system cannot be mounted here (needs root)";
  server_.body = hostile_body(19, 1'000'000);
  try {
    download(*client_, server_.url(), mount / "f");
    ADD_FAILURE() << "1 MB went into 256 KiB";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unavailable);
    EXPECT_NE(std::string(e.what()).find("disk full"), std::string::npos) << e.what();
  }
  EXPECT_TRUE(fs::is_empty(mount));
  ::umount(mount.c_str());
}

TEST_F(Transfers, AnUploadArrivesWithItsDigestAndIsComparedAfterwards) {
  const std::string body = hostile_body(20, 3'000'000);
  std::ofstream(path_, std::ios::binary) << body;
  std::int64_t n_sent = 0;
  UploadOptions options;
  options.on_bytes = [&](std::int64_t n) { n_sent += n; };
  const Digest md5 = digest_of(DigestKind::md5, bytes_of(body));
  server_.fields = "Digest: md5=" + base64_encode(md5.value) + "\r\n";
  const UploadResult result = upload(*client_, path_, server_.url(), options);
  EXPECT_EQ(server_.body, body);
  EXPECT_EQ(n_sent, 3'000'000);
  EXPECT_EQ(result.verified, std::vector{md5});
  EXPECT_EQ(server_.requests().at(0).header("Content-MD5"), base64_encode(md5.value));
  server_.fields = "Digest: adler32=0badcafe\r\n";
  EXPECT_EQ(code_of([&] { upload(*client_, path_, server_.url(), options); }), Errc::data_loss);
  EXPECT_EQ(code_of([&] { upload(*client_, folder_ / "none", server_.url()); }), Errc::not_found);
}

TEST_F(Transfers, ManyFilesComeInParallelAndTheReportOfFailuresRunsAgain) {
  HostileServer hostile("canary-1");
  std::vector<DownloadJob> jobs;
  for (unsigned i = 0; i < 40; ++i) {
    const bool fails = i % 10 == 3;
    const std::string url = hostile.url({fails ? "status_404" : "none", 1, i, 1000 + i});
    jobs.push_back({url.substr(0, url.find('?')), folder_ / fmt::format("{}/{}", i % 3, i), {}});
    jobs.back().expected = {1000 + i, sha_of(hostile_body(i, 1000 + i))};
  }
  const TransferReport report = download_many(*client_, jobs);
  EXPECT_EQ(report.n_done, 36);
  ASSERT_EQ(report.failures.size(), 4u);
  EXPECT_EQ(report.failures[1].index, 13u);
  EXPECT_EQ(report.failures[1].code, Errc::not_found);
  const Json json = report_to_json(report, jobs);
  const TransferReport second =
      download_many(*client_, parse_failed_jobs(parse_json(json.dump(), "report")));
  EXPECT_EQ(second.n_done, 4);
  EXPECT_TRUE(second.is_complete());
  EXPECT_EQ(download_many(*client_, jobs).n_intact, 40);
}

TEST_F(Transfers, AReportShowsNoQueryAndSaysThatOneIsMissing) {
  HostileServer hostile("canary-2");
  const std::vector<DownloadJob> jobs = {{hostile.url({"status_403", 9, 1, 10}), path_, {}}};
  const Json json = report_to_json(download_many(*client_, jobs), jobs);
  EXPECT_EQ(json.dump().find("canary-2"), std::string::npos) << json.dump();
  EXPECT_EQ(code_of([&] { parse_failed_jobs(json); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { parse_failed_jobs(Json::array()); }), Errc::data_loss);
}

TEST_F(Transfers, TwoJobsForOnePathAreRefused) {
  const std::vector<DownloadJob> jobs = {{server_.url("/a"), folder_ / "x", {}},
                                         {server_.url("/b"), folder_ / "y/../x", {}}};
  EXPECT_EQ(code_of([&] { download_many(*client_, jobs); }), Errc::invalid_argument);
}

TEST_F(Transfers, AStopLeavesTheRestForLater) {
  server_.body = "x";
  std::stop_source source;
  TransferOptions options;
  options.n_workers = 1;
  options.stop = source.get_token();
  options.on_job = [&](std::size_t index, const DownloadResult*, const Error*) {
    if (index == 2) source.request_stop();
  };
  std::vector<DownloadJob> jobs;
  for (int i = 0; i < 10; ++i) jobs.push_back({server_.url(), folder_ / std::to_string(i), {}});
  const TransferReport report = download_many(*client_, jobs, options);
  EXPECT_EQ(report.n_done, 3);
  EXPECT_EQ(report.n_stopped, 7);
  EXPECT_FALSE(report.is_complete());
}

}  // namespace
}  // namespace rastream
