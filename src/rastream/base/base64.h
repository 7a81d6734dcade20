// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648, section 4), padded.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rastream/base/bytes.h"

namespace rastream {

std::string base64_encode(std::span<const std::byte> bytes);
/// Nothing when `text` is not padded base64.
std::optional<Bytes> base64_decode(std::string_view text);

}  // namespace rastream
