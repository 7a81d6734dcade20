// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/document.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "rastream/catalog/migrate.h"
#include "rastream/catalog/parts.h"

namespace rastream {
namespace {

constexpr std::int64_t kMaxDocumentBytes = std::int64_t{1} << 30;

Error read_error(const std::string& path) {
  return error_from_errno(errno, "cannot read the STAC document", path);
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {
    if (fd_ < 0) throw read_error(path);
  }
  ~OpenFile() { ::close(fd_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::string identity_of(const struct stat& status) {
  std::string identity(reinterpret_cast<const char*>(&status.st_dev), sizeof status.st_dev);
  return identity.append(reinterpret_cast<const char*>(&status.st_ino), sizeof status.st_ino);
}

/// What is read at one place.
class DocumentParser {
 public:
  DocumentParser(const std::string& href, const Renewal& renew) : href_(href), renew_(renew) {}

  Document parse(JsonText text) const {
    if (find_member(text.view(), "type") == "\"FeatureCollection\"") {
      if (auto items = item_collection(text)) return *std::move(items);
    }
    JsonObjectElement object = expect_document(text, href_);
    if (is_old(object)) {
      text = renew_(text);
      object = expect_document(text, href_);
    }
    const std::string type = text_or_empty(object, "type");
    if (type == "Feature") return parse_item(object, std::move(text), href_);
    if (type == "FeatureCollection") {
      expect_member<simdjson::dom::array>(object, "features", href_);
      if (auto items = item_collection(text)) return *std::move(items);
      throw Error(Errc::data_loss, "{}: expected the name of its member 'features' without escapes",
                  href_);
    }
    // Catalogs and collections have no type before 1.0.0-rc.1.
    const bool is_untyped =
        type.empty() && has_member(object, "stac_version") && has_member(object, "links");
    if (type == "Catalog" || type == "Collection" || is_untyped)
      return parse_collection(object, std::move(text), href_);
    throw Error(Errc::data_loss, "{}: expected a STAC catalog, collection or item{}", href_,
                type.empty() ? "" : fmt::format(", not a '{}'", type.substr(0, 60)));
  }

 private:
  bool is_old(JsonObjectElement object) const {
    return renew_ && is_migrated_version(text_or_empty(object, "stac_version"));
  }

  /// Each item is parsed by itself, so that what the parser makes of it is still in the processor's
  /// cache when it is looked at. Nothing when it is no JSON.
  std::optional<ItemCollection> item_collection(const JsonText& text) const {
    const std::string_view features = find_member(text.view(), "features");
    const auto texts = scan_elements(features);
    ItemCollection out;
    if (!texts || !parse_around(features, text, out)) return std::nullopt;
    out.items.reserve(texts->size());
    for (const std::string_view feature : *texts) {
      const JsonText part = text.part(feature);
      const auto element = try_parse_element(part);
      if (!element) return std::nullopt;
      out.items.push_back(parse_feature(*element, part));
    }
    return out;
  }

  /// All but the items. False when that is no JSON.
  bool parse_around(std::string_view features, const JsonText& text, ItemCollection& out) const {
    const std::string_view all = text.view();
    const auto begin = static_cast<std::size_t>(features.data() - all.data());
    const JsonText around(
        fmt::format("{}[]{}", all.substr(0, begin), all.substr(begin + features.size())));
    const auto root = try_parse_element(around);
    JsonObjectElement object;
    if (!root || root->get(object) != simdjson::SUCCESS) return false;
    const auto take = [&](std::string_view key, JsonElement value, const JsonMember& member) {
      if (key == "links" && out.links.empty())
        out.links = parse_links(value, around.part(member.value), href_);
    };
    for_each_with_text(object, around.view(), take);
    out.href = href_;
    out.text = text;
    return true;
  }

  Item parse_feature(JsonElement element, const JsonText& text) const {
    const auto object = expect<JsonObjectElement>(element, "features", href_);
    return is_old(object) ? parse_item(renew_(text), href_) : parse_item(object, text, href_);
  }

  const std::string& href_;
  const Renewal& renew_;
};

}  // namespace

Document parse_document(JsonText text, const std::string& href, const Renewal& renew) {
  return DocumentParser(href, renew).parse(std::move(text));
}

JsonText read_document(const std::string& path) {
  std::string identity;
  return read_document(path, identity);
}

JsonText read_document(const std::string& path, std::string& identity) {
  const OpenFile file(path);
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) throw read_error(path);
  if (!S_ISREG(status.st_mode))
    throw Error(Errc::not_found, "the STAC document '{}' is not a file", path);
  if (status.st_size > kMaxDocumentBytes) {
    throw Error(Errc::data_loss, "'{}' has {} bytes: expected a STAC document of at most {}", path,
                status.st_size, kMaxDocumentBytes);
  }
  identity = identity_of(status);
  return JsonText::filled(static_cast<std::size_t>(status.st_size), [&](char* to, std::size_t n) {
    std::size_t done = 0;
    while (done < n) {
      const ssize_t got = ::read(file.fd(), to + done, n - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw read_error(path);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  });
}

std::optional<FileState> file_state(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  const auto ns_of = [](const timespec& t) { return t.tv_sec * 1'000'000'000 + t.tv_nsec; };
  // Who puts another file there and gives it the old time changes its status now.
  return FileState{identity_of(status), std::max(ns_of(status.st_mtim), ns_of(status.st_ctim)),
                   status.st_size};
}

}  // namespace rastream
