// SPDX-License-Identifier: Apache-2.0
// rastream verify: a store against the manifests that were written with it.
#include <fmt/format.h>

#include <iostream>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/cli/command.h"
#include "rastream/format/zarr/verify.h"

namespace rastream {
namespace {

int run(const std::string& store, const std::string& group) {
  const VerifyReport report = verify_zarr(store, group);
  for (const std::string& problem : report.problems) std::cout << problem << "\n";
  std::cout << fmt::format("{}: {} arrays, {} chunks, {}: {}\n", store, report.n_arrays,
                           report.n_chunks, format_bytes(static_cast<double>(report.size_bytes)),
                           report.problems.empty()
                               ? "all as written"
                               : fmt::format("{} problems", report.problems.size()));
  return report.problems.empty() ? 0 : exit_code(Errc::data_loss);
}

std::function<int()> set_up(CLI::App& app) {
  struct Arguments {
    std::string store, group;
  };
  auto a = std::make_shared<Arguments>();
  app.description(
      "Reads every chunk of a store that rastream wrote and compares it with the store's manifest: "
      "lost, truncated,\n"
      "changed and unexpected chunks are named. Exit code 6 when anything is wrong.");
  app.add_option("store", a->store, "Zarr store")->required();
  app.add_option("--group", a->group, "only this group");
  return [a] { return run(a->store, a->group); };
}

}  // namespace

Command make_verify_command() { return {"verify", "Check a store against its manifest", &set_up}; }

}  // namespace rastream
