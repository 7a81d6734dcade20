// SPDX-License-Identifier: Apache-2.0
// The law of resuming: a run that was stopped, killed or failed in the middle goes on with the
// tasks that are missing and no others, and ends with the bytes of a run that was not.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "rastream/exec/write_dataset.h"
#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/folds/folds.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

/// Every file below `folder` with its bytes.
std::map<std::string, std::string> files_in(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[std::filesystem::relative(entry.path(), folder).native()] = text.str();
  }
  return files;
}

/// A stream that calls back at each piece of progress: a run says so at each tenth of its work.
class ProgressHook {
 public:
  explicit ProgressHook(std::function<void(int)> on_progress)
      : on_progress_(std::move(on_progress)) {
    cookie_io_functions_t io{};
    io.write = [](void* self, const char*, std::size_t n) {
      auto& hook = *static_cast<ProgressHook*>(self);
      hook.on_progress_(++hook.n_calls_);
      return static_cast<ssize_t>(n);
    };
    file_ = ::fopencookie(this, "w", io);
    std::setvbuf(file_, nullptr, _IOLBF, 4096);
  }
  ~ProgressHook() { std::fclose(file_); }
  ProgressHook(const ProgressHook&) = delete;
  ProgressHook& operator=(const ProgressHook&) = delete;
  std::FILE* file() const { return file_; }

 private:
  std::function<void(int)> on_progress_;
  int n_calls_ = 0;
  std::FILE* file_ = nullptr;
};

/// A mean's anomaly of 12 columns, each of which is one chunk of the output.
class ResumeLaw : public testing::Test {
 protected:
  ResumeLaw() {
    stores::write_store(
        source_, {stores::variable("t", {"time", "y", "x"}, {kSteps, 9, 20}, {1, 3, 5},
                                   DType::float32, [](const Extents& i) {
                                     return static_cast<double>((i[0] * 31 + i[1] * 7 + i[2]) % 19);
                                   })});
    file_ = open_shared(source_, "");
    const Array t = stores::read_of(source_, "t");
    DataArray a;
    a.name = "anomaly";
    a.array = subtract(t, mean(t, {"time"}));
    dataset_ = make_dataset({a});
    options_.run.executor = "serial";
    options_.run.plan.slab = 1;
    options_.run.plan.step = 1;
    options_.run.label = "resume";
    EXPECT_TRUE(write(path("whole")).is_complete);
    n_reads_ = n_decoded();
    whole_ = files_in(path("whole"));
  }

  std::string path(const std::string& name) const { return folder_ / (name + ".zarr"); }
  RunReport write(const std::string& to) { return write_dataset(dataset_, to, options_); }
  std::int64_t n_decoded() const { return file_->statistics().n_chunks; }

  /// Writes again and compares: `n_done` tasks are not made anew, and nothing of theirs is read.
  void expect_goes_on(const std::string& to, std::int64_t n_done) {
    EXPECT_FALSE(std::filesystem::exists(to));
    options_.run.stop = {};
    options_.run.progress = nullptr;
    const std::int64_t before = n_decoded();
    const RunReport report = write(to);
    EXPECT_TRUE(report.is_complete);
    EXPECT_EQ(report.n_tasks, kTasks);
    EXPECT_EQ(report.n_tasks_resumed, n_done);
    EXPECT_EQ(n_decoded() - before, n_reads_ / kTasks * (kTasks - n_done));
    EXPECT_EQ(files_in(to), whole_);
  }

  static constexpr std::int64_t kSteps = 8, kTasks = 12;
  ScratchFolder folder_;
  std::string source_ = folder_ / "source.zarr";
  std::shared_ptr<DatasetFile> file_;
  Dataset dataset_;
  WriteOptions options_;
  std::int64_t n_reads_ = 0;
  std::map<std::string, std::string> whole_;
};

TEST_F(ResumeLaw, AStopInTheMiddleLeavesTheRestForTheNextRun) {
  std::stop_source stop;
  // Half of the work is six tasks; cells are stored before progress is told.
  const ProgressHook hook([&](int tenth) {
    if (tenth == 5) stop.request_stop();
  });
  options_.run.progress = hook.file();
  options_.run.stop = stop.get_token();
  EXPECT_FALSE(write(path("stopped")).is_complete);
  expect_goes_on(path("stopped"), 6);
}

TEST_F(ResumeLaw, AKilledRunLosesOnlyTheTaskInWork) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const ProgressHook hook([](int tenth) {
      if (tenth == 4) ::raise(SIGKILL);
    });
    options_.run.progress = hook.file();
    write(path("killed"));
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  expect_goes_on(path("killed"), 4);
}

TEST_F(ResumeLaw, ALostSourceChunkCostsOnlyWhatFollowsIt) {
  const std::string lost = source_ + "/t/3.1.2";
  ASSERT_TRUE(std::filesystem::exists(lost));
  std::filesystem::rename(lost, folder_ / "kept");
  try {
    write(path("failed"));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::data_loss) << e.what();
    EXPECT_NE(std::string(e.what()).find("3.1.2"), std::string::npos) << e.what();
  }
  std::filesystem::rename(folder_ / "kept", lost);
  expect_goes_on(path("failed"), 6);
}

TEST_F(ResumeLaw, StopsOfThreadsSideBySideGoOnUntilAllIsThere) {
  options_.run.executor = "threads";
  options_.run.plan.n_threads = 3;
  std::int64_t n_resumed = 0;
  for (const int last_tenth : {6, 6, 99}) {
    std::stop_source stop;
    const ProgressHook hook([&](int tenth) {
      if (tenth == last_tenth) stop.request_stop();
    });
    options_.run.progress = hook.file();
    options_.run.stop = stop.get_token();
    const RunReport report = write(path("often"));
    EXPECT_EQ(report.is_complete, last_tenth == 99);
    EXPECT_GE(report.n_tasks_resumed, n_resumed);
    n_resumed = report.n_tasks_resumed;
  }
  EXPECT_GT(n_resumed, 0);
  EXPECT_EQ(files_in(path("often")), whole_);
}

TEST_F(ResumeLaw, AnotherJobUnderTheSameNameStartsAnew) {
  std::stop_source stop;
  const ProgressHook hook([&](int tenth) {
    if (tenth == 5) stop.request_stop();
  });
  options_.run.progress = hook.file();
  options_.run.stop = stop.get_token();
  EXPECT_FALSE(write(path("other")).is_complete);
  options_.run.stop = {};
  options_.run.progress = nullptr;
  options_.chunks = {{"time", 2}};
  const RunReport report = write(path("other"));
  EXPECT_TRUE(report.is_complete);
  EXPECT_EQ(report.n_tasks_resumed, 0);
}

TEST_F(ResumeLaw, AFinishedJobThatIsRunAgainHasTheSameBytes) {
  options_.overwrite = true;
  const RunReport report = write(path("whole"));
  EXPECT_TRUE(report.is_complete);
  EXPECT_EQ(report.n_tasks_resumed, 0);
  EXPECT_EQ(files_in(path("whole")), whole_);
}

TEST_F(ResumeLaw, AFinishedJobIsNotTouchedWithoutBeingAskedTo) {
  const std::int64_t before = n_decoded();
  try {
    write(path("whole"));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument) << e.what();
  }
  EXPECT_EQ(n_decoded(), before);
  EXPECT_EQ(files_in(path("whole")), whole_);
}

}  // namespace
}  // namespace rastream
