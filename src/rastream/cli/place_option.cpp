// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/place_option.h"

#include <charconv>

#include "rastream/base/error.h"

namespace rastream {
namespace {

/// The whole of `text` as a number.
bool parse_number(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

void add_place_options(CLI::App& app, PlaceText& text) {
  CLI::Option* append =
      app.add_option("--append", text.append,
                     "dimension along which OUT, a Zarr store that may exist, grows by IN");
  app.add_option("--region", text.region,
                 "cells of an existing Zarr store OUT that IN replaces, such as time=0:31,y=5:9")
      ->delimiter(',')
      ->excludes(append);
}

WritePlace parse_place(const PlaceText& text) {
  WritePlace place{text.append, {}};
  for (const std::string& item : text.region) {
    const auto equals = item.find('=');
    const auto colon = item.find(':', equals == std::string::npos ? 0 : equals);
    IndexRange range;
    const bool is_range =
        equals != std::string::npos && equals > 0 && colon != std::string::npos &&
        parse_number(std::string_view(item).substr(equals + 1, colon - equals - 1), range.begin) &&
        parse_number(std::string_view(item).substr(colon + 1), range.end);
    if (!is_range || !place.region.emplace(item.substr(0, equals), range).second) {
      throw Error(Errc::invalid_argument,
                  "--region '{}': expected DIMENSION=BEGIN:END once for each dimension, such as "
                  "time=0:31",
                  item);
    }
  }
  return place;
}

}  // namespace rastream
