// SPDX-License-Identifier: Apache-2.0
// Progress of long work on a terminal: share done, rate, time left.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace rastream {

/// Writes to a stream: on a terminal one line that is redrawn at most five times a second,
/// elsewhere a line at each tenth. Not thread-safe.
class Progress {
 public:
  /// `total` units of work called `unit` ("cell-days"); nothing is written when `stream` is
  /// nullptr.
  Progress(std::string label, double total, std::string unit, std::FILE* stream);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(double done);
  /// Ends the line. Also done by the destructor.
  void finish();

 private:
  void write(double done, double seconds);

  std::string label_;
  double total_;
  std::string unit_;
  std::FILE* stream_;
  bool is_terminal_ = false;
  bool wrote_ = false;
  int tenths_ = 0;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point last_;
};

/// "7 s", "3 min 20 s", "2 h 5 min".
std::string format_duration(double seconds);

/// "1.2 G", "350 M", "12 k": counts of cells, with a decimal prefix.
std::string format_count(double count);

}  // namespace rastream
