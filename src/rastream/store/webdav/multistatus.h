// SPDX-License-Identifier: Apache-2.0
// The answer of a WebDAV server to PROPFIND: RFC 4918, section 13, with the properties of dCache.
#pragma once

#include <string_view>
#include <vector>

#include "rastream/store/file_system.h"
#include "rastream/store/http/url.h"

namespace rastream {

/// The body of a PROPFIND that asks for what parse_multistatus reads.
std::string_view propfind_body();

/// How a server writes the names in its hrefs: as RFC 3986 wants it, or as they are (XrootD 5.5).
enum class HrefText { encoded, raw };

/// What the server says of the resource at `requested` and, of a folder, of what lies in it. The
/// first entry is the resource itself, with an empty path; the others have their name as path, in
/// the order of the text.
///
/// A name comes out of a server's text and goes into paths, so it is one plain name or the whole
/// answer is refused: an href of another host, outside the folder, deeper than one level, with '/',
/// "." or ".." or NUL in its decoded name, named twice, or missing is data_loss; so are a text that
/// is no XML, broken off, with a document type (no server needs one; bombs do), or with more than
/// 4,000,000 tags, and lengths that are no numbers. Nothing that the text claims takes memory
/// beyond a constant times its length.
std::vector<FileInfo> parse_multistatus(std::string_view xml, const Url& requested,
                                        HrefText text = HrefText::encoded);

}  // namespace rastream
