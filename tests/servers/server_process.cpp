// SPDX-License-Identifier: Apache-2.0
#include "tests/servers/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>

extern char** environ;

namespace rastream {

ServerProcess::ServerProcess(const std::vector<std::string>& command) {
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int failed = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_ = in[1];
  from_ = out[0];
  if (failed != 0) pid_ = -1;
  if (failed == 0) greeting_ = read_line();
}

ServerProcess::~ServerProcess() {
  ::close(to_);
  ::close(from_);
  if (pid_ <= 0) return;
  for (int i = 0; i < 1000; ++i) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) return;
    ::usleep(10'000);
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Json ServerProcess::ask(const Json& question) {
  const std::string line = question.dump() + "\n";
  if (::write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("the server does not listen");
  return Json::parse(read_line());
}

std::string ServerProcess::read_line() {
  for (std::size_t end; (end = buffer_.find('\n')) == std::string::npos;) {
    char piece[4096];
    const ssize_t n = ::read(from_, piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return "";
    buffer_.append(piece, static_cast<std::size_t>(n));
  }
  const std::size_t end = buffer_.find('\n');
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return line;
}

std::string python_with_packages() {
  if (const char* set = std::getenv("RASTREAM_PYTHON")) return set;
  return ::access("build/python/bin/python", X_OK) == 0 ? "build/python/bin/python" : "python3";
}

}  // namespace rastream
