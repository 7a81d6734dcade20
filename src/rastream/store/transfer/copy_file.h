// SPDX-License-Identifier: Apache-2.0
// A file from any store to any other.
#pragma once

#include "rastream/store/file_system.h"
#include "rastream/store/transfer/download.h"

namespace rastream {

struct CopyFileOptions {
  /// A file that is there is left alone when its bytes are known to be those of the source: equal
  /// digests; where neither side tells one, equal length and a target that was written later.
  bool skips_intact = true;
  /// What is known of the bytes beside what the stores say: they must be so, and a file that is
  /// there and has these digests is intact.
  ExpectedFile expected = {};
  /// Called with the number of new bytes; from many threads.
  std::function<void(std::int64_t)> on_bytes = {};
  std::stop_token stop = {};
};

struct CopyFileResult {
  std::int64_t size_bytes = 0;
  bool was_intact = false;
  std::int64_t n_resumed = 0;         ///< bytes that an earlier try had left
  std::vector<Digest> verified = {};  ///< what the bytes were checked against
};

/// Copies the file `source` (its stat) to `target`, whose folder exists. The target has its name
/// when it is whole and checked, and keeps its old bytes until then. Between two stores elsewhere
/// the bytes pass through a file in the folder for temporary files.
///
/// Throws what the stores say; data_loss when digests differ, the source changed meanwhile or is
/// not as expected.
CopyFileResult copy_file(const FileSystem& from, const FileInfo& source, FileSystem& to,
                         std::string_view target, const CopyFileOptions& options = {});

/// The same of a file on the web of which nobody has asked the server yet: of a copy to this
/// machine that saves a question.
CopyFileResult copy_web_file(const WebAddress& source, FileSystem& to, std::string_view target,
                             const CopyFileOptions& options = {});

}  // namespace rastream
