// SPDX-License-Identifier: Apache-2.0
// The static STAC catalog of a Daymet-like set: catalog.json, daymet-daily-v4/collection.json and
// an item a year beside its files. All hrefs are relative, so that the folder may move.
#pragma once

#include <string>
#include <vector>

#include "rastream/format/daymet_like_grid.h"

namespace rastream {

inline constexpr const char* kDaymetCollection = "daymet-daily-v4";

/// {folder}/daymet-daily-v4/{region}-{year}
std::string daymet_item_folder(const std::string& folder, const std::string& region, int year);
/// daymet_v4_daily_na_tmin_1980.nc
std::string daymet_file_name(const std::string& region, const std::string& variable, int year);

/// Writes the item of one year; its files are beside it.
void write_daymet_item(const std::string& folder, const DaymetGrid& grid, int year,
                       const std::vector<std::string>& variables);
/// Writes collection and catalog over all items that are in the folder, earlier runs' too.
void write_daymet_catalog(const std::string& folder);

}  // namespace rastream
