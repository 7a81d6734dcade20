// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <thread>

#include "rastream/cli/command.h"

namespace rastream {
namespace {

/// A thread waits for the signals, since a handler may do next to nothing.
std::stop_source watch_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source source;
  std::thread([signals, source]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    source.request_stop();
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    // The only thread that can receive the next signal, which ends the process.
    while (true) pause();
  }).detach();
  return source;
}

}  // namespace

std::stop_token interrupt_token() {
  static const std::stop_source source = watch_signals();
  return source.get_token();
}

}  // namespace rastream
