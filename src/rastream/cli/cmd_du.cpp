// SPDX-License-Identifier: Apache-2.0
// rastream du: how many files and bytes lie below folders, here and on servers.
#include <fmt/format.h>

#include <algorithm>

#include "rastream/cli/command.h"
#include "rastream/cli/file_text.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

struct Arguments {
  std::vector<std::string> places = {"."};
  int max_depth = 0;
  bool json = false, bytes = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream du dcache://surf/data
  rastream du --max-depth 1 webdavs://cloud.example.org/dav    also each folder in it
  rastream du 'daymet/*/'                                      a line for each that fits
  rastream du --json s3://bucket/folder | jq .[0].size

Counted is what files hold, not what disks or tapes need for it. Links to folders are not walked into. What is on tape
alone is named, for `rastream cp` needs it brought to disk first (rastream stage).)";

struct Row {
  std::string path, name;
  bool is_folder = true;
  std::int64_t n_bytes = 0, n_files = 0, n_folders = 0, n_tape_bytes = 0;

  void add(const FileInfo& info) {
    if (info.is_folder) {
      ++n_folders;
      return;
    }
    ++n_files;
    n_bytes += info.size_bytes;
    if (info.locality == Locality::nearline) n_tape_bytes += info.size_bytes;
  }
};

bool is_below(std::string_view path, std::string_view folder) {
  return folder.empty() ||
         (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

/// A row for a place, and one for each folder down to max_depth below it, those above first.
std::vector<Row> rows_of(const Location& at, const FileInfo& top, int max_depth) {
  // As the user wrote it, unless that is a pattern.
  const std::string name = is_glob(at.text) ? at.shown(top.path) : printable(at.text);
  std::vector<Row> rows = {{top.path, name, top.is_folder}};
  std::vector<std::size_t> around = {0};  // rows that the walk is in, the place itself first
  walk(*at.files, top.path, [&](const FileInfo& info) {
    while (around.size() > 1 && !is_below(info.path, rows[around.back()].path)) around.pop_back();
    for (const std::size_t k : around) rows[k].add(info);
    const auto inner = std::string_view(info.path).substr(top.path.empty() ? 0 : top.path.size());
    const auto depth = std::count(inner.begin(), inner.end(), '/') + (top.path.empty() ? 1 : 0);
    if (!info.is_folder || depth > max_depth) return;
    around.push_back(rows.size());
    rows.push_back({info.path, at.shown(info.path)});
  });
  return rows;
}

Json json_of(const Row& row) {
  Json json = {{"name", row.name},
               {"type", row.is_folder ? "directory" : "file"},
               {"size", row.n_bytes},
               {"files", row.n_files}};
  if (row.is_folder) json["folders"] = row.n_folders;
  if (row.n_tape_bytes > 0) json["nearline"] = row.n_tape_bytes;
  return json;
}

std::string table(const std::vector<Row>& rows, bool for_people) {
  std::size_t size_width = 0, files_width = 0;
  for (const Row& row : rows) {
    size_width = std::max(size_width, shown_size(row.n_bytes, for_people).size());
    files_width = std::max(files_width, std::to_string(row.n_files).size());
  }
  std::string out;
  for (const Row& row : rows) {
    const std::string on_tape =
        row.n_tape_bytes == 0
            ? ""
            : fmt::format("  ({} on tape alone)", shown_size(row.n_tape_bytes, for_people));
    out += fmt::format("{:>{}}  {:>{}} {}  {}{}{}\n", shown_size(row.n_bytes, for_people),
                       size_width, row.n_files, files_width, row.n_files == 1 ? "file " : "files",
                       row.name, row.is_folder && !row.name.ends_with('/') ? "/" : "", on_tape);
  }
  return out;
}

int run(const Arguments& a) {
  Locations locations;
  std::vector<Row> rows;
  for (const auto& [at, info] : locations.expand(a.places)) {
    auto more = rows_of(at, info, a.max_depth);
    rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  }
  TextOut out;
  if (a.json) {
    Json all = Json::array();
    for (const Row& row : rows) all.push_back(json_of(row));
    out.write(json_lines(all));
  } else {
    out.write(table(rows, !a.bytes));
  }
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("How many files and bytes lie below folders, here and on servers.");
  app.footer(kFooter);
  app.add_option("places", a->places, "paths or URLs, also patterns; default: this folder");
  app.add_option("-d,--max-depth", a->max_depth, "also a line for each folder so far down")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_flag("-b,--bytes", a->bytes, "sizes in bytes instead of k, M, G");
  app.add_flag("--json", a->json, "a list of objects with name, size, files, folders");
  return [a] { return run(*a); };
}

}  // namespace

Command make_du_command() {
  return {"du", "Count the files and bytes below folders of any store", &set_up};
}

}  // namespace rastream
