// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/process_usage.h"

#include <sys/resource.h>

namespace rastream {
namespace {

rusage usage() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return u;
}

}  // namespace

double cpu_seconds() {
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  const rusage u = usage();
  return seconds(u.ru_utime) + seconds(u.ru_stime);
}

std::int64_t peak_resident_bytes() { return std::int64_t{1024} * usage().ru_maxrss; }

}  // namespace rastream
