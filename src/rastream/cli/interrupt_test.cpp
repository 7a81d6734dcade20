// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "rastream/cli/command.h"

namespace rastream {
namespace {

/// Waits for the stop that the first signal asks for; a second one then ends the process. SIGALRM
/// ends one that neither reaches.
[[noreturn]] void interrupt_twice() {
  ::alarm(60);
  const std::stop_token stop = interrupt_token();
  ::kill(::getpid(), SIGINT);
  while (!stop.stop_requested()) std::this_thread::yield();
  ::kill(::getpid(), SIGINT);
  while (true) ::pause();
}

TEST(Interrupt, TheFirstAsksForAStopAndTheSecondEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(interrupt_twice(), testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace rastream
