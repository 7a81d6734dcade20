// SPDX-License-Identifier: Apache-2.0
// A server of tests/servers as a child process: it says its ports on one line, answers questions
// line by line, and ends when the test does, for its stdin closes then.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "rastream/base/json.h"

namespace rastream {

class ServerProcess {
 public:
  /// `command`: an interpreter and a script of tests/servers, with arguments.
  explicit ServerProcess(const std::vector<std::string>& command);
  /// Kills it when it does not end by itself.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// False when what it needs is not installed.
  bool is_running() const { return !greeting_.empty(); }
  /// What the server said when it was ready: its ports.
  Json greeting() const { return Json::parse(greeting_); }
  int port(const char* name = "port") const { return greeting().at(name).get<int>(); }
  /// "http://127.0.0.1:PORT"
  std::string origin(const char* name = "port") const {
    return "http://127.0.0.1:" + std::to_string(port(name));
  }

  /// One question and its answer.
  Json ask(const Json& question);
  void set(const Json& switches) { ask({{"set", switches}}); }

 private:
  std::string read_line();

  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string buffer_;
  std::string greeting_;
};

/// The Python that has the packages of tests/oracle/requirements.txt, or else the system's.
std::string python_with_packages();

}  // namespace rastream
