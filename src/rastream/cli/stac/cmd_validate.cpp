// SPDX-License-Identifier: Apache-2.0
// rastream stac validate: what in a catalog is not as the specification says.
#include <memory>

#include "rastream/base/error.h"
#include "rastream/catalog/migrate.h"
#include "rastream/catalog/validate/validate.h"
#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/stac_commands.h"
#include "rastream/cli/text_out.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

struct Arguments {
  std::string catalog;
  int n_threads = 0;
  bool recursive = false, json = false, migrate = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream stac validate item.json
  rastream stac validate catalog --recursive
  rastream stac validate old-catalog --recursive --migrate        as they are read: as 1.1.0

Exit codes: 0 all are valid, 1 some are not; others as of every command.)";

std::string shown(const Violation& v, bool json) {
  if (json) {
    return Json({{"href", v.href},
                 {"id", v.id},
                 {"field", v.field},
                 {"expected", v.expected},
                 {"section", v.section}})
               .dump(-1, ' ', false, Json::error_handler_t::replace) +
           "\n";
  }
  return fmt::format("{}: '{}': {}: expected {} ({})\n", printable_url(v.href), v.id,
                     v.field.empty() ? "the document" : v.field, v.expected, v.section);
}

struct Counts {
  std::int64_t documents = 0, violations = 0;
};

void check(const std::string& text, const std::string& href, const Arguments& a, TextOut& out,
           Counts& n) {
  ++n.documents;
  for (const Violation& v : validate_document(JsonText(text), href)) {
    ++n.violations;
    out.write(shown(v, a.json));
  }
}

void check_all(const Catalog& catalog, const Arguments& a, TextOut& out, Counts& n) {
  if (!a.recursive && catalog.document().id.empty()) {
    for (const Item& item : catalog.items()) check(item_text(item), item.href, a, out, n);
    return;
  }
  if (!a.recursive) return check(collection_text(catalog.document()), catalog.path(), a, out, n);
  catalog.for_each_collection([&](const Collection& c) {
    check(collection_text(c), c.href, a, out, n);
    return true;
  });
  catalog.for_each_item([&](const Item& item, const Collection*) {
    check(item_text(item), item.href, a, out, n);
    return true;
  });
}

int run(const Arguments& a) {
  TextOut out;
  Counts n;
  ReadOptions options;
  options.migrates = a.migrate;
  options.n_threads = a.n_threads;
  check_all(Catalog::open(a.catalog, options), a, out, n);
  if (!a.json) out.write(fmt::format("{} documents, {} violations\n", n.documents, n.violations));
  out.flush();
  return n.violations == 0 ? 0 : 1;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "Checks documents by the rules of STAC 1.0 and 1.1 and of the extensions projection, eo, "
      "raster, view, sar,\ndatacube and file. Nothing is fetched but the documents.");
  app.footer(kFooter);
  app.add_option("catalog", a->catalog, "catalog.json, its folder, an item, or a URL")->required();
  app.add_flag("-r,--recursive", a->recursive, "all that is below, too");
  app.add_flag("--migrate", a->migrate, "as 1.1.0, as all other commands read them");
  app.add_flag("--json", a->json, "an object a line");
  app.add_option("--threads", a->n_threads, "documents read at a time; 0: one a core");
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_validate_command() {
  return {"validate", "What is not as the specification says", &set_up};
}

}  // namespace rastream
