// SPDX-License-Identifier: Apache-2.0
// A server that is a program: started by a test, stopped with it, also when the test fails.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace rastream {

/// Starts `command` and reads one line, its port, from what it prints. Its standard input ends when
/// this is destroyed, or this process dies, and the program with it; after 5 s it is killed.
class ScriptServer {
 public:
  explicit ScriptServer(const std::vector<std::string>& command);
  ~ScriptServer();
  ScriptServer(const ScriptServer&) = delete;
  ScriptServer& operator=(const ScriptServer&) = delete;
  /// 0 when it did not start.
  int port() const { return port_; }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int port_ = 0;
};

}  // namespace rastream
