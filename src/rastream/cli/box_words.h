// SPDX-License-Identifier: Apache-2.0
// --bbox in two forms: "--bbox W,S,E,N" and, as other STAC clients have it, "--bbox W S E N".
#pragma once

#include <string>
#include <vector>

namespace rastream {

/// What --help says of a box.
inline constexpr const char* kBoxHelp = "W,S,E,N in degrees, with commas or blanks";

/// The words of a command line with those of each --bbox made one, "--bbox=W,S,E,N": options that
/// take several words would take what follows them too. Four numbers belong to a box, or six where
/// so many stand there.
std::vector<std::string> with_joined_boxes(std::vector<std::string> words);

}  // namespace rastream
