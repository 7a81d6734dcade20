// SPDX-License-Identifier: Apache-2.0
// rastream ls: what lies in folders, here and on servers.
#include <fmt/format.h>

#include <algorithm>

#include "rastream/cli/command.h"
#include "rastream/cli/file_text.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

struct Arguments {
  std::vector<std::string> places = {"."};
  bool is_long = false, recursive = false, json = false, bytes = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream ls webdavs://cloud.example.org/dav/daymet
  rastream ls -l dcache://surf/pnfs/project/tape        with locality: ONLINE, NEARLINE (on tape), ...
  rastream ls -r 'dcache://surf/data/hi-19[89]*/*.nc'   quotes keep the pattern from the shell
  rastream ls --json s3://bucket/folder | jq -r .[].name

Schemes: a path, file://, webdav(s):// or dav(s)://, dcache://, s3://; http(s):// has single files alone. In patterns
'*' and '?' stand for parts of a name, [..] for one of some characters, ** for any folders. What is behind dcache:// and
s3:// names is in ~/.config/rastream/stores.json, credentials in credentials.json beside it: see docs/stores.md.)";

class Listing {
 public:
  Listing(const Arguments& a, TextOut& out) : a_(a), out_(out) {}

  void add(const Location& at, const FileInfo& info) {
    if (!info.is_folder) return show(info, at.shown(info.path));
    const auto name = [&](const FileInfo& found) {
      if (a_.json) return at.shown(found.path);
      const std::size_t prefix = info.path.empty() ? 0 : info.path.size() + 1;
      return printable(std::string_view(found.path).substr(prefix));
    };
    if (a_.recursive) {
      walk(*at.files, info.path, [&](const FileInfo& found) { show(found, name(found)); });
    } else {
      for (const FileInfo& found : at.files->entries(info.path)) show(found, name(found));
    }
  }

  void heading(const std::string& text) {
    if (a_.json) return;
    finish();
    out_.write(fmt::format("{}{}:\n", is_first_ ? "" : "\n", text));
    is_first_ = false;
  }

  /// Columns are as wide as what is in them.
  void finish() {
    if (a_.json) {
      out_.write(json_lines(all_));
      return;
    }
    std::size_t widest = 0;
    for (const auto& row : rows_) widest = std::max(widest, row.size.size());
    for (const auto& row : rows_) {
      if (a_.is_long)
        out_.write(fmt::format("{:>{}}  {}  {}{}\n", row.size, widest, row.time,
                               row.locality.empty() ? "" : row.locality + "  ", row.name));
      else
        out_.write(row.name + "\n");
    }
    rows_.clear();
  }

 private:
  struct Row {
    std::string size, time, locality, name;
  };

  void show(const FileInfo& info, const std::string& name) {
    if (a_.json) return all_.push_back(json_of(info, name));
    const std::string shown = name + (info.is_folder && !name.ends_with('/') ? "/" : "");
    if (!a_.is_long) {
      out_.write(shown + "\n");
      return;
    }
    const std::string time = info.modified_ms ? shown_time(info.modified_ms) : std::string(20, ' ');
    const std::string size = info.is_folder ? "-" : shown_size(info.size_bytes, !a_.bytes);
    rows_.push_back(
        {size, time, info.locality ? fmt::format("{:19}", to_string(*info.locality)) : "", shown});
  }

  const Arguments& a_;
  TextOut& out_;
  Json all_ = Json::array();
  std::vector<Row> rows_;
  bool is_first_ = true;
};

int run(const Arguments& a) {
  TextOut out;
  Locations locations;
  Listing listing(a, out);
  const auto found = locations.expand(a.places);
  const bool has_headings = found.size() > 1 && !a.json;
  // Files first, as ls does, so that headings are of folders alone.
  for (const auto& [at, info] : found) {
    if (!info.is_folder) listing.add(at, info);
  }
  for (const auto& [at, info] : found) {
    if (!info.is_folder) continue;
    if (has_headings) listing.heading(at.shown(info.path));
    listing.add(at, info);
  }
  listing.finish();
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("What lies in folders, here and on WebDAV servers, dCache and S3.");
  app.footer(kFooter);
  app.add_option("places", a->places, "paths or URLs, also patterns; default: this folder");
  app.add_flag("-l,--long", a->is_long, "size, time of change (UTC) and, of dCache, locality");
  app.add_flag("-r,--recursive", a->recursive, "also what lies in the folders below");
  app.add_flag("-b,--bytes", a->bytes, "sizes in bytes instead of k, M, G");
  app.add_flag("--json", a->json, "a list of objects with name, type, size, modified, ...");
  return [a] { return run(*a); };
}

}  // namespace

Command make_ls_command() { return {"ls", "List files and folders of any store", &set_up}; }

}  // namespace rastream
