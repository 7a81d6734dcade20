// SPDX-License-Identifier: Apache-2.0
// The commands below `rastream stac`: each is in a file of its own and adds itself.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace rastream {

/// What runs when the arguments are parsed: it returns the exit code or throws Error.
using StacAction = std::function<int()>;

/// Each adds its subcommand to `stac`; when that is chosen it sets `chosen`.
void add_stac_collections(CLI::App& stac, StacAction& chosen);
void add_stac_copy(CLI::App& stac, StacAction& chosen);
void add_stac_index(CLI::App& stac, StacAction& chosen);
void add_stac_search(CLI::App& stac, StacAction& chosen);
void add_stac_serve(CLI::App& stac, StacAction& chosen);

}  // namespace rastream
