// SPDX-License-Identifier: Apache-2.0
// rastream stac create: catalogs over archives that have none.
#include <fmt/format.h>

#include <charconv>
#include <iostream>
#include <memory>

#include "rastream/base/error.h"
#include "rastream/catalog/daymet_catalog.h"
#include "rastream/cli/stac/read_arguments.h"
#include "rastream/cli/stac/stac_commands.h"

namespace rastream {
namespace {

struct Arguments : WriteArguments {
  std::string archive, folder, years;
  DaymetCatalogOptions daymet;
};

constexpr const char* kFooter = R"(
Examples:
  rastream stac create daymet catalog
  rastream stac create daymet catalog --regions hi,pr --years 1980:2022
  rastream stac create daymet catalog --href-template 'https://host/daymet/daymet_v4_daily_{region}_{variable}_{year}.nc'

Items are named REGION-YEAR, such as pr-1985, in a collection for each region, such as region-pr.)";

int year_of(std::string_view text, const std::string& years) {
  int year = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), year);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size())
    throw Error(Errc::invalid_argument, "--years '{}': expected FIRST:LAST", years);
  return year;
}

void set_years(Arguments& a) {
  if (a.years.empty()) return;
  const auto colon = a.years.find(':');
  const std::string_view text = a.years;
  a.daymet.first_year = year_of(text.substr(0, colon), a.years);
  a.daymet.last_year =
      colon == std::string::npos ? a.daymet.first_year : year_of(text.substr(colon + 1), a.years);
}

int run(Arguments a) {
  set_years(a);
  Catalog catalog = daymet_catalog(a.daymet);
  const SaveReport report = a.save(catalog, a.folder);
  std::cout << report_line(a.folder, catalog.document(), report);
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "Makes a catalog over an archive that has none. For Daymet V4: a collection for each region, "
      "an item for\neach year, the seven variables as assets. Nothing is fetched.");
  app.footer(kFooter);
  app.add_option("archive", a->archive, "daymet")->required()->check(CLI::IsMember({"daymet"}));
  app.add_option("folder", a->folder, "folder that receives catalog.json")->required();
  app.add_option("--regions", a->daymet.regions, "na, pr, hi")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--years", a->years, "FIRST:LAST; default: 1980:2022, in Puerto Rico from 1950");
  app.add_option("--href-template", a->daymet.href_template,
                 "where the files are, with {region}, {variable} and {year}")
      ->capture_default_str();
  app.add_flag("--flat", a->daymet.is_flat, "without collections: all items in the catalog itself");
  a->WriteArguments::add_to(app);
  return [a] { return run(*a); };
}

}  // namespace

Command make_stac_create_command() {
  return {"create", "A catalog over an archive that has none", &set_up};
}

}  // namespace rastream
