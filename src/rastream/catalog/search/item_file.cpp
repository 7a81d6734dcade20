// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/item_file.h"

#include <unistd.h>

#include <cerrno>

#include "rastream/base/error.h"

namespace rastream {

ItemFormat item_format_of(std::string_view path) {
  for (const std::string_view ending : {".ndjson", ".jsonl", ".geojsonl"})
    if (path.ends_with(ending)) return ItemFormat::lines;
  return ItemFormat::collection;
}

ItemBrackets brackets_of(ItemFormat format) {
  if (format == ItemFormat::lines) return {"", "\n", "\n"};
  return {R"({"type":"FeatureCollection","features":[)", ",\n", "]}\n"};
}

ItemFile::ItemFile(std::string path, ItemFormat format)
    : path_(std::move(path)),
      temporary_(fmt::format("{}.{}.tmp", path_, ::getpid())),
      brackets_(brackets_of(format)),
      file_(std::fopen(temporary_.c_str(), "wxe"), &std::fclose) {
  if (!file_) throw error_from_errno(errno, "cannot write items", temporary_);
  write(brackets_.begin);
}

ItemFile::~ItemFile() {
  if (!temporary_.empty() && file_) ::unlink(temporary_.c_str());
}

void ItemFile::write(std::string_view text) {
  if (!text.empty() && std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
    throw error_from_errno(errno, "cannot write items", temporary_);
}

void ItemFile::add(std::string_view item) {
  if (n_++ > 0) write(brackets_.between);
  write(one_line(item));
}

void ItemFile::finish() {
  // Nothing found is an empty file of lines.
  if (n_ > 0 || brackets_.end != "\n") write(brackets_.end);
  const bool is_written = std::fflush(file_.get()) == 0 && ::fsync(fileno(file_.get())) == 0 &&
                          std::rename(temporary_.c_str(), path_.c_str()) == 0;
  if (!is_written) throw error_from_errno(errno, "cannot write items", path_);
  temporary_.clear();
}

std::string one_line(std::string_view json) {
  std::string out(json);
  for (char& c : out)
    if (c == '\n' || c == '\r') c = ' ';
  return out;
}

}  // namespace rastream
