// SPDX-License-Identifier: Apache-2.0
// XML from servers, read so that no text can do harm.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace rastream {

/// Why `text` cannot be trusted; "" when it was read into `document`. Refused are: what is no XML
/// or broken off, a document type (no server needs one; bombs do), a NUL, more than 4,000,000 tags.
/// Takes memory of a constant times the length of the text, and no stack that grows with depth.
std::string load_xml(std::string_view text, pugi::xml_document& document);

/// Without blanks around it.
std::string_view trimmed_text(const pugi::xml_node& node);

}  // namespace rastream
