// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/error.h"
#include "rastream/exec/executor.h"

namespace rastream {

const std::vector<ExecutorInfo>& executors() {
  static const std::vector<ExecutorInfo> table = {
      {"serial", "one task after the other in the calling thread", &make_serial_executor},
      {"threads", "the cores of this machine", &make_threads_executor},
  };
  return table;
}

std::unique_ptr<Executor> make_executor(std::string_view name, std::int64_t n_threads) {
  std::string known;
  for (const ExecutorInfo& info : executors()) {
    if (info.name == name) return info.make(n_threads);
    known += (known.empty() ? "" : ", ") + std::string(info.name);
  }
  throw Error(Errc::invalid_argument, "no executor is called '{}': there are {}", name, known);
}

}  // namespace rastream
