// SPDX-License-Identifier: Apache-2.0
// rastream stac search: items of an API, a catalog, an index or a file.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "rastream/base/progress.h"
#include "rastream/catalog/item_file.h"
#include "rastream/catalog/search/found_catalog.h"
#include "rastream/catalog/search/found_item.h"
#include "rastream/catalog/search/item_value.h"
#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/search_arguments.h"
#include "rastream/cli/stac/stac_commands.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

constexpr const char* kFooter = R"(
TARGET is the URL of a STAC API or of a static catalog, a catalog's file or folder, an index that
`rastream stac index` made, or a file of items that a search saved. All take the same conditions.

Examples:
  rastream stac search https://earth-search.aws.element84.com/v1 -c sentinel-2-l2a \
      --bbox 5.1 52.0 5.2 52.1 --datetime 2024-06 --query "eo:cloud_cover<20" --save june.json
  rastream stac search june.json --sortby -eo:cloud_cover --max-items 5
  rastream stac search catalog.index --filter "platform = 'sentinel-2a' AND eo:cloud_cover < 10"
  rastream stac search demo/catalog.json --datetime 1980/1990 --ndjson
  rastream stac search june.json --query "eo:cloud_cover<5" --save-catalog clear

--save-catalog makes a self-contained catalog of the items and their collections; their files stay where they are, so it
needs no space and can be opened, changed, indexed, and copied with its files (stac copy) like any other.

Secrets are best kept in the credentials file (docs/stores.md): --headers are seen by others who
list processes.)";

struct Arguments {
  TargetArguments target;
  SearchArguments search;
  bool wants_matched = false;
  bool is_json = false;
  bool is_lines = false;
  std::string save;
  std::string catalog;
};

/// Where found items go.
class Output {
 public:
  virtual ~Output() = default;
  /// False when nobody reads any more.
  virtual bool add(const FoundItem& found) = 0;
  virtual void finish(const SearchSummary& summary) = 0;
};

class Text : public Output {
 public:
  explicit Text(ItemFormat format) : brackets_(brackets_of(format)) { out_.write(brackets_.begin); }
  bool add(const FoundItem& found) override {
    if (n_++ > 0) out_.write(brackets_.between);
    return out_.write(one_line(found.text.view()));
  }
  void finish(const SearchSummary&) override {
    if (n_ > 0 || brackets_.end != "\n") out_.write(brackets_.end);
    out_.flush();
  }

 private:
  ItemBrackets brackets_;
  TextOut out_;
  std::int64_t n_ = 0;
};

/// For people. An item with a few fields alone has dashes for the others.
class Table : public Output {
 public:
  bool add(const FoundItem& found) override {
    if (n_++ == 0) line("id", "collection", "datetime", "cloud %");
    const std::string_view text = found.text.view();
    const std::string_view properties = find_member(text, "properties");
    const auto property = [&](std::string_view name) {
      return properties.starts_with('{') ? shown(find_member(properties, name)) : "-";
    };
    std::string time = property("datetime");
    if (time == "-") time = property("start_datetime") + " / " + property("end_datetime");
    return line(shown(find_member(text, "id")), shown(find_member(text, "collection")),
                time == "- / -" ? "-" : time, property("eo:cloud_cover"));
  }
  void finish(const SearchSummary& summary) override {
    std::string end = summary.n_items == 1 ? "1 item" : fmt::format("{} items", summary.n_items);
    if (summary.matched) end += fmt::format(" of {} that match", *summary.matched);
    out_.write(end + "\n");
    out_.flush();
  }

 private:
  static std::string shown(std::string_view json) {
    if (json.empty() || json == "null") return "-";
    std::string text = json.starts_with('"') ? from_json_string(json) : std::string(json);
    // What a catalog says is not what a terminal does.
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text;
  }
  bool line(const std::string& id, const std::string& collection, const std::string& time,
            const std::string& cloud) {
    return out_.write(fmt::format("{:<44} {:<20} {:<22} {}\n", id, collection, time, cloud));
  }
  TextOut out_;
  std::int64_t n_ = 0;
};

/// Whole items; what a choice of fields left has no hrefs that could be relied on.
class Saved : public Output {
 public:
  Saved(const std::string& path, bool is_whole)
      : path_(path), is_whole_(is_whole), file_(path, item_format_of(path)) {}
  bool add(const FoundItem& found) override {
    if (is_whole_)
      file_.add(item_text(lasting_item(found, as_it_is_)));
    else
      file_.add(found.text.view());
    return true;
  }
  void finish(const SearchSummary& summary) override {
    file_.finish();
    fmt::print("{}: {} items\n", path_, summary.n_items);
  }

 private:
  std::string path_;
  bool is_whole_;
  ItemFile file_;
  CatalogReader as_it_is_{ReadOptions{.migrates = false}};
};

std::unique_ptr<Output> output_of(const Arguments& a) {
  if (!a.save.empty()) return std::make_unique<Saved>(a.save, !a.search.search().fields);
  if (a.is_lines) return std::make_unique<Text>(ItemFormat::lines);
  if (a.is_json) return std::make_unique<Text>(ItemFormat::collection);
  return std::make_unique<Table>();
}

int print_matched(const Arguments& a) {
  const auto n = count_items(a.target.target(), a.search.search(), a.target.options());
  if (!n)
    throw Error(Errc::unsupported, "{}: the server does not say how many items match",
                printable_url(a.target.target()));
  if (a.is_json)
    fmt::print("{{\"matched\":{}}}\n", *n);
  else
    fmt::print("{} items matched\n", *n);
  return 0;
}

void tell_repeated(const SearchSummary& summary) {
  if (summary.n_repeated > 0)
    fmt::print(stderr, "rastream: the server sent {} items more than once: each is kept once\n",
               summary.n_repeated);
}

/// The catalog is called as its folder is.
int save_catalog(const Arguments& a, const Search& search, Progress& progress) {
  std::filesystem::path folder(a.catalog);
  if (!folder.has_filename()) folder = folder.parent_path();
  const std::string name = folder.filename().string();
  FoundCatalog found =
      find_as_catalog(a.target.target(), search, a.target.options(),
                      name.find_first_not_of('.') == std::string::npos ? "found" : name,
                      [&](std::int64_t n) { progress.update(static_cast<double>(n)); });
  progress.finish();
  WriteArguments writing;
  const SaveReport report = writing.save(found.catalog, folder.string());
  const std::int64_t n = found.summary.n_items;
  fmt::print("{} item{} in {}", n, n == 1 ? "" : "s",
             report_line(folder.string(), found.catalog.document(), report));
  tell_repeated(found.summary);
  return 0;
}

int run(const Arguments& a) {
  if (a.wants_matched) return print_matched(a);
  const Search search = a.search.search();
  const bool shows_progress =
      !(a.save.empty() && a.catalog.empty()) && ::isatty(STDERR_FILENO) == 1;
  Progress progress("search", static_cast<double>(search.max_items.value_or(0)), "items",
                    shows_progress && search.max_items ? stderr : nullptr);
  if (!a.catalog.empty()) return save_catalog(a, search, progress);
  const std::unique_ptr<Output> output = output_of(a);
  double n = 0;
  const SearchSummary summary =
      search_items(a.target.target(), search, a.target.options(), [&](const FoundItem& found) {
        progress.update(++n);
        return output->add(found);
      });
  progress.finish();
  output->finish(summary);
  tell_repeated(summary);
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  a->target.add_to(app);
  a->search.add_to(app, SearchArguments::For::items);
  CLI::Option* matched =
      app.add_flag("--matched", a->wants_matched, "print how many match, and no item");
  CLI::Option* save = app.add_option(
      "--save", a->save, "write an item collection, or lines if its name ends in .ndjson");
  CLI::Option* json = app.add_flag("--json", a->is_json, "print an item collection");
  CLI::Option* lines = app.add_flag("--ndjson", a->is_lines, "print one item a line");
  app.add_option("--save-catalog", a->catalog,
                 "write a catalog of them to this folder, here or in a store; no file is copied")
      ->excludes(matched)
      ->excludes(save)
      ->excludes(json)
      ->excludes(lines);
  lines->excludes(json);
  app.footer(kFooter);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_search_command() {
  return {"search", "Find items by place, time and properties", &set_up};
}

}  // namespace rastream
