// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace rastream {

std::string format_duration(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string format_count(double count) {
  const char* prefixes[] = {"", " k", " M", " G", " T"};
  std::size_t i = 0;
  while (count >= 999.5 && i + 1 < std::size(prefixes)) {
    count /= 1000;
    ++i;
  }
  return fmt::format("{:.3g}{}", count, prefixes[i]);
}

Progress::Progress(std::string label, double total, std::string unit, std::FILE* stream)
    : label_(std::move(label)),
      total_(total),
      unit_(std::move(unit)),
      stream_(stream),
      is_terminal_(stream && ::isatty(fileno(stream))),
      begin_(std::chrono::steady_clock::now()),
      last_(begin_) {}

Progress::~Progress() { finish(); }

void Progress::update(double done) {
  if (!stream_ || total_ <= 0) return;
  const auto now = std::chrono::steady_clock::now();
  const double share = std::min(1.0, done / total_);
  const int tenths = static_cast<int>(share * 10);
  const bool is_due =
      is_terminal_ ? now - last_ > std::chrono::milliseconds(200) || share >= 1 : tenths > tenths_;
  if (!is_due) return;
  tenths_ = tenths;
  last_ = now;
  write(done, std::chrono::duration<double>(now - begin_).count());
}

void Progress::write(double done, double seconds) {
  const double share = std::min(1.0, done / total_);
  const double rate = seconds > 0 ? done / seconds : 0;
  const std::string left = share >= 1 ? "done in " + format_duration(seconds)
                           : rate > 0 ? format_duration((total_ - done) / rate) + " left"
                                      : "";
  if (is_terminal_) {
    const int width = 24;
    const int full = static_cast<int>(share * width);
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < full ? "█" : "·";
    fmt::print(stream_, "\r{} {} {:3.0f} %  {} {}/s  {}   \x1b[K", label_, bar, share * 100,
               format_count(rate), unit_, left);
  } else {
    fmt::print(stream_, "{} {:3.0f} %  {} {}/s  {}\n", label_, share * 100, format_count(rate),
               unit_, left);
  }
  std::fflush(stream_);
  wrote_ = true;
}

void Progress::finish() {
  if (stream_ && is_terminal_ && wrote_) fmt::print(stream_, "\n");
  wrote_ = false;
}

}  // namespace rastream
