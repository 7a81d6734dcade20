// SPDX-License-Identifier: Apache-2.0
// A catalog over the files of Daymet V4 R1 (doi 10.3334/ORNLDAAC/2129), which come without one.
#pragma once

#include <string>
#include <vector>

#include "rastream/catalog/catalog.h"

namespace rastream {

struct DaymetCatalogOptions {
  std::vector<std::string> regions = {"na", "pr", "hi"};
  /// 0: from 1980, in Puerto Rico 1950, to 2022.
  int first_year = 0;
  int last_year = 0;
  /// Where the files are; {region}, {variable} and {year} stand for what they say.
  std::string href_template =
      "https://thredds.daac.ornl.gov/thredds/fileServer/ornldaac/2129/"
      "daymet_v4_daily_{region}_{variable}_{year}.nc";
  /// All items in the catalog itself, without a collection for each region.
  bool is_flat = false;
};

/// A catalog "daymet-daily-v4" with a collection "region-na", ... for each region, in it an item
/// "na-1980", ... for each year, and in that the seven variables as assets: dayl, prcp, srad, swe,
/// tmax, tmin, vp. Boxes are those of Daymet's user guide. Throws invalid_argument for another
/// region, a year without four digits, or a template without {year}.
Catalog daymet_catalog(const DaymetCatalogOptions& options);

}  // namespace rastream
