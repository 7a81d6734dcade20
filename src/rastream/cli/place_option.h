// SPDX-License-Identifier: Apache-2.0
// --append and --region: where in an existing OUT something goes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rastream/cli/command.h"
#include "rastream/exec/place.h"

namespace rastream {

struct PlaceText {
  std::string append;
  std::vector<std::string> region;
};

/// Adds both options, which exclude each other.
void add_place_options(CLI::App& app, PlaceText& text);

/// Throws invalid_argument for what is not DIMENSION=BEGIN:END.
WritePlace parse_place(const PlaceText& text);

}  // namespace rastream
