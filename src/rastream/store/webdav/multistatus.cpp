// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/webdav/multistatus.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <unordered_set>

#include "rastream/store/bounded_xml.h"
#include "rastream/store/http/retry.h"

namespace rastream {
namespace {

constexpr std::string_view kDav = "DAV:";
constexpr std::string_view kDCache = "http://www.dcache.org/2013/webdav";
constexpr std::string_view kSrm = "http://srm.lbl.gov/StorageResourceManager";

/// Namespace of the node's prefix: the nearest declaration on the way to the root.
std::string_view namespace_of(const pugi::xml_node& node, std::string_view prefix) {
  const std::string name = prefix.empty() ? "xmlns" : fmt::format("xmlns:{}", prefix);
  for (pugi::xml_node n = node; n; n = n.parent()) {
    if (const pugi::xml_attribute a = n.attribute(name.c_str())) return a.value();
  }
  return "";
}

bool is_element(const pugi::xml_node& node, std::string_view space, std::string_view local) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  const std::string_view own = colon == std::string_view::npos ? name : name.substr(colon + 1);
  return own == local &&
         namespace_of(node, colon == std::string_view::npos ? "" : name.substr(0, colon)) == space;
}

/// The first child element of that name; an empty node when there is none.
pugi::xml_node child(const pugi::xml_node& parent, std::string_view space, std::string_view local) {
  for (const pugi::xml_node& node : parent.children()) {
    if (is_element(node, space, local)) return node;
  }
  return {};
}

class MultistatusReader {
 public:
  MultistatusReader(const Url& requested, HrefText text)
      : url_(requested),
        hrefs_are_raw_(text == HrefText::raw),
        what_(requested.without_query_and_secrets()) {
    folder_ = decoded(url_.path);
    while (folder_.ends_with('/')) folder_.pop_back();
  }

  std::vector<FileInfo> read(std::string_view xml) {
    pugi::xml_document document;
    if (const std::string why = load_xml(xml, document); !why.empty()) refuse(why);
    const pugi::xml_node root = document.document_element();
    if (!is_element(root, kDav, "multistatus")) refuse("no multistatus");
    for (const pugi::xml_node& node : root.children()) {
      if (is_element(node, kDav, "response")) add(node);
    }
    if (!has_itself_) refuse("nothing about the resource itself");
    std::stable_partition(found_.begin(), found_.end(),
                          [](const FileInfo& info) { return info.path.empty(); });
    return std::move(found_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Errc::data_loss, "list {}: the server's answer is not to be trusted: {}", what_,
                why);
  }

  std::string decoded(std::string_view path) const {
    const auto text = percent_decode(path);
    if (!text) refuse(fmt::format("'{}' is not percent-encoded", path));
    return *text;
  }

  /// "" for the resource itself, else one name.
  std::string name_of(std::string_view href) const {
    Url url;
    try {
      url = resolve_url(url_, hrefs_are_raw_ ? percent_encode(href, "/") : std::string(href));
    } catch (const Error&) {
      refuse("an href that is no URL");
    }
    const std::string shown = url.without_query_and_secrets();
    if (url.host != url_.host) refuse(fmt::format("it names {}, another server", shown));
    // Slashes between names are those of the raw text: %2F would be part of a name.
    std::string raw = url.path;
    while (raw.ends_with('/')) raw.pop_back();
    if (decoded(raw) == folder_) return "";
    const std::size_t slash = raw.rfind('/');
    const std::string name = decoded(std::string_view(raw).substr(slash + 1));
    if (decoded(std::string_view(raw).substr(0, slash)) != folder_)
      refuse(fmt::format("it names {}, which lies elsewhere", shown));
    const bool is_plain = !name.empty() && name != "." && name != ".." &&
                          name.find('/') == name.npos && name.find('\0') == name.npos;
    if (!is_plain) refuse(fmt::format("{} is no name", shown));
    return name;
  }

  void add(const pugi::xml_node& response) {
    const pugi::xml_node href = child(response, kDav, "href");
    if (!href) refuse("a response without href");
    FileInfo info;
    info.path = name_of(trimmed_text(href));
    if (!names_.insert(info.path).second)
      refuse(fmt::format("it names '{}' twice", info.path.empty() ? "itself" : info.path));
    has_itself_ = has_itself_ || info.path.empty();
    for (const pugi::xml_node& propstat : response.children()) {
      if (!is_element(propstat, kDav, "propstat")) continue;
      const std::string_view status = trimmed_text(child(propstat, kDav, "status"));
      if (status.find(" 200") == std::string_view::npos) continue;
      for (const pugi::xml_node& property : child(propstat, kDav, "prop").children())
        take(property, info);
    }
    if (!info.path.ends_with(kTemporarySuffix)) found_.push_back(std::move(info));
  }

  void take(const pugi::xml_node& property, FileInfo& info) const {
    const std::string_view text = trimmed_text(property);
    if (is_element(property, kDav, "resourcetype")) {
      info.is_folder = static_cast<bool>(child(property, kDav, "collection"));
    } else if (is_element(property, kDav, "getcontentlength")) {
      if (!text.empty()) info.size_bytes = length_of(text);
    } else if (is_element(property, kDav, "getlastmodified")) {
      info.modified_ms = parse_http_date_ms(text);
    } else if (is_element(property, kDav, "creationdate")) {
      info.created_ms = iso_ms(text);
    } else if (is_element(property, kDav, "getetag")) {
      info.etag = text;
    } else if (is_element(property, kDCache, "Checksums")) {
      info.digests = parse_digest_field("Digest", text);
    } else if (is_element(property, kSrm, "FileLocality")) {
      info.locality = parse_locality(text);
    }
  }

  std::int64_t length_of(std::string_view text) const {
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
      refuse("a length that is no number");
    return value;
  }

  /// "2023-05-04T22:47:35Z" (RFC 3339), in UTC as RFC 4918 asks for; nothing for other text.
  static std::optional<std::int64_t> iso_ms(std::string_view text) {
    std::tm t{};
    const std::string copy(text);
    const char* end = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &t);
    if (end == nullptr) return std::nullopt;
    const std::time_t seconds = ::timegm(&t);
    std::int64_t ms = 0;
    if (*end == '.') {
      std::int64_t scale = 100;
      for (++end; *end >= '0' && *end <= '9'; ++end, scale /= 10) ms += (*end - '0') * scale;
    }
    if (std::string_view(end) != "Z" && std::string_view(end) != "+00:00") return std::nullopt;
    return static_cast<std::int64_t>(seconds) * 1000 + ms;
  }

  const Url& url_;
  bool hrefs_are_raw_;
  std::string what_;
  std::string folder_;  // decoded path of the requested resource, without '/' at its end
  std::vector<FileInfo> found_;
  std::unordered_set<std::string> names_;
  bool has_itself_ = false;
};

}  // namespace

std::string_view propfind_body() {
  return R"(<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:" xmlns:c="http://www.dcache.org/2013/webdav" xmlns:s="http://srm.lbl.gov/StorageResourceManager"><d:prop><d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:creationdate/><d:getetag/><c:Checksums/><s:FileLocality/></d:prop></d:propfind>)";
}

std::vector<FileInfo> parse_multistatus(std::string_view xml, const Url& requested, HrefText text) {
  return MultistatusReader(requested, text).read(xml);
}

}  // namespace rastream
