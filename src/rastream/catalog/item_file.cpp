// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/item_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"

namespace rastream {
namespace {

ItemCollection items_of(Document document, const std::string& location) {
  if (auto* list = std::get_if<ItemCollection>(&document)) return std::move(*list);
  ItemCollection out;
  out.href = location;
  auto* item = std::get_if<Item>(&document);
  if (item == nullptr) throw Error(Errc::data_loss, "{}: expected items, not a catalog", location);
  out.items.push_back(std::move(*item));
  return out;
}

}  // namespace

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

void write_item_collection(const std::string& path, const std::vector<Item>& items) {
  ItemFile file(path, item_format_of(path));
  for (const Item& item : items) file.add(item_text(item));
  file.finish();
}

ItemCollection read_item_collection(const std::string& location, const ReadOptions& options) {
  const CatalogReader reader(options);
  const std::string absolute = resolve_location(location, "");
  if (item_format_of(location) == ItemFormat::collection)
    return items_of(reader.read(absolute, "", nullptr).document, absolute);
  ItemCollection out;
  out.href = absolute;
  const JsonText whole = reader.text(absolute);
  std::string_view rest = whole.view();
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest = rest.substr(std::min(end + 1, rest.size()));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string place = fmt::format("{}, line {}", absolute, line);
    ItemCollection one = items_of(reader.parse(JsonText(text), place, nullptr), place);
    for (Item& item : one.items) {
      item.href = absolute;
      out.items.push_back(std::move(item));
    }
  }
  return out;
}

}  // namespace rastream
