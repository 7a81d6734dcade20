// SPDX-License-Identifier: Apache-2.0
// The subcommands of rastream stac: one file each, one row each in the table of cmd_stac.cpp.
#pragma once

#include "rastream/cli/command.h"

namespace rastream {

Command make_stac_collections_command();
Command make_stac_copy_command();
Command make_stac_create_command();
Command make_stac_describe_command();
Command make_stac_index_command();
Command make_stac_ls_command();
Command make_stac_queryables_command();
Command make_stac_save_command();
Command make_stac_search_command();
Command make_stac_serve_command();
Command make_stac_show_command();
Command make_stac_subcatalogs_command();
Command make_stac_validate_command();

}  // namespace rastream
