// SPDX-License-Identifier: Apache-2.0
// rastream verify: a store against the manifests that were written with it; any other file by
// reading all of it.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <thread>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/base/progress.h"
#include "rastream/cli/command.h"
#include "rastream/format/check_file.h"
#include "rastream/format/hdf5/provenance.h"
#include "rastream/format/zarr/verify.h"

namespace rastream {
namespace {

struct Arguments {
  std::string file, group;
  std::int64_t n_threads =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::thread::hardware_concurrency()));
  bool quiet = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream verify leaf.zarr
  rastream verify tmin.nc

A store that rastream wrote is compared with its manifest: lost, truncated, changed and unexpected chunks are named. Of
any other file every chunk is read and decoded, with its checksums where the format has some; all that fail are named.
Exit code 6 when anything is wrong.)";

int finish(const std::vector<std::string>& problems, const std::string& summary, const char* fine) {
  for (const std::string& problem : problems) std::cout << problem << "\n";
  std::cout << summary << ": "
            << (problems.empty() ? fine : fmt::format("{} problems", problems.size())) << "\n";
  return problems.empty() ? 0 : exit_code(Errc::data_loss);
}

int verify_by_manifest(const Arguments& a) {
  const VerifyReport r = verify_zarr(a.file, a.group);
  return finish(r.problems,
                fmt::format("{}: {} arrays, {} chunks, {}", a.file, r.n_arrays, r.n_chunks,
                            format_bytes(static_cast<double>(r.size_bytes))),
                "all as written");
}

/// Of a Zarr store without a manifest no reading tells whether chunks were lost, nor of a NetCDF-4
/// file without checksums whether cells were changed.
const char* verdict(const DatasetFile& file) {
  if (file.format_name() == "netcdf4" && has_lost_checksums(file.path())) {
    return "all can be read; the checksums that it was written with are gone: another program has "
           "changed the file, or its end was cut off";
  }
  return file.format_name() == "zarr"
             ? "all can be read; without a manifest a lost chunk reads as fill values"
             : "all can be read";
}

int verify_by_reading(const Arguments& a) {
  const auto file = open_file(a.file, a.group);
  Progress progress("verify", 1, "of the file", a.quiet ? nullptr : stderr);
  const FileCheck r = check_file(*file, a.n_threads, [&](double share) { progress.update(share); });
  progress.finish();
  return finish(
      r.problems,
      fmt::format("{} ({}): {} variables, {} chunks, {} decoded", a.file, file->format_name(),
                  r.n_variables, r.n_chunks, format_bytes(static_cast<double>(r.decoded_bytes))),
      verdict(*file));
}

int run(const Arguments& a) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(a.file, ignored)) return verify_by_reading(a);
  try {
    return verify_by_manifest(a);
  } catch (const Error& e) {
    if (e.code() != Errc::not_found) throw;
  }
  return verify_by_reading(a);
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("Finds damage in a file of any format.");
  app.footer(kFooter);
  app.add_option("file", a->file, "file or store")->required();
  app.add_option("--group", a->group, "only this group");
  app.add_option("--threads", a->n_threads, "threads, for files without a manifest")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_flag("--quiet", a->quiet, "no progress");
  return [a] { return run(*a); };
}

}  // namespace

Command make_verify_command() { return {"verify", "Find damage in a file", &set_up}; }

}  // namespace rastream
