// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/file_text.h"

#include <fmt/format.h>

#include <ctime>

#include "rastream/base/progress.h"

namespace rastream {

std::string shown_size(std::int64_t size_bytes, bool for_people) {
  return for_people && size_bytes >= 1000 ? format_count(static_cast<double>(size_bytes))
                                          : std::to_string(size_bytes);
}

std::string shown_time(std::optional<std::int64_t> ms) {
  if (!ms) return "-";
  const std::time_t seconds = *ms / 1000;
  std::tm t{};
  ::gmtime_r(&seconds, &t);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t)};
}

Json json_of(const FileInfo& info, const std::string& name) {
  Json json = {{"name", name}, {"type", info.is_folder ? "directory" : "file"}};
  if (!info.is_folder) json["size"] = info.size_bytes;
  if (info.modified_ms) json["modified"] = shown_time(info.modified_ms);
  if (info.created_ms) json["created"] = shown_time(info.created_ms);
  if (!info.etag.empty()) json["etag"] = info.etag;
  if (info.is_link) json["link"] = true;
  if (info.locality) json["locality"] = to_string(*info.locality);
  for (const Digest& digest : info.digests)
    json["digests"][std::string(to_string(digest.kind))] = to_hex(digest.value);
  return json;
}

}  // namespace rastream
