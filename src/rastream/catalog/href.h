// SPDX-License-Identifier: Apache-2.0
// References between the documents of a catalog. A document is at a path of this machine or at a
// URL; between paths the rules of paths hold, between URLs those of RFC 3986.
#pragma once

#include <string>
#include <string_view>

namespace rastream {

/// The absolute, normalised path that `href` names from the document `base_file`: relative paths
/// (with ".."), absolute paths and file:// URLs. Throws unsupported "not a local path" for any
/// other scheme, data_loss for an empty href or one with a NUL.
std::string resolve_href(std::string_view href, const std::string& base_file);

/// How `target_file` is written in `base_file`: "./na-1980/na-1980.json".
std::string relative_href(const std::string& target_file, const std::string& base_file);

/// The path or URL of the document that `href` names from the document at `base`, a path, a URL or
/// "" for the working folder. Throws as resolve_href does; permission_denied when `base` is a URL
/// and `href` a file:// URL, for what comes from outside names no file of this machine, or is in
/// another store than `base` and not on the web.
std::string resolve_location(std::string_view href, const std::string& base);

/// As resolve_location for what an asset or any other link names; an href of a scheme that is not
/// known, such as "s3://bucket/x", is what it is.
std::string absolute_href(std::string_view href, const std::string& base);

/// How the document or file `target` is written in the document at `base`: relative when both are
/// paths, or URLs of one origin, else `target`.
std::string relative_location(const std::string& target, const std::string& base);

/// `href` of the document at `from` as a document anywhere may have it: absolute where it names
/// something. A path that a document of the web gives is one of the web and never becomes one of
/// this machine: "file:///x" becomes a name of nothing at its own server, which shows what it was.
std::string lasting_href(const std::string& href, const std::string& from);

/// The folder of a document's place, a path or a URL, with its '/'; "" for a bare name.
std::string folder_of(const std::string& href);

/// True for an absolute path and for whatever begins with a scheme.
bool is_absolute_href(std::string_view href);

}  // namespace rastream
