// SPDX-License-Identifier: Apache-2.0
// rastream stac queryables: what a filter of an API may name (STAC API filter extension 1.0.0).
#include <fmt/format.h>

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/base/printable.h"
#include "rastream/cli/stac/search_arguments.h"
#include "rastream/cli/stac/stac_commands.h"
#include "rastream/cli/text_out.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

constexpr const char* kFooter = R"(
Examples:
  rastream stac queryables https://planetarycomputer.microsoft.com/api/stac/v1 sentinel-2-l2a
  rastream stac queryables https://host/stac landsat sentinel-2     those of both
  rastream stac queryables https://host/stac --json | jq '.properties | keys'

The names are those of --filter and --query of rastream stac search. Of several collections a property that two of them
define differently is left out. An API may take other names too: then its schema has additionalProperties.)";

struct Arguments {
  TargetArguments target;
  std::vector<std::string> collections;
  bool is_json = false;
};

std::string text_member(const Json& schema, const char* name) {
  const bool has_text = schema.is_object() && schema.contains(name) && schema.at(name).is_string();
  return has_text ? printable(schema.at(name).get<std::string>()) : "";
}

/// "number", "string (date-time)", "integer or null"; what a $ref leads to is not fetched.
std::string type_of(const Json& schema) {
  std::string type = text_member(schema, "type");
  if (schema.is_object() && schema.contains("type") && schema.at("type").is_array()) {
    for (const Json& one : schema.at("type"))
      if (one.is_string()) type += (type.empty() ? "" : " or ") + printable(one.get<std::string>());
  }
  const std::string format = text_member(schema, "format");
  if (!format.empty()) type += fmt::format("{}({})", type.empty() ? "" : " ", format);
  return type.empty() ? "-" : type;
}

/// Its title, else its description, and the values that it may have.
std::string meaning_of(const Json& schema) {
  std::string text = text_member(schema, "title");
  if (text.empty()) text = text_member(schema, "description");
  if (!schema.is_object()) return text;
  if (schema.contains("enum") && schema.at("enum").is_array()) {
    std::vector<std::string> values;
    for (const Json& value : schema.at("enum"))
      values.push_back(printable(value.is_string() ? value.get<std::string>() : value.dump()));
    text += fmt::format("{}one of {}", text.empty() ? "" : ": ", fmt::join(values, ", "));
  }
  const auto bound = [&](const char* name, const char* word) {
    if (schema.contains(name) && schema.at(name).is_number())
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", word, schema.at(name).dump());
  };
  bound("minimum", "from");
  bound("maximum", "to");
  return text;
}

void print_table(const Json& schema) {
  struct Row {
    std::string name, type, meaning;
  };
  std::vector<Row> rows = {{"name", "type", "meaning"}};
  for (const auto& [name, one] : schema.at("properties").items())
    rows.push_back({printable(name), type_of(one), meaning_of(one)});
  std::size_t name_width = 0, type_width = 0;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    type_width = std::max(type_width, row.type.size());
  }
  TextOut out;
  for (const Row& row : rows)
    out.write(fmt::format("{:<{}}  {:<{}}  {}\n", row.name, name_width, row.type, type_width,
                          row.meaning));
  if (schema.contains("additionalProperties") && schema.at("additionalProperties") == Json(true))
    out.write("and others\n");
  out.flush();
}

int run(const Arguments& a) {
  const SearchOptions options = a.target.options();
  if (!is_http_url(a.target.target()))
    throw Error(Errc::invalid_argument, "'{}': expected the URL of a STAC API",
                printable_url(a.target.target()));
  StacApi api = StacApi::open(a.target.target(), options.api);
  if (options.conformance) options.conformance(api.conformance());
  const Json schema =
      a.collections.empty() ? api.queryables() : api.merged_queryables(a.collections);
  if (!a.is_json) {
    print_table(schema);
    return 0;
  }
  TextOut out;
  out.write(json_lines(schema));
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  app.description("What a filter of a STAC API may name, with types.");
  a->target.add_to(app);
  app.add_option("collections", a->collections, "ids; default: what holds for all");
  app.add_flag("--json", a->is_json, "print the JSON Schema");
  app.footer(kFooter);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_queryables_command() {
  return {"queryables", "List what a filter of an API may name", &set_up};
}

}  // namespace rastream
