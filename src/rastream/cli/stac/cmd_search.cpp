// SPDX-License-Identifier: Apache-2.0
// rastream stac search: items of an API, a catalog, an index or a file.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "rastream/base/progress.h"
#include "rastream/catalog/item_file.h"
#include "rastream/catalog/search/item_value.h"
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

Secrets are best kept in the credentials file (docs/stores.md): --headers are seen by others who
list processes.)";

struct Arguments {
  TargetArguments target;
  SearchArguments search;
  bool wants_matched = false;
  bool is_json = false;
  bool is_lines = false;
  std::string save;
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

class Saved : public Output {
 public:
  explicit Saved(const std::string& path) : path_(path), file_(path, item_format_of(path)) {}
  bool add(const FoundItem& found) override {
    file_.add(found.text.view());
    return true;
  }
  void finish(const SearchSummary& summary) override {
    file_.finish();
    fmt::print("{}: {} items\n", path_, summary.n_items);
  }

 private:
  std::string path_;
  ItemFile file_;
};

std::unique_ptr<Output> output_of(const Arguments& a) {
  if (!a.save.empty()) return std::make_unique<Saved>(a.save);
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

int run(const Arguments& a) {
  if (a.wants_matched) return print_matched(a);
  const Search search = a.search.search();
  const std::unique_ptr<Output> output = output_of(a);
  const bool shows_progress = !a.save.empty() && ::isatty(STDERR_FILENO) == 1;
  Progress progress("search", static_cast<double>(search.max_items.value_or(0)), "items",
                    shows_progress && search.max_items ? stderr : nullptr);
  double n = 0;
  const SearchSummary summary =
      search_items(a.target.target(), search, a.target.options(), [&](const FoundItem& found) {
        progress.update(++n);
        return output->add(found);
      });
  progress.finish();
  output->finish(summary);
  if (summary.n_repeated > 0)
    fmt::print(stderr, "rastream: the server sent {} items more than once: each is kept once\n",
               summary.n_repeated);
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  a->target.add_to(app);
  a->search.add_to(app, SearchArguments::For::items);
  app.add_flag("--matched", a->wants_matched, "print how many match, and no item");
  app.add_option("--save", a->save,
                 "write an item collection, or lines if its name ends in .ndjson");
  CLI::Option* json = app.add_flag("--json", a->is_json, "print an item collection");
  app.add_flag("--ndjson", a->is_lines, "print one item a line")->excludes(json);
  app.footer(kFooter);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_search_command() {
  return {"search", "Find items by place, time and properties", &set_up};
}

}  // namespace rastream
