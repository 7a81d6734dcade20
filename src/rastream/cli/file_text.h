// SPDX-License-Identifier: Apache-2.0
// What is known of files, for people and as JSON. Shared by ls, stat, cat, cp, mv and rm.
#pragma once

#include <optional>
#include <string>

#include "rastream/base/json.h"
#include "rastream/base/printable.h"
#include "rastream/store/location.h"

namespace rastream {

/// "1234567" or, for people, "1.2 M".
std::string shown_size(std::int64_t size_bytes, bool for_people);
/// "2023-05-04T22:47:35Z"; "-" when it is not known.
std::string shown_time(std::optional<std::int64_t> ms);
/// What ls --json and stat --json say of a file; `name` is how it is shown.
Json json_of(const FileInfo& info, const std::string& name);

}  // namespace rastream
