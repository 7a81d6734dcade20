// SPDX-License-Identifier: Apache-2.0
// What S3 answers in XML: pages of ListObjectsV2, uploads in parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rastream/store/file_system.h"

namespace rastream {

/// One page of ListObjectsV2.
struct S3Page {
  std::vector<FileInfo> files;       ///< path: the whole key
  std::vector<std::string> folders;  ///< common prefixes, which end in '/'
  std::string next;                  ///< continuation token; "" after the last page
};

/// Of an answer to encoding-type=url. Keys that end in '/' mark folders and are left out. Throws
/// data_loss, naming `what`, for what is no such answer, and for keys and prefixes that do not
/// begin with `prefix`.
S3Page parse_s3_page(std::string_view xml, std::string_view prefix, std::string_view what);

/// The UploadId of CreateMultipartUpload.
std::string parse_s3_upload_id(std::string_view xml, std::string_view what);
/// The body of CompleteMultipartUpload.
std::string s3_completion(const std::vector<std::string>& etags);
/// CompleteMultipartUpload and CopyObject answer 200 before they know: throws unavailable when the
/// body is an error.
void check_s3_answer(std::string_view xml, std::string_view what);

}  // namespace rastream
