// SPDX-License-Identifier: Apache-2.0
// Which files a cp or mv copies where, and the copying: many at a time, with one report.
#pragma once

#include <cstdio>

#include "rastream/cli/file_text.h"

namespace rastream {

struct CopyJob {
  Location from;
  FileInfo source;
  Location to;
  std::string target;  ///< path in the store of `to`
};

/// What to copy, and the folders to make before, those above first.
struct CopyPlan {
  std::vector<CopyJob> jobs;
  std::vector<std::pair<Location, std::string>> folders;
};

/// As cp has it: into `target` when that is a folder, ends in '/' or takes several sources; else to
/// that very name. A folder is copied with what is in it, and only with `recursive`. Throws
/// invalid_argument when two sources have one target, a folder is to be copied into itself, or a
/// file is where a folder is needed; permission_denied when a symbolic link below a local target
/// would lead the bytes elsewhere.
CopyPlan plan_copy(Locations& locations, const std::vector<std::string>& sources,
                   const std::string& target, bool recursive);

struct CopyRunOptions {
  int n_workers = 8;
  bool skips_intact = true;
  bool stages = false;  ///< files on tape are brought to disk first
  std::FILE* progress = nullptr;
  std::string report;  ///< a JSON file with what was done and what failed; "" : none
};

struct CopyOutcome {
  std::int64_t n_copied = 0;
  std::int64_t n_intact = 0;
  std::int64_t n_failed = 0;
  std::int64_t n_bytes = 0;  ///< of all files that are there now
  double seconds = 0;
  int exit_code = 0;           ///< of the first failure; kInterrupted when stopped
  std::vector<bool> is_there;  ///< by job
};

/// Failures end no other job: each is one line on standard error.
CopyOutcome run_copy(const CopyPlan& plan, const CopyRunOptions& options);

/// "3 files (1.2 GB) in 4 s, 1 was there already".
std::string summary_of(const CopyOutcome& outcome, std::string_view verb);

/// Brings files of dCache from tape and waits until all are on disk. Says so on standard
/// error, and how many are there in `progress`, which may be nullptr. Throws unavailable, naming
/// one, when some cannot be had; returns false when stopped.
bool stage_and_wait(FileSystem& files, const std::vector<std::string>& paths,
                    std::chrono::hours kept, std::FILE* progress);

}  // namespace rastream
