// SPDX-License-Identifier: Apache-2.0
#include "tests/servers/file_server.h"

#include <charconv>
#include <fstream>

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// [begin, end) of "bytes=A-B"; the whole for anything else.
std::pair<std::size_t, std::size_t> range_of(const std::string& field, std::size_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!field.starts_with(kUnit)) return {0, size};
  std::size_t first = 0;
  std::size_t last = size - 1;
  const char* end = field.data() + field.size();
  const auto dash = std::from_chars(field.data() + kUnit.size(), end, first).ptr;
  if (dash < end) std::from_chars(dash + 1, end, last);
  return {std::min(first, size), std::min(last + 1, size)};
}

}  // namespace

FileServer::FileServer(fs::path folder)
    : folder_(std::move(folder)),
      server_([this](const ServedRequest& r, ServedConnection& c) { answer(r, c); }) {}

void FileServer::answer(const ServedRequest& request, ServedConnection& connection) {
  ++n_requests_;
  const fs::path path = folder_ / request.path().substr(1);
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return connection.answer(404, "not here\n");
  const auto size = static_cast<std::size_t>(fs::file_size(path));
  const auto changed = fs::last_write_time(path).time_since_epoch().count();
  const std::string etag =
      "ETag: \"" + std::to_string(size) + "-" + std::to_string(changed) + "\"\r\n";
  const auto [begin, end] = range_of(request.header("range"), size);
  std::string body(end - begin, '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin));
  file.read(body.data(), static_cast<std::streamsize>(body.size()));
  if (request.method == "HEAD") return connection.answer_head(200, body, etag);
  n_bytes_sent_ += static_cast<std::int64_t>(body.size());
  if (request.header("range").empty()) return connection.answer(200, body, etag);
  connection.answer(206, body,
                    etag + "Content-Range: bytes " + std::to_string(begin) + "-" +
                        std::to_string(end - 1) + "/" + std::to_string(size) + "\r\n");
}

}  // namespace rastream
