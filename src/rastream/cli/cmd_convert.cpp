// SPDX-License-Identifier: Apache-2.0
// rastream convert: a file in another format, other chunks, another codec, or a part of it.
#include <fmt/format.h>

#include <charconv>
#include <iostream>
#include <thread>

#include "rastream/base/bytes.h"
#include "rastream/base/progress.h"
#include "rastream/cli/box_words.h"
#include "rastream/cli/command.h"
#include "rastream/cli/place_option.h"
#include "rastream/exec/compare_copy.h"
#include "rastream/exec/copy_dataset.h"
#include "rastream/exec/copy_windows.h"

namespace rastream {
namespace {

struct Arguments {
  std::string in, out, group, codec, dtype, bbox, time, resampling, memory = "2GiB";
  std::vector<std::string> chunks, shards, variables;
  std::int64_t n_threads =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::thread::hardware_concurrency()));
  int zarr_format = 2;
  bool overwrite = false, verifies = true, quiet = false;
  PlaceText place;
};

constexpr const char* kFooter = R"(
Examples:
  rastream convert in.nc out.zarr                             every variable, stored values and attributes as they are
  rastream convert in.zarr out.zarr --chunks time=-1,y=256,x=256 --memory 512MiB
  rastream convert in.nc out.tif --variables tmin --time 1980-06-01/1980-06-30
  rastream convert in.tif out.zarr --bbox=5.1,52.0,5.3,52.2 --codec blosc
  rastream convert in.nc out.zarr --dtype float32 --codec zstd:9 --zarr-format 3
  rastream convert in.nc out.zarr --zarr-format 3 --chunks y=128,x=128 --shards time=-1,y=1024,x=1024
  rastream convert 1981.nc daymet.zarr --append time

The cells of the copy are those of the source, bit for bit; packed values stay packed. With --dtype a value that
does not fit is an error that names its cell. After the copy both files are read and compared (--no-verify leaves
that out); exit code 6 when they differ. A copy that was interrupted goes on when the same command is given again.)";

std::int64_t parse_whole_number(const std::string& text, const std::string& option) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return value;
  throw Error(Errc::invalid_argument, "{}: '{}' is not a whole number", option, text);
}

std::map<std::string, std::int64_t> parse_lengths(const std::vector<std::string>& texts,
                                                  const std::string& option) {
  std::map<std::string, std::int64_t> lengths;
  for (const std::string& text : texts) {
    const auto at = text.find('=');
    if (at == std::string::npos || at == 0) {
      throw Error(Errc::invalid_argument,
                  "{} '{}': expected DIMENSION=LENGTH, such as time=-1,y=256,x=256", option, text);
    }
    lengths[text.substr(0, at)] = parse_whole_number(text.substr(at + 1), option + " " + text);
  }
  return lengths;
}

CopyOptions copy_options(const Arguments& a) {
  CopyOptions options;
  options.in_group = a.group;
  options.variables = a.variables;
  options.overwrite = a.overwrite;
  options.zarr_format = a.zarr_format;
  options.place = parse_place(a.place);
  options.resampling = a.resampling;
  options.chunks = parse_lengths(a.chunks, "--chunks");
  options.shards = parse_lengths(a.shards, "--shards");
  const auto colon = a.codec.find(':');
  options.compressor = a.codec.substr(0, colon);
  if (colon != std::string::npos)
    options.level = static_cast<int>(parse_whole_number(a.codec.substr(colon + 1), "--codec"));
  if (!a.dtype.empty()) options.dtype = parse_dtype(a.dtype);
  if (!a.bbox.empty()) options.windows = box_windows(a.in, a.group, parse_bbox(a.bbox));
  if (!a.time.empty()) options.windows.merge(time_windows(a.in, a.group, a.time));
  return options;
}

std::string size_text(double bytes) { return format_bytes(bytes); }

void print_report(const Arguments& a, const CopyReport& r) {
  std::cout << fmt::format("{}: {} variables, {} cells in {:.2f} s wall, {:.2f} s CPU\n", a.out,
                           r.n_variables, format_count(static_cast<double>(r.n_cells)), r.wall_s,
                           r.cpu_s);
  const auto ratio = [](double a, double b) { return b > 0 ? a / b : 1.0; };
  const auto decoded = static_cast<double>(r.read.decoded_bytes);
  std::cout << fmt::format(
      "read {} stored, {} decoded, amplification {:.2f}; written {}, amplification {:.2f}{}\n",
      size_text(static_cast<double>(r.read.stored_bytes)), size_text(decoded),
      ratio(decoded, r.wanted_bytes), size_text(r.written_bytes),
      ratio(r.written_bytes, r.target_bytes),
      r.scratch_bytes > 0 ? fmt::format("; {} through a scratch file",
                                        size_text(static_cast<double>(r.scratch_bytes)))
                          : "");
  const std::string planned =
      r.bound_bytes > 0
          ? fmt::format("{} planned and ", size_text(static_cast<double>(r.bound_bytes)))
          : "";
  std::cout << fmt::format("peak memory {} of {}{} allowed\n",
                           size_text(static_cast<double>(r.peak_bytes)), planned,
                           size_text(static_cast<double>(parse_bytes(a.memory))));
  if (!r.left_out.empty())
    std::cout << fmt::format("left out, as a GeoTIFF has no place for them: {}\n",
                             fmt::join(r.left_out, ", "));
  for (const RefusedVariable& v : r.refused)
    std::cout << fmt::format("left out: variable '{}', which {}\n", v.name, v.reason);
}

int verify(const Arguments& a, const CopyOptions& options) {
  const CompareReport report =
      compare_copy(a.in, a.out, options, parse_bytes(a.memory), a.n_threads, interrupt_token(),
                   a.quiet ? nullptr : stderr);
  if (!report.is_complete) {
    fmt::print(stderr, "rastream: interrupted: {} is whole, but not all of it was read back\n",
               a.out);
    return kInterrupted;
  }
  for (const std::string& line : report.differences) std::cout << line << "\n";
  const std::string cells = format_count(static_cast<double>(report.n_cells));
  if (!report.differences.empty()) {
    std::cout << fmt::format("{}: NOT equal to the source: {} differences\n", a.out,
                             report.differences.size());
    return exit_code(Errc::data_loss);
  }
  if (!a.quiet)
    std::cout << fmt::format(
        "read back: metadata and {} cells equal to the source, bit for bit, in {:.2f} s\n", cells,
        report.wall_s);
  return 0;
}

int run(const Arguments& a) {
  const CopyOptions options = copy_options(a);
  RunOptions run;
  run.plan.memory_bytes = parse_bytes(a.memory);
  run.plan.n_threads = a.n_threads;
  run.progress = a.quiet ? nullptr : stderr;
  run.stop = interrupt_token();
  const CopyReport report = copy_dataset(a.in, a.out, options, run);
  if (!report.is_complete) {
    fmt::print(stderr, "rastream: interrupted; the same command goes on where it stopped\n");
    return kInterrupted;
  }
  if (!a.quiet) print_report(a, report);
  return a.verifies ? verify(a, options) : 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "Copies a file into another format, other chunks or another codec, or a part of it, within a "
      "bound on memory.\nThe name of OUT says what is written: .zarr, .tif, .nc.");
  app.footer(kFooter);
  app.add_option("in", a->in, "file or store")->required();
  app.add_option("out", a->out, "file or store that is made")->required();
  app.add_option("--group", a->group, "group of IN that is copied; default: all of it");
  app.add_option("--variables", a->variables,
                 "only these, separated by commas, and the coordinates that they need")
      ->delimiter(',');
  app.add_option("--bbox", a->bbox, fmt::format("{}: only cells that this box touches", kBoxHelp));
  app.add_option("--time", a->time,
                 "FROM/TO: only steps in these dates, both included, such as 2001-05/2001-09-30");
  app.add_option(
         "--chunks", a->chunks,
         "cells of a stored chunk, such as time=-1,y=256,x=256; -1: the whole dimension. Others "
         "stay as stored,\nunless they are below 64 KiB or above 64 MiB")
      ->delimiter(',');
  app.add_option("--shards", a->shards,
                 "cells of a stored object with many chunks in it (Zarr v3), such as y=2048,x=2048")
      ->delimiter(',');
  app.add_option(
      "--codec", a->codec,
      "zstd, gzip, deflate, blosc or none, with a level: zstd:9; default: the format's own, zstd "
      "for Zarr and deflate\nfor GeoTIFF and NetCDF-4");
  app.add_option("--dtype", a->dtype,
                 "dtype of the stored cells of data variables, such as float32");
  app.add_option("--resampling", a->resampling,
                 "how the overviews of a GeoTIFF are made: nearest, average or mode; default: "
                 "average for floating and\nscaled cells, else nearest")
      ->check(CLI::IsMember({"nearest", "average", "mode"}));
  app.add_option("--zarr-format", a->zarr_format, "2 or 3")
      ->capture_default_str()
      ->check(CLI::IsMember({2, 3}));
  app.add_option("--memory", a->memory, "bound on memory; a plan that does not fit is refused")
      ->capture_default_str();
  app.add_option("--threads", a->n_threads, "threads")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_flag("--overwrite", a->overwrite, "replace OUT if it exists");
  add_place_options(app, a->place);
  app.add_flag("--verify,!--no-verify", a->verifies,
               "read the copy back and compare (the default)");
  app.add_flag("--quiet", a->quiet, "no progress, no report");
  return [a] { return run(*a); };
}

}  // namespace

Command make_convert_command() {
  return {"convert", "Copy a file into another format, chunking or codec", &set_up};
}

}  // namespace rastream
